import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { diffMaps, emptyMap, mapOf, type PersistentMap } from './persistent-map.ts';

/** Strings with equal FNV-1a hashes: they share the chain of a leaf. */
const colliding = findCollisions(3);

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** Pairs of keys with one hash, by the birthday paradox. */
function findCollisions(pairs: number): string[] {
  const seen = new Map<number, string>();
  const found: string[] = [];
  for (let i = 0; found.length < 2 * pairs; i++) {
    const text = `k${i.toString(36)}`;
    const other = seen.get(fnv(text));
    if (other !== undefined) found.push(other, text);
    seen.set(fnv(text), text);
  }
  return found;
}

type Operation = { readonly key: string | number; readonly value: number | undefined };

const key = fc.oneof(
  fc.integer({ min: 0, max: 70 }),
  fc.integer(),
  fc.constantFrom(...colliding),
  fc.string({ maxLength: 2 }),
);
const operations = fc.array(
  fc.record<Operation>({ key, value: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }) }),
  { maxLength: 120 },
);

function apply(
  map: PersistentMap<string | number, number>,
  steps: readonly Operation[],
): PersistentMap<string | number, number> {
  return steps.reduce(
    (current, step) =>
      step.value === undefined ? current.delete(step.key) : current.set(step.key, step.value),
    map,
  );
}

function applyToModel(model: Map<string | number, number>, steps: readonly Operation[]): void {
  for (const step of steps) {
    if (step.value === undefined) model.delete(step.key);
    else model.set(step.key, step.value);
  }
}

const sorted = (entries: Iterable<readonly [string | number, number]>): string[] =>
  [...entries].map(([k, v]) => `${typeof k}:${k}=${v}`).sort((a, b) => (a < b ? -1 : 1));

describe('PersistentMap', () => {
  test('a persistent map has the same entries as a Map after the same operations', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const map = apply(emptyMap<string | number, number>(), steps);
        const model = new Map<string | number, number>();
        applyToModel(model, steps);
        expect(sorted(map)).toEqual(sorted(model));
        expect(map.size).toBe(model.size);
        for (const step of steps) {
          expect(map.get(step.key)).toBe(model.get(step.key));
          expect(map.has(step.key)).toBe(model.has(step.key));
        }
      }),
      { numRuns: 400 },
    );
  });

  test('operations do not change earlier versions of a map', () => {
    fc.assert(
      fc.property(operations, operations, (first, second) => {
        const before = apply(emptyMap<string | number, number>(), first);
        const listed = sorted(before);
        apply(before, second);
        expect(sorted(before)).toEqual(listed);
      }),
    );
  });

  test('diffMaps visits exactly the keys whose values differ', () => {
    fc.assert(
      fc.property(operations, operations, fc.boolean(), (first, second, related) => {
        const before = apply(emptyMap<string | number, number>(), first);
        const after = apply(related ? before : emptyMap<string | number, number>(), second);
        const patched = new Map(before);
        const visited = new Set<string | number>();
        diffMaps(before, after, (k, was, is) => {
          expect(visited.has(k)).toBe(false);
          visited.add(k);
          expect(was).toBe(before.get(k));
          expect(is).toBe(after.get(k));
          expect(was).not.toBe(is);
          if (is === undefined) patched.delete(k);
          else patched.set(k, is);
        });
        expect(sorted(patched)).toEqual(sorted(after));
      }),
      { numRuns: 400 },
    );
  });

  test('set and delete return the same map if nothing changes', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const map = apply(emptyMap<string | number, number>(), steps);
        for (const [k, v] of map) expect(map.set(k, v)).toBe(map);
        expect(map.delete('not there at all')).toBe(map);
      }),
    );
  });

  test('equal maps have the same shape, even after added keys are removed again', () => {
    const base = mapOf(Array.from({ length: 100 }, (_, i) => [i, i] as const));
    const same = base.set(100_000, 1).set(32, -1).set(32, 32).delete(100_000);
    let visits = 0;
    diffMaps(base, same, () => visits++);
    expect(visits).toBe(0);
    expect(JSON.stringify(same)).toBe(JSON.stringify(base));
  });

  test('keys with the same hash are distinct', () => {
    const map = mapOf(colliding.map((text, i) => [text, i] as const));
    for (const [i, text] of colliding.entries()) expect(map.get(text)).toBe(i);
    const [one, other] = colliding as [string, string];
    expect(map.delete(one).get(other)).toBe(1);
    expect(map.delete(other).get(one)).toBe(0);
  });

  test('keys and values have the same order', () => {
    const map = mapOf([7, 3, 99, 1000].map((n) => [n, `v${n}`] as const));
    expect([...map.keys()].map((n) => `v${n}`)).toEqual([...map.values()]);
  });
});
