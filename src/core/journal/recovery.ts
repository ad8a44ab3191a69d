/** What the journal says about an earlier run, for the next run to continue. */
import type { NetworkEvent } from '../model/event.ts';
import type { State } from '../model/state.ts';
import type { ReportedValues } from '../model/transition.ts';

/** An event whose hooks an earlier run did not complete. */
export interface PendingEvent {
  readonly event: NetworkEvent;
  readonly resume: ResumePoint;
}

/** How far an earlier run was with the scripts of an event. Scripts are named by path. */
export interface ResumePoint {
  /** Scripts that have started: they do not run again. */
  readonly done: ReadonlySet<string>;
  /** Scripts that may or may not have started: they run with `NETEVD_RETRY=1`. */
  readonly uncertain: ReadonlySet<string>;
  /** The script that was running when the earlier run ended: no hook of this link runs before it ends. */
  readonly orphan?: Orphan;
}

/** A script that an earlier run started and that may still run. */
export interface Orphan {
  readonly path: string;
  /** Absent if the process is unknown or has ended. */
  readonly process?: NamedProcess;
}

/** A process. The kernel reuses process numbers; with the start time the name is unique for one boot. */
export interface NamedProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly startTime: number;
}

/** What the journal says about an earlier run. */
export interface RecoveredRun {
  readonly state: State;
  /** In the order of the events. */
  readonly pending: readonly PendingEvent[];
  /** What transitions were reported last. Absent in a journal that an older version wrote. */
  readonly reported?: ReportedValues;
}
