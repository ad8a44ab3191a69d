/**
 * Stores the newest records in memory, in the order in which they were appended. Each has an ordinal: 0 for
 * the first appended record, and so on, across epochs. A writer of records uses an ordinal as its cursor.
 */
import type { RecordPosition, StoredRecord } from './stored-record.ts';

/** Consecutive records of one epoch. */
interface SeqRange {
  readonly epoch: string;
  readonly firstSeq: number;
  readonly firstOrdinal: number;
  lastSeq: number;
}

export class RecordRing {
  readonly #capacity: number;
  readonly #slots: (StoredRecord | undefined)[] = [];
  /** In the order of their ordinals; nearly always one, or two after a boot. */
  #ranges: SeqRange[] = [];
  #end = 0;
  #trimmed = 0;

  /** `capacity`: the maximum number of records, at least 1. Memory is allocated as records are appended. */
  constructor(capacity: number) {
    this.#capacity = Math.max(1, Math.floor(capacity));
  }

  /** Ordinal of the oldest stored record; `end` if there is none. */
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

  /** Appends a record in constant time. A full ring drops the oldest record. */
  append(record: StoredRecord): void {
    this.#slots[this.#end % this.#capacity] = record;
    const range = this.#ranges.at(-1);
    if (range !== undefined && range.epoch === record.epoch && range.lastSeq + 1 === record.seq) {
      range.lastSeq++;
    } else {
      this.#startRange(record);
    }
    this.#end++;
  }

  /** Frees the records below `ordinal`, which are stored elsewhere. */
  trim(ordinal: number): void {
    const until = Math.min(ordinal, this.#end);
    for (let at = this.begin; at < until; at++) this.#slots[at % this.#capacity] = undefined;
    this.#trimmed = Math.max(this.#trimmed, until);
  }

  /** Returns the record with this ordinal; undefined if it is not in the ring. */
  at(ordinal: number): StoredRecord | undefined {
    if (ordinal < this.begin || ordinal >= this.#end) return undefined;
    return this.#slots[ordinal % this.#capacity];
  }

  /**
   * Returns the ordinal of the record that follows `position`; `end` if `position` is the newest record;
   * undefined if records between it and the ring are missing, or if the ring does not know it.
   */
  ordinalAfter(position: RecordPosition): number | undefined {
    for (let i = this.#ranges.length - 1; i >= 0; i--) {
      const range = this.#ranges[i];
      if (range?.epoch !== position.epoch) continue;
      if (position.seq < range.firstSeq - 1 || position.seq > range.lastSeq) continue;
      const ordinal = range.firstOrdinal + (position.seq - range.firstSeq) + 1;
      return ordinal >= this.begin ? ordinal : undefined;
    }
    return undefined;
  }

  /** Returns the ordinal of this record; undefined if it is not in the ring. */
  ordinalOf(position: RecordPosition): number | undefined {
    const after = this.ordinalAfter(position);
    const record = after === undefined ? undefined : this.at(after - 1);
    return record?.epoch === position.epoch && record.seq === position.seq && after !== undefined
      ? after - 1
      : undefined;
  }

  /** Whether the ring knows a record of this epoch. */
  knows(epoch: string): boolean {
    return this.#ranges.some((range) => range.epoch === epoch);
  }

  #startRange({ epoch, seq }: StoredRecord): void {
    // A range whose last record was dropped is still needed: a reader of that record continues without a gap.
    this.#ranges = this.#ranges.filter(
      (range) => range.firstOrdinal + (range.lastSeq - range.firstSeq) + 1 >= this.begin,
    );
    this.#ranges.push({ epoch, firstSeq: seq, firstOrdinal: this.#end, lastSeq: seq });
  }
}
