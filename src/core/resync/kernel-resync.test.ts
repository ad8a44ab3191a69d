import { describe, expect, test } from 'bun:test';
import { type Instant, instant } from '../model/ids.ts';
import type { KernelInvalidation, KernelInvalidations } from '../model/invalidation.ts';
import { emptyResyncMemory, planResync, type ResyncMemory, type ResyncRequest } from './kernel-resync.ts';

const invalidation = (cause: KernelInvalidation['cause']): KernelInvalidation => ({ cause });

/** Runs the planner like the daemon: sets invalidations and collects the requested dumps. */
class Planner {
  memory: ResyncMemory = emptyResyncMemory;
  invalidations: KernelInvalidations = {};
  now: Instant = instant(1_000_000);
  nextAt: Instant | undefined;
  readonly requested: string[] = [];

  plan(): this {
    const plan = planResync(this.memory, { invalidations: this.invalidations }, this.now);
    this.memory = plan.memory;
    this.nextAt = plan.nextAt;
    for (const reading of plan.dumps) this.requested.push(`${this.now - 1_000_000} ${nameOf(reading)}`);
    return this;
  }

  set(invalidations: KernelInvalidations): this {
    this.invalidations = invalidations;
    return this.plan();
  }

  /** Lets time pass to `at`, planning whenever the planner asked to be woken. */
  until(at: number): this {
    const end = instant(1_000_000 + at);
    while (this.nextAt !== undefined && this.nextAt <= end) {
      this.now = this.nextAt;
      this.plan();
    }
    this.now = end;
    return this;
  }
}

const nameOf = (request: ResyncRequest): string =>
  request.kind === 'everything' ? 'everything' : `routes ${request.family}`;

describe('complete dumps', () => {
  test('the first complete dump starts at once', () => {
    expect(new Planner().set({ all: invalidation('unread') }).requested).toEqual(['0 everything']);
  });

  test('a sync loss causes one complete dump at once', () => {
    const planner = new Planner().set({ all: invalidation('overrun') });
    planner.plan().plan().until(60_000).plan();
    expect(planner.requested).toEqual(['0 everything']);
    expect(planner.nextAt).toBeUndefined();
  });

  test('a complete dump starts at least a second after the last one', () => {
    const planner = new Planner()
      .set({ all: invalidation('overrun') })
      .until(20)
      .set({});
    planner.until(100).set({ all: invalidation('overrun') });
    expect(planner.requested).toEqual(['0 everything']);
    expect(planner.nextAt).toBe(instant(1_001_000));
    expect(planner.until(1_500).requested).toEqual(['0 everything', '1000 everything']);
  });

  test('complete dumps back off to half a minute while each is followed by a sync loss', () => {
    const planner = new Planner().set({ all: invalidation('overrun') });
    for (let i = 0; i < 9; i++) {
      planner.until(planner.now - 1_000_000 + 5).set({ all: invalidation('overrun') });
      planner.until((planner.nextAt ?? planner.now) - 1_000_000);
    }
    const times = planner.requested.map((line) => Number.parseInt(line, 10));
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(gaps).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  test('the back-off of complete dumps starts again after a quiet time', () => {
    const planner = new Planner()
      .set({ all: invalidation('overrun') })
      .until(10)
      .set({ all: invalidation('overrun') });
    planner
      .until(1_000)
      .set({})
      .until(30_000)
      .set({ all: invalidation('overrun') });
    expect(planner.requested.at(-1)).toBe('30000 everything');
    planner
      .until(30_010)
      .set({ all: invalidation('overrun') })
      .until(40_000);
    expect(planner.requested.at(-1)).toBe('31000 everything');
  });

  test('a complete dump also answers invalidations of routes', () => {
    const planner = new Planner()
      .set({ all: invalidation('overrun'), ipv4Routes: invalidation('link-down') })
      .until(20)
      .set({});
    expect(planner.until(5_000).requested).toEqual(['0 everything']);
  });
});

describe('dumps of routes', () => {
  test('a dump of routes coalesces invalidations and is repeated once later', () => {
    const planner = new Planner().set({ ipv4Routes: invalidation('link-down') });
    planner.until(4).set({ ipv4Routes: invalidation('address-vanished') });
    planner.until(12).set({}).until(1_000);
    expect(planner.requested).toEqual(['10 routes 4', '254 routes 4']);
    expect(planner.nextAt).toBeUndefined();
  });

  test('a dump of routes after an ambiguous message is not repeated', () => {
    const planner = new Planner()
      .set({ ipv6Routes: invalidation('ambiguous-message') })
      .until(12)
      .set({});
    expect(planner.until(1_000).requested).toEqual(['10 routes 6']);
  });

  test('dumps of routes are separate for each family', () => {
    const planner = new Planner().set({
      ipv4Routes: invalidation('link-down'),
      ipv6Routes: invalidation('link-down'),
    });
    expect(planner.until(12).set({}).until(1_000).requested).toEqual([
      '10 routes 4',
      '10 routes 6',
      '250 routes 4',
      '250 routes 6',
    ]);
  });

  test('a storm of invalidations causes a dump of routes at most every 50 ms and does not postpone it', () => {
    const planner = new Planner();
    for (let at = 0; at < 1_000; at++) {
      planner.until(at).set({ ipv4Routes: invalidation('address-vanished') });
      if (planner.memory.ipv4.inProgress !== undefined) planner.set({});
    }
    const times = planner.requested.map((line) => Number.parseInt(line, 10));
    expect(times.length).toBeGreaterThan(14);
    expect(times.length).toBeLessThanOrEqual(20);
    for (const [i, time] of times.entries()) {
      if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(50);
    }
  });

  test('dumps of a large table take at most a fifth of the time', () => {
    const planner = new Planner()
      .set({ ipv4Routes: invalidation('link-down') })
      .until(10)
      .until(410)
      .set({});
    planner
      .until(420)
      .set({ ipv4Routes: invalidation('link-down') })
      .until(10_000);
    expect(planner.requested).toEqual(['10 routes 4', '2010 routes 4']);
  });

  test('an invalidation during a dump of routes causes another dump', () => {
    const planner = new Planner().set({ ipv4Routes: invalidation('ambiguous-message') }).until(11);
    planner.set({ ipv4Routes: invalidation('ambiguous-message') }).until(2_000);
    expect(planner.requested).toEqual(['10 routes 4', '60 routes 4']);
  });
});
