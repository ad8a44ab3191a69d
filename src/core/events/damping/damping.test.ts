/** Flap damping as the engine applies it: which hooks run, and when. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { CollectingEngine, findingsOf } from '../../../testing/collecting-engine.ts';
import { sampleDamping, sampleEnginePolicy } from '../../../testing/sample-policy.ts';
import { sampleAddress, sampleLinkObject } from '../../../testing/sample-state.ts';
import type { Effect } from '../../effect.ts';
import type { Moment } from '../../engine-options.ts';
import type { NetworkEvent } from '../../model/event.ts';
import type { Fact } from '../../model/fact.ts';
import { type Instant, instant, millis, timestamp } from '../../model/ids.ts';
import { LinkFlag, OperStatus } from '../../model/kernel-objects.ts';
import type { DampingPolicy } from './penalty.ts';

const at = (now: number): Moment => ({ now: instant(now), wall: timestamp(1_790_000_000_000 + now) });
const up = sampleLinkObject();
const down = sampleLinkObject({ flags: LinkFlag.up, operStatus: OperStatus.down });
const off = sampleLinkObject({ flags: 0, operStatus: OperStatus.down });
const enabled: DampingPolicy = { ...sampleDamping, enabled: true };

/** An engine whose hooks run as soon as they may and take no time. */
class Machine {
  readonly engine: CollectingEngine;
  /** Directories of the events of eth0 whose hooks ran, with the time. */
  readonly ran: { readonly at: number; readonly event: NetworkEvent }[] = [];
  readonly found: NetworkEvent[] = [];

  constructor(damping: DampingPolicy = enabled) {
    this.engine = new CollectingEngine({ policy: sampleEnginePolicy({ damping }) });
    const read: Fact = {
      kind: 'kernelRead',
      snapshot: {
        drivers: new Map(),
        links: [up],
        addresses: [sampleAddress('10.0.0.1')],
        routes: [],
        rules: [],
      },
    };
    this.#take(this.engine.observe([read], at(0)), 0);
    this.pass(1000);
    this.ran.length = 0;
    this.found.length = 0;
  }

  link(now: number, object: typeof up): this {
    return this.observe(now, { kind: 'linkObserved', link: object });
  }

  observe(now: number, fact: Fact): this {
    this.pass(now);
    this.#take(this.engine.observe([fact], at(now)), now);
    return this;
  }

  pass(until: number): this {
    let due = this.engine.nextWakeAt();
    while (due !== undefined && due <= until) {
      const time: Instant = due;
      this.#take(this.engine.wake(at(time)), time);
      due = this.engine.nextWakeAt();
      if (due !== undefined && due <= time) throw new Error(`the engine wakes at ${due} again and again`);
    }
    return this;
  }

  directories(): string[] {
    return this.ran.map(({ event }) => event.directory);
  }

  #take(effects: readonly Effect[], now: number): void {
    this.found.push(...findingsOf(effects).flatMap(({ events }) => events));
    for (const effect of effects) {
      if (effect.kind !== 'runHooks') continue;
      if (effect.order.event.link !== undefined) this.ran.push({ at: now, event: effect.order.event });
      this.#take(this.engine.hooksFinished(effect.order.lane, at(now)), now);
    }
  }
}

/** Loses and gains its carrier `count` times, one second each. Ends without a carrier at `end`. */
function flap(machine: Machine, count: number, start = 10_000): number {
  for (let i = 0; i < count; i++) {
    const now = start + i * 2000;
    machine.link(now, down);
    if (i < count - 1) machine.link(now + 1000, up);
  }
  return start + (count - 1) * 2000;
}

