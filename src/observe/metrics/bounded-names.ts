/**
 * Names as label values, up to a limit: a host that starts a container each second must not add series
 * without end.
 */
import { after, type Instant, type Millis } from '../../core/model/ids.ts';
import { overflow } from './registry.ts';

export interface BoundedNamesOptions {
  readonly limit: number;
  /** How long the series of a vanished name stay, so that a scrape still sees their last values. */
  readonly keepGone: Millis;
  /** Called with each admitted name. */
  readonly onAdmitted: (name: string) => void;
  /** Called with dropped names. */
  readonly onExpired: (names: ReadonlySet<string>) => void;
}

export class BoundedNames {
  readonly #options: BoundedNamesOptions;
  /** Admitted names, with the time since when each is gone. */
  readonly #names = new Map<string, Instant | undefined>();

  constructor(options: BoundedNamesOptions) {
    this.#options = options;
  }

  /** The label value: the name itself, or `other` once the limit is reached. */
  label(name: string, now: Instant): string {
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.#options.limit) this.expire(now);
    if (this.#names.size >= this.#options.limit) return overflow;
    this.#names.set(name, undefined);
    this.#options.onAdmitted(name);
    return name;
  }

  /** Starts the time after which the name is dropped, unless it comes back. */
  markGone(name: string, now: Instant): void {
    if (this.#names.has(name)) this.#names.set(name, this.#names.get(name) ?? now);
  }

  /**
   * Takes `present` as all names that exist: marks the others as gone and admits new ones up to the limit.
   */
  reconcile(present: ReadonlySet<string>, now: Instant): void {
    for (const name of this.#names.keys()) {
      if (!present.has(name)) this.markGone(name, now);
    }
    this.expire(now);
    for (const name of present) {
      if (this.label(name, now) === name) this.#names.set(name, undefined);
    }
  }

  /** Drops the names that have been gone long enough. */
  expire(now: Instant): void {
    const expired = new Set<string>();
    for (const [name, goneSince] of this.#names) {
      if (goneSince !== undefined && now >= after(goneSince, this.#options.keepGone)) expired.add(name);
    }
    if (expired.size === 0) return;
    for (const name of expired) this.#names.delete(name);
    this.#options.onExpired(expired);
  }
}
