/** When to tidy up: after the start, and after every burst of work, as soon as it is quiet again. */
import { after, type Instant, millis } from '../core/model/ids.ts';

/** So long nothing must have happened: tidying takes some ten milliseconds, which no event is to wait for. */
const quietTime = millis(5000);
/** Messages that leave enough behind to be worth it. */
const worthwhile = 1000;

export class MemoryRelease {
  readonly #tidy: () => void;
  #seen = 0;
  #tidiedAt = -Number.POSITIVE_INFINITY;
  #quietFrom: Instant | undefined;

  /** `tidy` is called when there is something to tidy, the first time after the start. */
  constructor(tidy: () => void) {
    this.#tidy = tidy;
  }

  /**
   * To be called every few seconds. `messages`: how many the kernel has sent so far. Returns whether there have been any
   * since the last time.
   */
  beat(messages: number, now: Instant): boolean {
    const isBusy = messages !== this.#seen;
    if (isBusy || this.#quietFrom === undefined) {
      this.#seen = messages;
      this.#quietFrom = after(now, quietTime);
    }
    if (now < this.#quietFrom || messages - this.#tidiedAt < worthwhile) return isBusy;
    this.#tidiedAt = messages;
    this.#tidy();
    return isBusy;
  }
}
