/** What was reported last, and the changes of it that the journal has not got yet. */
import {
  isSameTopicValue,
  type ReportedUpdates,
  type ReportedValues,
  type TopicValue,
} from '../../model/transition.ts';

export class Reported {
  readonly #readings: Map<string, TopicValue>;
  #updates: (readonly [string, TopicValue | null])[] = [];

  constructor(recovered: ReportedValues) {
    this.#readings = new Map(recovered);
  }

  get(key: string): TopicValue | undefined {
    return this.#readings.get(key);
  }

  has(key: string): boolean {
    return this.#readings.has(key);
  }

  keys(): IterableIterator<string> {
    return this.#readings.keys();
  }

  /** Stores a reading; undefined where nothing is left. */
  set(key: string, reading: TopicValue | undefined): void {
    if (reading === undefined) {
      if (!this.#readings.delete(key)) return;
    } else this.#readings.set(key, reading);
    this.#updates.push([key, reading ?? null]);
  }

  /** Stores a reading if its values differ. */
  adopt(key: string, reading: TopicValue | undefined): void {
    if (!isSameTopicValue(this.#readings.get(key), reading)) this.set(key, reading);
  }

  /** Whether there are changes that `takeUpdates` has not returned. */
  get hasUpdates(): boolean {
    return this.#updates.length > 0;
  }

  /** Returns the changes since the last call. */
  takeUpdates(): ReportedUpdates {
    const updates = this.#updates;
    this.#updates = [];
    return updates;
  }
}
