/**
 * The newest records in memory, in the order in which they were appended. Each has an ordinal: 0 for the first that
 * was ever appended, and so on, across epochs. A writer that stores them keeps an ordinal as its cursor.
 */
import type { RecordPosition, StoredRecord } from './stored-record.ts';

/** Records of one epoch that follow each other without a hole. */
interface Run {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly firstOrdinal: number;
  lastSeq: number;
}

export class RecordRing {
  readonly #capacity: number;
  readonly #slots: (StoredRecord | undefined)[] = [];
  /** In the order of their ordinals; nearly always one, or two after a boot. */
  #runs: Run[] = [];
  #end = 0;
  #trimmed = 0;

  /** `capacity`: how many records are kept, at least 1. Memory grows with what is appended, never beyond it. */
  constructor(capacity: number) {
    this.#capacity = Math.max(1, Math.floor(capacity));
  }

  /** Ordinal of the oldest record that is kept; `end` where there is none. */
  get begin(): number {
    return Math.max(this.#trimmed, this.#end - this.#capacity);
  }

  /** Ordinal of the next record. */
  get end(): number {
    return this.#end;
  }

  get oldest(): StoredRecord | undefined {
    return this.at(this.begin);
  }

  get newest(): StoredRecord | undefined {
    return this.at(this.#end - 1);
  }

  /** Takes constant time. The oldest record goes where the ring is full. */
  append(record: StoredRecord): void {
    this.#slots[this.#end % this.#capacity] = record;
    const run = this.#runs.at(-1);
    if (run !== undefined && run.epoch === record.epoch && run.lastSeq + 1 === record.seq) run.lastSeq++;
    else this.#startRun(record);
    this.#end++;
  }

  /** Lets records below `ordinal` go: they are kept elsewhere, and their memory is wanted. */
  trim(ordinal: number): void {
    const until = Math.min(ordinal, this.#end);
    for (let gone = this.begin; gone < until; gone++) this.#slots[gone % this.#capacity] = undefined;
    this.#trimmed = Math.max(this.#trimmed, until);
  }

  /** The record with this ordinal; undefined where it is not kept. */
  at(ordinal: number): StoredRecord | undefined {
    if (ordinal < this.begin || ordinal >= this.#end) return undefined;
    return this.#slots[ordinal % this.#capacity];
  }

  /**
   * Ordinal of the record that follows `position`, `end` where it is the newest one. Undefined where records between
   * it and the ring are missing, or where it is unknown here.
   */
  ordinalAfter(position: RecordPosition): number | undefined {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      if (run?.epoch !== position.epoch) continue;
      if (position.seq < run.firstSeq - 1 || position.seq > run.lastSeq) continue;
      const ordinal = run.firstOrdinal + (position.seq - run.firstSeq) + 1;
      return ordinal >= this.begin ? ordinal : undefined;
    }
    return undefined;
  }

  /** Ordinal of this record; undefined where it is not kept. */
  ordinalOf(position: RecordPosition): number | undefined {
    const after = this.ordinalAfter(position);
    const record = after === undefined ? undefined : this.at(after - 1);
    return record?.epoch === position.epoch && record.seq === position.seq && after !== undefined
      ? after - 1
      : undefined;
  }

  /** Whether a record of this epoch was appended, as far as the ring remembers. */
  knows(epoch: string): boolean {
    return this.#runs.some((run) => run.epoch === epoch);
  }

  #startRun({ epoch, seq }: StoredRecord): void {
    // A run whose last record went is still needed: who has read that record goes on without a hole.
    this.#runs = this.#runs.filter(
      (run) => run.firstOrdinal + (run.lastSeq - run.firstSeq) + 1 >= this.begin,
    );
    this.#runs.push({ epoch, firstSeq: seq, firstOrdinal: this.#end, lastSeq: seq });
  }
}