describe('damping', () => {
  test('lets two losses pass and withholds from the third on', () => {
    const machine = new Machine();
    flap(machine, 3);
    const states = machine.directories().filter((one) => ['no-carrier', 'damped'].includes(one));
    expect(states).toEqual(['no-carrier', 'no-carrier', 'damped']);
  });

  test('reports a link that stays down, once, after the time that the penalty takes', () => {
    const machine = new Machine();
    const end = flap(machine, 3);
    machine.ran.length = 0;
    machine.pass(end + 600_000);
    expect(machine.directories()).toEqual(['undamped', 'no-carrier']);
    expect(machine.ran[0]?.at).toBeLessThanOrEqual(end + 60_000);
    expect(machine.ran[0]?.at).toBeGreaterThan(end + 15_000);
  });

  test('reports nothing but its end for a link that is as before', () => {
    const machine = new Machine();
    const end = flap(machine, 3);
    machine.link(end + 1000, up);
    machine.ran.length = 0;
    machine.pass(end + 600_000);
    expect(machine.directories()).toEqual(['undamped']);
  });

  test('reports what else happened meanwhile', () => {
    const machine = new Machine();
    const end = flap(machine, 3);
    machine.link(end + 1000, up);
    machine.observe(end + 2000, { kind: 'addressObserved', address: sampleAddress('10.0.0.2') });
    machine.ran.length = 0;
    machine.pass(end + 600_000);
    expect(machine.directories()).toEqual(['undamped', 'address-added', 'address-changed']);
  });

  test('records every event of a damped link', () => {
    const machine = new Machine();
    const end = flap(machine, 3);
    machine.link(end + 1000, up);
    const kept = machine.found
      .filter(({ recordOnly }) => recordOnly === true)
      .map(({ directory }) => directory);
    expect(kept).toContain('no-carrier');
    expect(kept).toContain('carrier');
  });

  test('ends after the longest suppression also while the link goes on to flap', () => {
    const machine = new Machine();
    flap(machine, 60);
    const [first] = machine.ran.filter(({ event }) => event.directory === 'damped');
    const [end] = machine.ran.filter(({ event }) => event.directory === 'undamped');
    expect((end?.at ?? 0) - (first?.at ?? 0)).toBe(60_000);
  });

  test('while off, every hook runs and the penalty is counted', () => {
    const machine = new Machine(sampleDamping);
    flap(machine, 3);
    expect(machine.directories().filter((one) => one === 'no-carrier')).toHaveLength(3);
    expect(machine.directories()).not.toContain('damped');
    const reading = machine.engine.snapshot.damping(up.index);
    expect(reading?.losses).toBe(3);
    expect(reading?.penalty).toBeGreaterThan(2000);
    expect(reading?.isDamped).toBe(false);
  });

  test('a link that an operator switches off is no flap', () => {
    const machine = new Machine();
    for (let i = 0; i < 5; i++) machine.link(10_000 + i * 200, off).link(10_100 + i * 200, up);
    expect(machine.engine.snapshot.damping(up.index)).toBeUndefined();
  });

  test('a damped link that vanishes is reported at once', () => {
    const machine = new Machine();
    const end = flap(machine, 3);
    machine.ran.length = 0;
    machine.observe(end + 500, { kind: 'linkVanished', index: up.index });
    expect(machine.directories()).toContain('link-removed');
    expect(machine.directories()).toContain('address-changed');
    expect(machine.directories()).not.toContain('undamped');
  });

  test('switching it off runs what waits', () => {
    const machine = new Machine();
    flap(machine, 3);
    machine.ran.length = 0;
    const effects = machine.engine.configure(sampleEnginePolicy(), at(15_000));
    const events = findingsOf(effects).flatMap((finding) => finding.events.map(({ directory }) => directory));
    expect(events).toContain('undamped');
    expect(events).toContain('no-carrier');
  });

  test('the journal leaves out what a damped link does', () => {
    const machine = new Machine();
    flap(machine, 2);
    const effects = machine.engine.observe([{ kind: 'linkObserved', link: up }], at(13_000));
    expect(findingsOf(effects).every(({ damped }) => damped === undefined)).toBe(true);
    const third = machine.engine.observe([{ kind: 'linkObserved', link: down }], at(14_000));
    expect(
      findingsOf(third)
        .at(0)
        ?.damped?.map(({ name }) => name),
    ).toEqual(['eth0']);
  });
});

describe('properties of damping', () => {
  const policies = fc
    .record({
      halfLife: fc.integer({ min: 1000, max: 30_000 }),
      suppress: fc.integer({ min: 1000, max: 5000 }),
      reuse: fc.integer({ min: 100, max: 999 }),
      maxSuppress: fc.integer({ min: 1000, max: 90_000 }),
    })
    .map(
      (some): DampingPolicy => ({
        ...some,
        enabled: true,
        halfLife: millis(some.halfLife),
        maxSuppress: millis(some.maxSuppress),
      }),
    );
  const gaps = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 40 });

  test('the last state that hooks saw is the present one, when everything has come to rest', () => {
    fc.assert(
      fc.property(policies, gaps, (policy, waits) => {
        const machine = new Machine(policy);
        let now = 10_000;
        let isUp = true;
        for (const wait of waits) {
          now += wait;
          isUp = !isUp;
          machine.link(now, isUp ? up : down);
        }
        machine.pass(now + 1_000_000);
        const seen = machine.ran.map(({ event }) => event.state).filter((state) => state !== 'configured');
        const last = seen.at(-1) ?? 'routable';
        expect(last).toBe(isUp ? 'routable' : 'no-carrier');
      }),
      { numRuns: 200 },
    );
  });

  test('a link that stays down is reported within the longest suppression', () => {
    fc.assert(
      fc.property(policies, gaps, (policy, waits) => {
        const machine = new Machine(policy);
        let now = 10_000;
        for (const wait of waits) {
          machine.link(now, down).link(now + 1, up);
          now += wait + 1;
        }
        machine.link(now, down).pass(now + policy.maxSuppress);
        const last = machine.ran.findLast(({ event }) => event.directory === 'no-carrier');
        expect(last?.at).toBeGreaterThanOrEqual(now);
      }),
      { numRuns: 200 },
    );
  });
});
