/** Properties of any history of the kernel, also if messages are repeated, lost or reordered. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type KernelAction, KernelModel, kernelActionKinds } from '../../testing/kernel-model.ts';
import { applyChange, canonical, type Projection, project } from '../../testing/projection.ts';
import { diff } from '../diff/diff.ts';
import { emptyState } from '../model/empty-state.ts';
import type { Fact, KernelFact, KernelSnapshot } from '../model/fact.ts';
import type { State } from '../model/state.ts';
import { reduce } from './reduce.ts';

const number = fc.nat(11);
const deed: fc.Arbitrary<KernelAction> = fc.record({
  kind: fc.constantFrom(...kernelActionKinds),
  a: number,
  b: number,
  c: number,
});
/** Starts with links that are up, so that the other actions have an effect. */
const setup: readonly KernelAction[] = [0, 1, 2].flatMap((a) => [
  { kind: 'addLink', a, b: 0, c: 0 } as const,
  { kind: 'setUp', a, b: 0, c: 0 } as const,
  { kind: 'gainCarrier', a, b: 0, c: 0 } as const,
]);
const history = fc.array(deed, { minLength: 1, maxLength: 60 }).map((deeds) => [...setup, ...deeds]);
const runs = { numRuns: 300 };

const start = emptyState('auto');

/** Follows a state by its changes alone; throws on a change that does not fit. */
class Follower {
  state: State = start;
  readonly known: Projection = project(start);

  take(fact: Fact): this {
    const before = this.state;
    this.state = reduce(before, fact);
    for (const change of diff(before, this.state)) applyChange(this.known, change);
    return this;
  }

  read(model: KernelModel): this {
    return this.take({ kind: 'kernelRead', snapshot: model.snapshot() });
  }

  /** Delivers the dumps that the planner would request. */
  answer(model: KernelModel): this {
    const { invalidations } = this.state.kernel;
    if (invalidations.all !== undefined) return this.read(model);
    for (const family of [4, 6] as const) {
      const invalidation = family === 4 ? invalidations.ipv4Routes : invalidations.ipv6Routes;
      if (invalidation !== undefined) this.take({ kind: 'routesRead', family, routes: model.routes(family) });
    }
    return this;
  }
}

/** Renders a projection without generations, which only netevd counts. */
const withoutGenerations = (known: Projection): string =>
  canonical({
    ...known,
    links: [...known.links]
      .sort(([a], [b]) => a - b)
      .map(([index, { generation: _g, addresses, ...link }]) => [index, link, [...addresses].sort(byText)]),
    routes: [...known.routes].sort(byText),
    rules: [...known.rules].sort(([a], [b]) => byText(a, b)),
    leases: [...known.leases],
    hosts: [...known.hosts],
  });

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

const fromFreshDump = (snapshot: KernelSnapshot): string =>
  withoutGenerations(project(reduce(start, { kind: 'kernelRead', snapshot })));

function expectSameAsFreshDump(follower: Follower, model: KernelModel): void {
  expect(withoutGenerations(project(follower.state))).toBe(fromFreshDump(model.snapshot()));
  expect(withoutGenerations(follower.known)).toBe(withoutGenerations(project(follower.state)));
}

