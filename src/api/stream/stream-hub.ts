/** All readers of the stream. A record is encoded once, whoever reads it. */
import { millis } from '../../core/model/ids.ts';
import type { RecordPosition, StoredRecord } from '../../core/records/stored-record.ts';
import type { Bye, Gap } from '../../core/view/types/stream.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReadableHistory } from '../../ports/history.ts';
import { encodeMessage, encodeRecord, retryText } from './sse.ts';
import { type SessionOptions, StreamSession } from './stream-session.ts';

/** Readers at the same time. */
export const streamLimit = 200;
const bookmarkInterval = millis(15_000);

export interface StreamHubParts {
  readonly clock: Pick<Clock, 'wall' | 'schedule'>;
  readonly history: () => Pick<ReadableHistory, 'since' | 'oldest' | 'head'>;
  /** Counts for the metrics. */
  readonly onCount: (readers: number) => void;
  readonly onGap: (cause: Gap['cause']) => void;
}

/** What a reader asks for. */
export type Subscription = Pick<SessionOptions, 'filter' | 'severity' | 'snapshot'> & {
  /** Where to catch up from: a record, or null for the oldest; undefined: live from now on. */
  readonly from: RecordPosition | null | undefined;
  readonly hello: Uint8Array;
  /** Starts with a snapshot. */
  readonly wantsSnapshot: boolean;
};

export class StreamHub {
  readonly #parts: StreamHubParts;
  readonly #sessions = new Set<StreamSession>();
  #timer: Disposable | undefined;
  #isClosed = false;

  constructor(parts: StreamHubParts) {
    this.#parts = parts;
  }

  /** Readers now. */
  get count(): number {
    return this.#sessions.size;
  }

  /** Undefined where there are too many, or the daemon stops. */
  open({ hello, wantsSnapshot, from, ...wanted }: Subscription): StreamSession | undefined {
    if (this.#sessions.size >= streamLimit || this.#isClosed) return undefined;
    const { history, clock, onCount, onGap } = this.#parts;
    const reading = history();
    const start = from === undefined ? reading.head() : from;
    const session = new StreamSession({
      ...wanted,
      history: reading,
      from: start,
      isLive: from === undefined,
      greeting: [retryText, hello, ...(wantsSnapshot ? [wanted.snapshot(start ?? undefined)] : [])],
      soon: (run) => void clock.schedule(millis(0), run),
      onGap,
      onClosed: () => {
        this.#sessions.delete(session);
        onCount(this.#sessions.size);
        if (this.#sessions.size === 0) this.#stopBookmarks();
      },
    });
    this.#sessions.add(session);
    onCount(this.#sessions.size);
    this.#timer ??= clock.schedule(bookmarkInterval, () => this.#bookmark());
    return session;
  }

  /** A record was appended to the history; see `RecordSink`. */
  record(stored: StoredRecord): void {
    let encoded: Uint8Array | undefined;
    const bytes = (): Uint8Array => {
      encoded ??= encodeRecord(stored);
      return encoded;
    };
    for (const session of this.#sessions) session.push(stored, bytes);
  }

  /** Ends every stream; each gets what waits for it. */
  end(reason: Bye['reason']): void {
    this.#isClosed = true;
    for (const session of [...this.#sessions]) session.end(reason);
    this.#stopBookmarks();
  }

  #bookmark(): void {
    const { clock, history } = this.#parts;
    this.#timer = clock.schedule(bookmarkInterval, () => this.#bookmark());
    const head: RecordPosition | undefined = history().head() ?? undefined;
    const bytes = encodeMessage({ type: 'bookmark', time: new Date(clock.wall()).toISOString() }, head);
    for (const session of [...this.#sessions]) session.look(bytes);
  }

  #stopBookmarks(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
