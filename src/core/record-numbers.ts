/** Hands out the numbers of records: one line for all kinds, without holes. */
import type { EventDraft, NetworkEvent } from './model/event.ts';
import { type Epoch, type Seq, seq, type Timestamp } from './model/ids.ts';
import { type Numbered, recordId } from './model/record.ts';

export class RecordNumbers {
  readonly epoch: Epoch;
  #last: Seq;

  constructor(epoch: Epoch, last: Seq) {
    this.epoch = epoch;
    this.#last = last;
  }

  /** Number of the newest record; 0 where there is none. */
  get last(): Seq {
    return this.#last;
  }

  /** The next record's number, with the time at which it was found out. */
  next(at: Timestamp): Numbered {
    this.#last = seq(this.#last + 1);
    return { seq: this.#last, at };
  }

  /** The draft as the next record. */
  event(draft: EventDraft, at: Timestamp): NetworkEvent {
    const numbered = this.next(at);
    return { ...draft, id: recordId(this.epoch, numbered.seq), ...numbered };
  }
}
