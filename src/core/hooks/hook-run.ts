/**
 * What became of one hook script for one event: the record that logs, metrics, the API and the history are
 * made of.
 */
import type { LinkRef } from '../model/change.ts';
import type { HookDirectory } from '../model/event.ts';
import type { EventId, Millis, Seq, Timestamp } from '../model/ids.ts';
import type { RefusalCode } from '../model/path-trust.ts';
import type { Source } from '../model/vocabulary.ts';

export type HookOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  /** `signal` is its name, `SIGSEGV`. */
  | { readonly kind: 'signalled'; readonly signal: string }
  /**
   * It took longer than it may; how it ended then. `abandoned`: not even SIGKILL ended it (it hangs in the
   * kernel).
   */
  | {
      readonly kind: 'timed-out';
      readonly after: Millis;
      readonly killed: boolean;
      readonly abandoned: boolean;
    }
  /** It ran when an earlier netevd ended, and has ended since: nobody saw how. */
  | { readonly kind: 'unseen' }
  /** The daemon was stopping and did not wait any longer. */
  | { readonly kind: 'stopped'; readonly abandoned: boolean }
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode | 'unspeakable-link';
      readonly reason: string;
      readonly remedy: string;
    }
  /** execve(2) did not take it: the errno's name and what that means for a script. */
  | { readonly kind: 'not-started'; readonly code: string; readonly reason: string };

export interface HookRun {
  readonly eventId: EventId;
  readonly seq: Seq;
  readonly directory: HookDirectory;
  readonly link?: LinkRef;
  readonly source: Source;
  readonly state: string;
  /** Name of the file; '' where none was looked at. */
  readonly script: string;
  /** Absolute path of the file, or of the directory where `script` is ''. */
  readonly path: string;
  readonly startedAt: Timestamp;
  /** From the start to the end; 0 where it did not start. */
  readonly duration: Millis;
  readonly outcome: HookOutcome;
  /** What it wrote, as text; bytes that are no UTF-8 are U+FFFD. */
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes of output that were not kept. */
  readonly droppedOutput: number;
  /** A process that it left behind still had its output open when it ended. */
  readonly outputCut: boolean;
  /** CPU time of it and of the children that it waited for. */
  readonly cpu: Millis;
  readonly pid?: number;
  /** It may have run before: a crash left that unknown. */
  readonly retry: boolean;
}

/** Whether it did what it was there for. */
export const succeeded = ({ outcome }: HookRun): boolean => outcome.kind === 'exited' && outcome.code === 0;
