/** Assigns the numbers of records: one gapless sequence for all kinds. */
import type { EventDraft, NetworkEvent } from './model/event.ts';
import { type Epoch, type Seq, seq, type Timestamp } from './model/ids.ts';
import { type Numbered, recordId } from './model/record.ts';

export class RecordNumbers {
  #epoch: Epoch;
  #last: Seq;

  constructor(epoch: Epoch, last: Seq) {
    this.#epoch = epoch;
    this.#last = last;
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  /** Begins a new line of numbers: the next record is its first. */
  begin(epoch: Epoch): void {
    this.#epoch = epoch;
    this.#last = seq(0);
  }

  /** Number of the newest record; 0 if there is none. */
  get last(): Seq {
    return this.#last;
  }

  /** Assigns the next number. `at` is when the daemon learned of the record's content. */
  next(at: Timestamp): Numbered {
    this.#last = seq(this.#last + 1);
    return { seq: this.#last, at };
  }

  /** Turns the draft into the next record. */
  event(draft: EventDraft, at: Timestamp): NetworkEvent {
    const numbered = this.next(at);
    return { ...draft, id: recordId(this.#epoch, numbered.seq), ...numbered };
  }
}
