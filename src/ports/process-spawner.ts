/** Starting programs: hooks and nothing else. */
import type { Millis } from '../core/model/ids.ts';

export interface SpawnRequest {
  /** Absolute path; executed directly, never by a shell. */
  readonly file: string;
  /** With argv[0]. */
  readonly argv: readonly [string, ...string[]];
  /** All that the program's environment has. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** What it reads on its standard input. */
  readonly stdin: Uint8Array;
  /** Bytes of stdout and stderr together that are kept: the first ones. */
  readonly outputLimit: number;
  /** Put down by the process itself, right before it becomes the program: true also where the daemon dies meanwhile. */
  readonly note?: LaunchNote;
}

export interface LaunchNote {
  /** Of an open file. */
  readonly descriptor: number;
  readonly bytes: Uint8Array;
}

/** How a process ended. Both null: it cannot be known. */
export interface ProcessEnd {
  readonly code: number | null;
  /** Number of the signal. */
  readonly signal: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Bytes of output beyond the limit. */
  readonly dropped: number;
  /** A descendant still had an output pipe open after the end; what it writes is lost. */
  readonly outputStillOpen: boolean;
  readonly cpu: Millis;
  readonly duration: Millis;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** With the pid it names the process for as long as the machine is up: field 22 of /proc/PID/stat. 0: unknown. */
  readonly startTime: number;
  /** Resolves once, at the end of the process itself, not of its descendants or its pipes. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Sends a signal to its process group. False where nobody is left to get it. */
  signal(number: number): boolean;
  /**
   * Keeps the process group addressable after the end, until `release`. To be called before the end; without it the
   * number may belong to somebody else once `ended` has resolved, and `signal` reaches nobody.
   */
  hold(): void;
  release(): void;
}

export type SpawnOutcome =
  | { readonly ok: true; readonly process: SpawnedProcess }
  /** `code` is the errno's name: ENOENT, EACCES, ENOEXEC, E2BIG, EAGAIN … */
  | { readonly ok: false; readonly code: string };

export interface ProcessSpawner {
  /** Starts a program in a session and process group of its own, without capabilities. Never throws for the world's sake. */
  spawn(request: SpawnRequest): SpawnOutcome;
}
