/** Processes of an earlier run: hooks that are not children of this process. */

import type { NamedProcess } from '../core/journal/recovery.ts';
import type { Millis } from '../core/model/ids.ts';
import type { SpawnedProcess } from './process-spawner.ts';

/** `ended` has neither code nor signal: the end cannot be observed. */
export interface RunningProcess extends SpawnedProcess {
  /** Time since its start. */
  readonly age: Millis;
}

export interface RunningProcesses {
  isRunning(named: NamedProcess): boolean;
  /**
   * Finds the process group leader that was started as this file with this variable in its environment
   * (`NAME=value`).
   */
  search(file: string, variable: string): NamedProcess | undefined;
  /** Starts to watch the process; undefined if it has ended. */
  find(named: NamedProcess): RunningProcess | undefined;
}
