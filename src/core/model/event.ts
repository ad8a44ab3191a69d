/**
 * Events: what the operator's hooks, the history and the stream are told. One event is one real transition.
 */
import type { IpAddress } from './address.ts';
import type { LinkRef } from './change.ts';
import type { HookDirectory } from './event-table.ts';
import type { EventId, Seq, Timestamp } from './ids.ts';
import type { RouteObject } from './kernel-objects.ts';
import type { Source } from './vocabulary.ts';

/** One route that came, went or changed. */
export interface RouteDelta {
  readonly action: 'new' | 'del' | 'change';
  readonly route: RouteObject;
  /** What it was, for `change`. */
  readonly previous?: RouteObject;
}

/** An event before it has been numbered. */
export interface EventDraft {
  readonly directory: HookDirectory;
  /** `EVENT`: the directory's name; for routes `new`, `del` or `change`. */
  readonly name: string;
  /** Absent for `manager`. */
  readonly link?: LinkRef;
  /** Who said it: `BACKEND`. */
  readonly source: Source;
  /** `STATE`: the state that was reached; for events that are not a state, the link's operational state. */
  readonly state: string;
  readonly previousState?: string;
  /** On address events, in the order in which they came. */
  readonly changedAddresses?: readonly IpAddress[];
  readonly routesDelta?: readonly RouteDelta[];
  /** On manager events: the properties, by the name that the manager gives them. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Told because netevd started, not because something happened just now. */
  readonly initial: boolean;
  /** Found by reading again after messages were lost. */
  readonly resync: boolean;
}

export interface NetworkEvent extends EventDraft {
  readonly id: EventId;
  readonly seq: Seq;
  readonly at: Timestamp;
}
