/** What comes out of a step of the engine: findings to be kept and told, and what is to be done, as plain data. */

import type { QueuedEvent } from './hooks/queue.ts';
import type { ResumePoint } from './journal/recovery.ts';
import type { SilentUpdate } from './journal/silent-update.ts';
import type { Change } from './model/change.ts';
import type { NetworkEvent } from './model/event.ts';
import type { EventId } from './model/ids.ts';
import type { State } from './model/state.ts';
import type { ResolverCall } from './resolver/call.ts';
import type { ResolverNotice } from './resolver/resolver-notices.ts';
import type { Reading } from './resync/kernel-resync.ts';
import type { RoutingEffect } from './routing/plan/routing-effect.ts';
import type { RoutingNotice } from './routing/report/routing-notices.ts';

/** The network as the hooks of an event are to see it. */
export interface HookPayload {
  readonly state: State;
  readonly resume?: ResumePoint;
}

export type HookRunOrder = QueuedEvent<HookPayload>;

/** What a step has found out. Everything that must outlive the process is in it. */
export interface Finding {
  readonly kind: 'record';
  readonly changes: readonly Change[];
  /** What no change tells of, and is to be kept all the same; absent where nothing of it is new. */
  readonly silentUpdate?: SilentUpdate;
  /** New events, which wait for their turn now. */
  readonly events: readonly NetworkEvent[];
  /** Those of them that no hook is there for: they are told, and wait for nothing. Absent where there is none. */
  readonly withoutHooks?: ReadonlySet<EventId>;
  /** Events that gave way in a full queue and will not run. */
  readonly superseded: readonly HookRunOrder[];
  readonly resync: boolean;
  /** The first of all: what there is at the start. */
  readonly initial: boolean;
}

/** To be carried out in the order given: what is recorded is recorded before anything starts. */
export type Effect =
  | Finding
  | { readonly kind: 'runHooks'; readonly order: HookRunOrder }
  | { readonly kind: 'readKernel'; readonly reading: Reading }
  /** It has not spoken of a loss of carrier that the kernel told of. */
  | { readonly kind: 'readNetworkd' }
  | { readonly kind: 'changeRouting'; readonly effects: readonly RoutingEffect[] }
  | { readonly kind: 'noticeRouting'; readonly notices: readonly RoutingNotice[] }
  | { readonly kind: 'callResolver'; readonly calls: readonly ResolverCall[] }
  | { readonly kind: 'noticeResolver'; readonly notices: readonly ResolverNotice[] };
