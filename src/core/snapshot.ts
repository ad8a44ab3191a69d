/** The first door of the core: one immutable view of everything that the daemon knows, for one request. */
import type { DampingStatus } from './events/damping/damping-lane.ts';
import type { Epoch, IfIndex, Seq } from './model/ids.ts';
import type { LinkSelection } from './model/link-selection.ts';
import type { State } from './model/state.ts';
import type { RoutingStatus } from './routing/report/status.ts';
import type { TableNames } from './routing/wanted/table-names.ts';

/** The load of the hook queue. */
export interface HookLoad {
  /** Events in the queue. */
  readonly waiting: number;
  /** Lanes whose hooks run now. */
  readonly running: number;
}

export interface Snapshot {
  readonly state: State;
  readonly epoch: Epoch;
  /** Number of the newest record; the state contains everything up to it. */
  readonly seq: Seq;
  /** Whether the kernel has been read once, which makes the state complete. */
  readonly isReady: boolean;
  readonly load: HookLoad;
  /** Which links the configuration selects. */
  readonly selection: LinkSelection;
  /** The flap damping of a link; undefined if it has lost no carrier. */
  damping(index: IfIndex): DampingStatus | undefined;
  /** Names of the tables that policy routing uses. */
  tableNames(): TableNames;
  /** Computes the state of policy routing. Undefined before the kernel has been read. */
  routing(): RoutingStatus | undefined;
}
