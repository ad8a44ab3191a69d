/** The first door of the core: one immutable view of everything that the daemon knows, for one request. */
import type { Epoch, Seq } from './model/ids.ts';
import type { LinkSelection } from './model/link-selection.ts';
import type { State } from './model/state.ts';
import type { RoutingStatus } from './routing/report/status.ts';
import type { TableNames } from './routing/wanted/table-names.ts';

/** How much work waits for hooks. */
export interface HookLoad {
  /** Events that wait for their turn. */
  readonly waiting: number;
  /** Links and hosts whose hooks run now. */
  readonly running: number;
}

export interface Snapshot {
  readonly state: State;
  readonly epoch: Epoch;
  /** Number of the newest record; the state contains everything up to it. */
  readonly seq: Seq;
  /** Whether the kernel has been read once, so that the state is complete. */
  readonly isReady: boolean;
  readonly load: HookLoad;
  /** Which links the operator watches. */
  readonly selection: LinkSelection;
  /** Names of the tables that policy routing uses. */
  tableNames(): TableNames;
  /** The state of policy routing; computed when asked for. Undefined before the kernel has been read. */
  routing(): RoutingStatus | undefined;
}
