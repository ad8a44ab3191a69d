/**
 * The order of links that had one name one after the other. Scripts know a link by its name: the events of a link
 * that takes a name (a tunnel that is made again, two links that swap names) run after those of its former bearer.
 */

export class NameOrder {
  /** The lane whose link has, or had last, this name. */
  readonly #bearers = new Map<string, string>();
  /** The names of each lane with events. */
  readonly #namesOf = new Map<string, Set<string>>();
  /** The lanes that each lane waits for. */
  readonly #before = new Map<string, Set<string>>();

  /** An event of this lane is about a link of this name. */
  take(name: string, lane: string): void {
    const bearer = this.#bearers.get(name);
    if (bearer === lane) return;
    if (bearer !== undefined && !this.#waitsFor(bearer, lane)) addTo(this.#before, lane, bearer);
    this.#bearers.set(name, lane);
    addTo(this.#namesOf, lane, name);
  }

  /** Whether a former bearer of a name of this lane has events left. */
  mustWait(lane: string): boolean {
    return this.#before.has(lane);
  }

  /** The lane has no event left. Returns the lanes that no longer wait for it. */
  release(lane: string): readonly string[] {
    for (const name of this.#namesOf.get(lane) ?? []) {
      if (this.#bearers.get(name) === lane) this.#bearers.delete(name);
    }
    this.#namesOf.delete(lane);
    this.#before.delete(lane);
    const released: string[] = [];
    for (const [follower, before] of this.#before) {
      if (!before.delete(lane)) continue;
      if (before.size === 0) this.#before.delete(follower);
      released.push(follower);
    }
    return released;
  }

  /** Whether `lane` waits for `other`, also through others: links that swap names must not wait for each other. */
  #waitsFor(lane: string, other: string): boolean {
    const seen = new Set<string>();
    const pending = [lane];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next === other) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push(...(this.#before.get(next) ?? []));
    }
    return false;
  }
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([value]));
  else known.add(value);
}
