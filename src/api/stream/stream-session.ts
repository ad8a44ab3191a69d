/**
 * One reader of the stream. First it catches up from the history, page by page and only as fast as the reader reads; then
 * it is live, with a bounded queue. Where a burst is too much for the queue, it goes back to catching up: a reader is not
 * slow because a thousand records came within one turn of the loop. One that takes nothing at all is cut. A page of the history ends with the newest record or says that there is more, and
 * records reach the history before they reach the sessions: so nothing falls between the two.
 */
import { matchesFilter, type RecordFilter } from '../../core/records/record-filter.ts';
import {
  formatPosition,
  positionOf,
  type RecordGap,
  type RecordPosition,
  type StoredRecord,
} from '../../core/records/stored-record.ts';
import type { Bye, Gap } from '../../core/view/types/stream.ts';
import type { Severity } from '../../core/view/types/vocabulary.ts';
import type { ReadableHistory } from '../../ports/history.ts';
import type { BodyStream } from '../../ports/http.ts';
import { isSevere } from '../records/record-query.ts';
import { encodeMessage, encodeRecord, joined } from './sse.ts';

/** Bytes that wait for one reader. */
export const queueLimit: number = 256 * 1024;
/** Records of one page of the history. */
const pageSize = 500;

export interface SessionOptions {
  readonly history: Pick<ReadableHistory, 'since' | 'oldest' | 'head'>;
  readonly filter: RecordFilter;
  readonly severity: Severity | undefined;
  /** The record to go on after; null: the oldest. */
  readonly from: RecordPosition | null;
  /** `from` is the newest record, so that there is nothing to catch up. */
  readonly isLive: boolean;
  /** First messages. */
  readonly greeting: readonly Uint8Array[];
  /** The snapshot, for after a gap. `at`: the records after it follow. */
  readonly snapshot: (at: RecordPosition | undefined) => Uint8Array;
  /** Calls `run` in the next turn of the loop. */
  readonly soon: (run: () => void) => void;
  readonly onGap: (cause: Gap['cause']) => void;
  readonly onClosed: () => void;
}

interface Queued {
  readonly bytes: Uint8Array;
  /** Absent for what is no record. */
  readonly position?: RecordPosition;
}

export class StreamSession implements BodyStream {
  readonly #options: SessionOptions;
  #queue: Queued[] = [];
  #size = 0;
  /** The reader has everything up to here. */
  #position: RecordPosition | null;
  #isLive: boolean;
  /** Something was taken since the last look. */
  #hasTaken = true;
  #isOver = false;
  #isClosed = false;
  #ready: (() => void) | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#position = options.from;
    this.#isLive = options.isLive;
    for (const bytes of options.greeting) this.#add({ bytes });
  }

  /** A record has been appended to the history. `bytes` encodes it, once for all sessions. */
  push(record: StoredRecord, bytes: () => Uint8Array): void {
    if (!this.#isLive || this.#isOver || !this.#wants(record)) return;
    this.#add({ bytes: bytes(), position: positionOf(record) });
    if (this.#size > queueLimit) this.#rewind();
    this.#wake();
  }

  /** Every now and then: `bookmark` for a reader that is live; one that has taken nothing since the last time is cut. */
  look(bookmark: Uint8Array): void {
    if (this.#isOver) return;
    if (!this.#hasTaken && (!this.#isLive || this.#queue.length > 0)) {
      this.#cut();
      return;
    }
    this.#hasTaken = false;
    if (!this.#isLive) return;
    this.#add({ bytes: bookmark });
    this.#wake();
  }

  /** Ends the stream after what waits. */
  end(reason: Bye['reason']): void {
    if (this.#isOver) return;
    this.#add({ bytes: encodeMessage({ type: 'bye', reason }) });
    this.#isOver = true;
    this.#wake();
  }

  take(): Uint8Array | undefined | null {
    this.#hasTaken = true;
    if (this.#queue.length === 0 && !this.#isOver && !this.#isLive) this.#catchUp();
    if (this.#queue.length > 0) {
      this.#position =
        this.#queue.findLast(({ position }) => position !== undefined)?.position ?? this.#position;
      const whole = joined(
        this.#queue.map(({ bytes }) => bytes),
        this.#size,
      );
      this.#queue = [];
      this.#size = 0;
      return whole;
    }
    if (!this.#isOver) return undefined;
    this.cancel();
    return null;
  }

  whenReady(ready: () => void): void {
    this.#ready = ready;
    // A page whose records the filter left out has more behind it.
    if (!this.#isLive) this.#options.soon(() => this.#wake());
    else if (this.#queue.length > 0 || this.#isOver) this.#wake();
  }

  cancel(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOver = true;
    this.#queue = [];
    this.#size = 0;
    this.#ready = undefined;
    this.#options.onClosed();
  }

  #wants(record: StoredRecord): boolean {
    const { filter, severity } = this.#options;
    return matchesFilter(filter, record) && isSevere(record, severity);
  }

  #add(queued: Queued): void {
    this.#queue.push(queued);
    this.#size += queued.bytes.length;
  }

  #wake(): void {
    const ready = this.#ready;
    this.#ready = undefined;
    ready?.();
  }

  /** Reads one page of the history, and is live where it was the last. */
  #catchUp(): void {
    const { history, filter, severity } = this.#options;
    const page = history.since(this.#position, pageSize, filter);
    for (const item of page.items) {
      if (item.kind === 'gap') {
        this.#addGap(item);
        continue;
      }
      this.#position = positionOf(item);
      if (isSevere(item, severity)) this.#add({ bytes: encodeRecord(item), position: this.#position });
    }
    this.#position = page.next ?? this.#position;
    this.#isLive = !page.more;
  }

  #addGap({ cause, from, to, lost }: RecordGap): void {
    const gap: Gap = {
      cause: cause === 'other-instance' ? 'other-epoch' : cause,
      from: from === null ? null : formatPosition(from),
      to: to === null ? null : formatPosition(to),
      oldest: this.#options.history.oldest()?.seq ?? null,
      lost,
    };
    this.#add({ bytes: encodeMessage({ type: 'gap', ...gap }) });
    this.#add({ bytes: this.#options.snapshot(to ?? this.#position ?? undefined) });
    this.#options.onGap(gap.cause);
  }

  /** What waits comes from the history instead, as the reader takes it. */
  #rewind(): void {
    this.#queue = [];
    this.#size = 0;
    this.#isLive = false;
  }

  /** The reader takes nothing: the stream ends with a gap of what it lacks. It can come back for it. */
  #cut(): void {
    this.#queue = [];
    this.#size = 0;
    const { history, onGap } = this.#options;
    const head = history.head();
    const last = this.#position;
    const isKnown = head !== null && last !== null && head.epoch === last.epoch;
    const gap: Gap = {
      cause: 'slow-reader',
      from: last === null ? null : formatPosition({ epoch: last.epoch, seq: last.seq + 1 }),
      to: head === null ? null : formatPosition(head),
      oldest: history.oldest()?.seq ?? null,
      lost: isKnown ? head.seq - last.seq : null,
    };
    this.#add({ bytes: encodeMessage({ type: 'gap', ...gap }) });
    onGap('slow-reader');
    this.end('slow-reader');
  }
}
