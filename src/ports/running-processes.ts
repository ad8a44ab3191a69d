/** Processes that somebody else started: hooks of an earlier run, which are no children of this one. */

import type { NamedProcess } from '../core/journal/recovery.ts';
import type { Millis } from '../core/model/ids.ts';
import type { SpawnedProcess } from './process-spawner.ts';

/** How it ends cannot be known: `ended` has neither code nor signal. */
export interface RunningProcess extends SpawnedProcess {
  /** How long it has been running. */
  readonly age: Millis;
}

export interface RunningProcesses {
  isRunning(named: NamedProcess): boolean;
  /** The process, leader of its group, that was started as this file and has this in its environment (`NAME=value`). */
  search(file: string, variable: string): NamedProcess | undefined;
  /** Watched from now on; undefined where it has ended. */
  find(named: NamedProcess): RunningProcess | undefined;
}
