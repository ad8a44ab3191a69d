/** Decides when to release memory: after the start and after every burst of work, once the daemon is quiet. */
import { after, type Instant, millis } from '../core/model/ids.ts';

/** The quiet time before a release. A release takes some ten milliseconds, which must not delay an event. */
const quietTime = millis(5000);
/** Minimum number of messages that make a release worth its cost. */
const worthwhile = 1000;

export class MemoryRelease {
  readonly #tidy: () => void;
  #seen = 0;
  #tidiedAt = -Number.POSITIVE_INFINITY;
  #quietFrom: Instant | undefined;

  /** `tidy` releases the memory. It is called when a release is due, the first time after the start. */
  constructor(tidy: () => void) {
    this.#tidy = tidy;
  }

  /**
   * Call it every few seconds. `messages` is the number of messages of the kernel so far. Returns whether there are new ones
   * since the last call.
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
