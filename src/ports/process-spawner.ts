/** Starts programs: hooks only. */
import type { Millis } from '../core/model/ids.ts';

export interface SpawnRequest {
  /** Absolute path; executed directly, never by a shell. */
  readonly file: string;
  /** With argv[0]. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Standard input. */
  readonly stdin: Uint8Array;
  /** Maximum number of captured bytes of stdout and stderr together. */
  readonly outputLimit: number;
  /** Written by the process itself right before it becomes the program, even if the daemon dies meanwhile. */
  readonly note?: LaunchNote;
}

export interface LaunchNote {
  /** Its file descriptor. */
  readonly descriptor: number;
  readonly bytes: Uint8Array;
}

/** How a process ended. Code and signal both null: unknown. */
export interface ProcessEnd {
  readonly code: number | null;
  /** Number of the signal. */
  readonly signal: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Bytes of output beyond the limit. */
  readonly dropped: number;
  /** A descendant still had an output pipe open after the end; its later output is lost. */
  readonly outputStillOpen: boolean;
  readonly cpu: Millis;
  readonly duration: Millis;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** With the pid it identifies the process until the next boot: field 22 of /proc/PID/stat. 0: unknown. */
  readonly startTime: number;
  /** Resolves once, at the end of the process itself, not of its descendants or its pipes. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Sends a signal to its process group. Returns false if the group is empty. */
  signal(number: number): boolean;
  /**
   * Keeps the number of the process group reserved after the end, until `release`. Call it before the
   * end. Without it another process may have the number once `ended` has resolved, and `signal` does nothing.
   */
  reserve(): void;
  release(): void;
}

export type SpawnOutcome =
  | { readonly ok: true; readonly process: SpawnedProcess }
  /** `code` is the errno's name: ENOENT, EACCES, ENOEXEC, E2BIG, EAGAIN … */
  | { readonly ok: false; readonly code: string };

export interface ProcessSpawner {
  /**
   * Starts a program in a session and process group of its own, without capabilities. Throws for bugs only.
   */
  spawn(request: SpawnRequest): SpawnOutcome;
}