describe('reduce over any history of the kernel', () => {
  test('messages lead to the same state as a fresh dump, with each change once', () => {
    fc.assert(
      fc.property(history, (deeds) => {
        const model = new KernelModel();
        const follower = new Follower().read(model);
        for (const each of deeds) {
          for (const fact of model.apply(each)) follower.take(fact);
          follower.answer(model);
        }
        expectSameAsFreshDump(follower, model);
      }),
      runs,
    );
  });

  test('a state without invalidations equals a fresh dump', () => {
    fc.assert(
      fc.property(history, (deeds) => {
        const model = new KernelModel();
        const follower = new Follower().read(model);
        for (const each of deeds) {
          for (const fact of model.apply(each)) follower.take(fact);
          if (Object.keys(follower.state.kernel.invalidations).length > 0) follower.answer(model);
          else expectSameAsFreshDump(follower, model);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a repeated message changes nothing', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.boolean()), (deeds, coins) => {
        const model = new KernelModel();
        const follower = new Follower().read(model);
        for (const each of deeds) {
          for (const fact of model.apply(each)) {
            follower.take(fact);
            if (coins.next().value === true && isRepeatable(fact)) {
              const before = follower.state;
              const after = reduce(before, fact);
              expect(diff(before, after)).toEqual([]);
              if (!mayInvalidateRoutes(fact)) expect(after).toBe(before);
            }
          }
          follower.answer(model);
        }
      }),
      runs,
    );
  });

  test('a complete dump after lost messages leads to the same state', () => {
    fc.assert(
      fc.property(history, fc.nat(80), fc.nat(20), (deeds, at, lost) => {
        const model = new KernelModel();
        const follower = new Follower().read(model);
        for (const [i, each] of deeds.entries()) {
          const facts = model.apply(each);
          if (i === at) follower.take({ kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' });
          if (i < at || i > at + lost) {
            for (const fact of facts) follower.take(fact);
            follower.answer(model);
          } else if (i === at + lost) {
            follower.read(model);
          }
        }
        follower.answer(model).read(model);
        expectSameAsFreshDump(follower, model);
      }),
      runs,
    );
  });

  test('a dump that overlaps earlier messages leads to the same state', () => {
    fc.assert(
      fc.property(history, fc.nat(60), fc.nat(10), (deeds, at, overlap) => {
        const model = new KernelModel();
        const follower = new Follower().read(model);
        const within: KernelFact[] = [];
        for (const [i, each] of deeds.entries()) {
          const facts = model.apply(each);
          if (i < at) for (const fact of facts) follower.take(fact);
          else if (i <= at + overlap) within.push(...facts);
          else for (const fact of facts) follower.take(fact);
          if (i < at) follower.answer(model);
          // The dump was made at its end, so everything within it is in the snapshot already.
          if (i === at + overlap) {
            const meanwhile = within.filter(isReplayable);
            follower.take({ kind: 'kernelRead', snapshot: model.snapshot(), meanwhile });
          }
          if (i > at + overlap) follower.answer(model);
        }
        follower.answer(model);
        if (at + overlap < deeds.length)
          expect(follower.state.links.size).toBe(model.snapshot().links.length);
      }),
      runs,
    );
  });

  test('the state does not depend on the order in which links are observed', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat(100)), (deeds, dice) => {
        const model = new KernelModel();
        for (const each of deeds) model.apply(each);
        const { links, addresses } = model.snapshot();
        const facts: KernelFact[] = links.map((link) => ({ kind: 'linkObserved', link }));
        const later: KernelFact[] = addresses.map((address) => ({ kind: 'addressObserved', address }));
        const all = [...shuffled(facts, dice), ...shuffled(later, dice)];
        const state = all.reduce<State>(reduce, start);
        expect(withoutGenerations(project(state))).toBe(
          fromFreshDump({ links, addresses, drivers: new Map(), routes: [], rules: [] }),
        );
      }),
      runs,
    );
  });

  test('a dump without changes returns the same object', () => {
    fc.assert(
      fc.property(history, (deeds) => {
        const model = new KernelModel();
        for (const each of deeds) model.apply(each);
        const follower = new Follower().read(model);
        expect(reduce(follower.state, { kind: 'kernelRead', snapshot: model.snapshot() })).toBe(
          follower.state,
        );
      }),
      { numRuns: 100 },
    );
  });
});

/** Equal rules are counted, so a message about one of them cannot be repeated. */
const isRepeatable = (fact: KernelFact): boolean =>
  fact.kind !== 'ruleObserved' && fact.kind !== 'ruleVanished';

/** Repeated, these may mean another route of the same key: nothing changes, but the routes are read again. */
const mayInvalidateRoutes = (fact: KernelFact): boolean =>
  fact.kind === 'routeVanished' || (fact.kind === 'routeObserved' && fact.how === 'replace');

/** The last message about a link or an address wins, whenever the dump was made. */
const isReplayable = (fact: KernelFact): boolean =>
  fact.kind === 'linkObserved' ||
  fact.kind === 'addressObserved' ||
  fact.kind === 'addressVanished' ||
  fact.kind === 'linkVanished';

function shuffled<T>(items: readonly T[], dice: Iterator<number>): T[] {
  return items
    .map((item) => ({ item, at: Number(dice.next().value) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
