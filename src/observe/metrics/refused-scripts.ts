/** Scripts that were refused in the last 24 hours and have not run since. */
import { after, type Instant, type Millis, millis } from '../../core/model/ids.ts';

const rememberFor: Millis = millis(24 * 3_600_000);
/** Bounds the memory: the count never exceeds this number. */
const limit = 1000;

export class RefusedScripts {
  readonly #scripts = new Map<string, Instant>();

  add(script: string, now: Instant): void {
    if (this.#scripts.size < limit || this.#scripts.has(script)) this.#scripts.set(script, now);
  }

  /** The script ran. */
  delete(script: string): void {
    this.#scripts.delete(script);
  }

  /** Drops all scripts but these: the others no longer exist. */
  retain(scripts: ReadonlySet<string>): void {
    for (const script of this.#scripts.keys()) if (!scripts.has(script)) this.#scripts.delete(script);
  }

  /** Returns the number of scripts whose last refusal is at most 24 hours ago. */
  count(now: Instant): number {
    for (const [script, at] of this.#scripts) {
      if (now > after(at, rememberFor)) this.#scripts.delete(script);
    }
    return this.#scripts.size;
  }
}
