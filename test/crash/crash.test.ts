/**
 * An end at any moment, and what the next run makes of it: thousands of histories without a kernel or a disk.
 */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Fact } from '../../src/core/model/fact.ts';
import { type IfIndex, ifIndex } from '../../src/core/model/ids.ts';
import type { AdministrativeState, OperationalState } from '../../src/core/model/vocabulary.ts';
import type { KernelAction } from '../../src/testing/kernel-model.ts';
import { kernelActionKinds } from '../../src/testing/kernel-model.ts';
import { canonical, type Projection, project } from '../../src/testing/projection.ts';
import { BookStory, SimulatedDaemon, type Started, scripts } from './simulated-daemon.ts';

const number = fc.nat(11);
const deed: fc.Arbitrary<KernelAction> = fc.record({
  kind: fc.constantFrom(...kernelActionKinds),
  a: number,
  b: number,
  c: number,
});

type Step =
  /** `repeated`: the kernel says it again, as it does when a request changes nothing. */
  | { readonly kind: 'deed'; readonly deed: KernelAction; readonly repeated: boolean }
  | { readonly kind: 'advance'; readonly choice: number }
  | { readonly kind: 'pass'; readonly time: number }
  | {
      readonly kind: 'say';
      readonly index: IfIndex;
      readonly operational: OperationalState;
      readonly administrative: AdministrativeState;
    }
  | { readonly kind: 'lose'; readonly deeds: readonly KernelAction[] }
  | { readonly kind: 'crash'; readonly saved: number; readonly meanwhile: readonly KernelAction[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deed' as const), deed, repeated: fc.boolean() }) },
  { weight: 12, arbitrary: fc.nat(3).map((choice): Step => ({ kind: 'advance', choice })) },
  { weight: 2, arbitrary: fc.nat(60).map((time): Step => ({ kind: 'pass', time })) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      index: fc.integer({ min: 1, max: 5 }).map(ifIndex),
      operational: fc.constantFrom('no-carrier', 'carrier', 'degraded', 'routable'),
      administrative: fc.constantFrom('pending', 'configuring', 'configured', 'unmanaged', 'failed'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.array(deed, { maxLength: 5 }).map((deeds): Step => ({ kind: 'lose', deeds })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      saved: fc.nat(4),
      meanwhile: fc.array(deed, { maxLength: 5 }),
    }),
  },
);

/** Begins with links that are up, so that there is something to do. */
const beginning: readonly Step[] = [0, 1, 2].flatMap((a) =>
  (['addLink', 'setUp', 'gainCarrier'] as const).map(
    (kind): Step => ({ kind: 'deed', deed: { kind, a, b: 0, c: 0 }, repeated: false }),
  ),
);
const history = fc.array(step, { minLength: 1, maxLength: 120 }).map((steps) => [...beginning, ...steps]);

/**
 * Of links and addresses the last word counts; equal rules and routes beside each other are told by how often
 * they are.
 */
const isRepeatable = ({ kind }: Fact): boolean =>
  kind === 'linkObserved' ||
  kind === 'linkVanished' ||
  kind === 'addressObserved' ||
  kind === 'addressVanished';

function take(daemon: SimulatedDaemon, one: Step): void {
  switch (one.kind) {
    case 'deed': {
      const facts = daemon.kernel.apply(one.deed);
      daemon.observe(facts);
      if (one.repeated) daemon.observe(facts.filter(isRepeatable));
      daemon.answer();
      break;
    }
    case 'advance':
      daemon.advance(one.choice);
      break;
    case 'pass':
      daemon.pass(one.time);
      break;
    case 'say':
      daemon.say(one.index, one.operational, one.administrative);
      break;
    case 'lose':
      for (const missed of one.deeds) daemon.kernel.apply(missed);
      daemon.observe([{ kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' }]);
      daemon.answer();
      break;
    case 'crash':
      daemon.crash(one.saved);
      for (const missed of one.meanwhile) daemon.kernel.apply(missed);
      restart(daemon);
  }
}

function restart(daemon: SimulatedDaemon): void {
  daemon.answer();
  daemon.readNetworkd();
}

function live(steps: readonly Step[]): SimulatedDaemon {
  const daemon = new SimulatedDaemon();
  restart(daemon);
  for (const one of steps) take(daemon, one);
  daemon.finish();
  return daemon;
}

const sorted = (texts: Iterable<string>): string[] => [...texts].sort((a, b) => (a < b ? -1 : 1));

/** The journal contains no rules: they cause no events. */
const told = (known: Projection): string =>
  canonical({
    links: [...known.links]
      .sort(([a], [b]) => a - b)
      .map(([index, { addresses, ...link }]) => [index, link, sorted(addresses)]),
    routes: sorted(known.routes),
    host: known.host,
  });

describe('however often it is killed', () => {
  test('the journal contains each change once and in order, and ends in the present state', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const daemon = live(steps);
        const { known } = new BookStory(daemon.disk.read());
        expect(told(known)).toBe(told(project(daemon.state)));
      }),
      { numRuns: 400 },
    );
  });

  test('each script runs once for each event that was noted', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const daemon = live(steps);
        const { noted, standsFor, superseded } = new BookStory(daemon.disk.read());
        const starts = Map.groupBy(daemon.started, ({ event, script }) => `${event.id} ${script}`);
        for (const id of noted.keys()) {
          if (superseded.has(id)) continue;
          for (const script of scripts) {
            const runs = starts.get(`${standsFor.get(id) ?? id} ${script}`) ?? [];
            expect(runs).toHaveLength(1);
          }
        }
        const known = new Set([...noted.keys()].map((id) => standsFor.get(id) ?? id));
        for (const { event } of daemon.started) expect(known.has(event.id)).toBe(true);
        expect(daemon.owed).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('the events of one link run in their order, across all lives', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const lanes = Map.groupBy(live(steps).started, ({ lane }) => lane);
        for (const starts of lanes.values()) expect(starts.map(place)).toEqual(inOrder(starts));
      }),
      { numRuns: 300 },
    );
  });

  test('a run after a kill without changes reports nothing', () => {
    fc.assert(
      fc.property(history, fc.nat(4), (steps, saved) => {
        const daemon = live(steps);
        const before = daemon.started.length;
        daemon.crash(saved);
        restart(daemon);
        daemon.finish();
        expect(daemon.started.slice(before)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

const place = ({ event, script }: Started): string => `${event.seq} ${script}`;
const inOrder = (starts: readonly Started[]): string[] =>
  starts.toSorted((a, b) => a.event.seq - b.event.seq || (a.script < b.script ? -1 : 1)).map(place);
