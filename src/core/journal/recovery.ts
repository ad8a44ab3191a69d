/** What an earlier run left behind, as the next one takes it over. */
import type { NetworkEvent } from '../model/event.ts';
import type { State } from '../model/state.ts';
import type { ReportedValues } from '../model/transition.ts';

/** An event whose hooks an earlier run has not finished. */
export interface PendingEvent {
  readonly event: NetworkEvent;
  readonly resume: ResumePoint;
}

/** How far an earlier run has come with the scripts of an event, by their paths. */
export interface ResumePoint {
  /** Those that have started: they do not run again. */
  readonly done: ReadonlySet<string>;
  /** Those of which it is not known whether they started: they run, and are told so. */
  readonly uncertain: ReadonlySet<string>;
  /** The one that ran when the earlier run ended: nothing of this link runs before it has ended. */
  readonly orphan?: Orphan;
}

/** A script that an earlier run started and did not see the end of. */
export interface Orphan {
  readonly path: string;
  /** Absent where it is not known, or has ended. */
  readonly process?: NamedProcess;
}

/** A number alone is taken again; with the start time it names one process for as long as the machine is up. */
export interface NamedProcess {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly startTime: number;
}

/** What an earlier run left behind. */
export interface RecoveredRun {
  readonly state: State;
  /** In their order. */
  readonly pending: readonly PendingEvent[];
  /** What transitions were reported last. Absent in a journal that an older version wrote. */
  readonly reported?: ReportedValues;
}
