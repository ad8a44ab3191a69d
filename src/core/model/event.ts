/** Events: what hooks, the history and the stream receive. One event is one real transition. */
import type { IpAddress } from './address.ts';
import type { LinkRef } from './change.ts';
import type { HookDirectory } from './event-table.ts';
import type { EventId, Seq, Timestamp } from './ids.ts';
import type { RouteObject } from './kernel-objects.ts';
import type { Transition } from './transition.ts';
import type { Source } from './vocabulary.ts';

/** One route that was added, removed or changed. */
export interface RouteDelta {
  readonly action: 'new' | 'del' | 'change';
  readonly route: RouteObject;
  /** The route before a `change`. */
  readonly previous?: RouteObject;
}

/** An event without its number. */
export interface EventDraft {
  readonly directory: HookDirectory;
  /** `EVENT`: the name of the directory; for routes `new`, `del` or `change`. */
  readonly name: string;
  /** Absent for `manager`. */
  readonly link?: LinkRef;
  /** `BACKEND`: the source that reported it. */
  readonly source: Source;
  /** `STATE`: the state reached; for events other than state changes, the operational state of the link. */
  readonly state: string;
  readonly previousState?: string;
  /** On address events, in order of arrival. */
  readonly changedAddresses?: readonly IpAddress[];
  readonly routesDelta?: readonly RouteDelta[];
  /** On manager events: the properties, by the manager's names. */
  readonly properties?: Readonly<Record<string, string>>;
  /** The values before and after, of events that report a transition of values. */
  readonly transition?: Transition;
  /** A record for the history, for which no hook runs: the renewal of a lease, or what a damped link does. */
  readonly recordOnly?: true;
  /** A start event: it reports what is true when netevd starts. */
  readonly initial: boolean;
  /** Found by a resync after a sync loss. */
  readonly resync: boolean;
}

export interface NetworkEvent extends EventDraft {
  readonly id: EventId;
  readonly seq: Seq;
  readonly at: Timestamp;
}
