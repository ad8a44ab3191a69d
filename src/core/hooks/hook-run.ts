/** One execution of one hook for one event: the record that logs, metrics, the API and the history use. */
import type { LinkRef } from '../model/change.ts';
import type { HookDirectory } from '../model/event-table.ts';
import type { EventId, Millis, Seq, Timestamp } from '../model/ids.ts';
import type { PathRefusalCode } from '../model/path-trust.ts';
import type { Source } from '../model/vocabulary.ts';

/**
 * Of a hook that root has granted privileges. `privileges`: the file that grants them is not valid; `no-runner`: nobody
 * listens; `runner`: the runner refuses the request.
 */
export type PrivilegeRefusalCode = 'privileges' | 'no-runner' | 'runner';

export type HookOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  /** `signal` is its name, `SIGSEGV`. */
  | { readonly kind: 'signalled'; readonly signal: string }
  /** It exceeded its timeout. `abandoned`: it hangs in the kernel, and even SIGKILL did not end it. */
  | {
      readonly kind: 'timed-out';
      readonly after: Millis;
      readonly killed: boolean;
      readonly abandoned: boolean;
    }
  /** An orphan of an earlier daemon ended; its exit status is unknown. */
  | { readonly kind: 'unseen' }
  /** The daemon stopped and did not wait any longer. */
  | { readonly kind: 'stopped'; readonly abandoned: boolean }
  | {
      readonly kind: 'refused';
      readonly code: PathRefusalCode | 'invalid-link-name' | PrivilegeRefusalCode;
      readonly reason: string;
      readonly remedy: string;
      /** Of a file that could not be examined. */
      readonly errno?: string;
    }
  /** execve(2) failed: the name of the errno and its meaning for a script. */
  | { readonly kind: 'not-started'; readonly code: string; readonly reason: string };

export interface HookRun {
  readonly eventId: EventId;
  readonly seq: Seq;
  readonly directory: HookDirectory;
  readonly link?: LinkRef;
  readonly source: Source;
  readonly state: string;
  /** Name of the file; '' for the whole directory. */
  readonly script: string;
  /** Absolute path of the file, or of the directory if `script` is ''. */
  readonly path: string;
  readonly startedAt: Timestamp;
  /** From the start to the end; 0 if it did not start. */
  readonly duration: Millis;
  readonly outcome: HookOutcome;
  /** Its output as text; bytes that are not UTF-8 are U+FFFD. */
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of output beyond the limit. */
  readonly droppedOutput: number;
  /** A process that it started still had its output open when it ended. */
  readonly outputStillOpen: boolean;
  /** CPU time of the hook and of the children that it waited for. */
  readonly cpu: Millis;
  readonly pid?: number;
  /** It may have run before: after a crash that is unknown. */
  readonly retry: boolean;
}

/** Whether the hook exited with status 0. */
export const succeeded = ({ outcome }: HookRun): boolean => outcome.kind === 'exited' && outcome.code === 0;
