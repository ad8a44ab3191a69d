import { describe, expect, test } from 'bun:test';
import { type Instant, instant } from '../model/ids.ts';
import type { KernelInvalidation, KernelInvalidations } from '../model/invalidation.ts';
import { newResyncMachine, planResync, type ResyncMachine, type ResyncRequest } from './kernel-resync.ts';

const invalidation = (cause: KernelInvalidation['cause']): KernelInvalidation => ({ cause });

/** Plays the daemon: steps the planner over doubts, and collects what is asked for. */
class Play {
  machine: ResyncMachine = newResyncMachine;
  invalidations: KernelInvalidations = {};
  now: Instant = instant(1_000_000);
  nextAt: Instant | undefined;
  readonly asked: string[] = [];

  plan(): this {
    const plan = planResync(this.machine, { invalidations: this.invalidations }, this.now);
    this.machine = plan.machine;
    this.nextAt = plan.nextAt;
    for (const reading of plan.readings) this.asked.push(`${this.now - 1_000_000} ${nameOf(reading)}`);
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

const nameOf = (reading: ResyncRequest): string =>
  reading.kind === 'everything' ? 'everything' : `routes ${reading.family}`;

describe('reading everything again', () => {
  test('happens at once at the start', () => {
    expect(new Play().set({ all: invalidation('unread') }).asked).toEqual(['0 everything']);
  });

  test('happens at once after the first loss, and is asked for but once', () => {
    const play = new Play().set({ all: invalidation('overrun') });
    play.plan().plan().until(60_000).plan();
    expect(play.asked).toEqual(['0 everything']);
    expect(play.nextAt).toBeUndefined();
  });

  test('waits a second after the last', () => {
    const play = new Play()
      .set({ all: invalidation('overrun') })
      .until(20)
      .set({});
    play.until(100).set({ all: invalidation('overrun') });
    expect(play.asked).toEqual(['0 everything']);
    expect(play.nextAt).toBe(instant(1_001_000));
    expect(play.until(1_500).asked).toEqual(['0 everything', '1000 everything']);
  });

  test('backs off to half a minute while it is lost again each time', () => {
    const play = new Play().set({ all: invalidation('overrun') });
    for (let i = 0; i < 9; i++) {
      play.until(play.now - 1_000_000 + 5).set({ all: invalidation('overrun') });
      play.until((play.nextAt ?? play.now) - 1_000_000);
    }
    const times = play.asked.map((line) => Number.parseInt(line, 10));
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(gaps).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  test('starts again from a second after a time of peace', () => {
    const play = new Play()
      .set({ all: invalidation('overrun') })
      .until(10)
      .set({ all: invalidation('overrun') });
    play
      .until(1_000)
      .set({})
      .until(30_000)
      .set({ all: invalidation('overrun') });
    expect(play.asked.at(-1)).toBe('30000 everything');
    play
      .until(30_010)
      .set({ all: invalidation('overrun') })
      .until(40_000);
    expect(play.asked.at(-1)).toBe('31000 everything');
  });

  test('answers doubts about routes too', () => {
    const play = new Play()
      .set({ all: invalidation('overrun'), ipv4Routes: invalidation('link-down') })
      .until(20)
      .set({});
    expect(play.until(5_000).asked).toEqual(['0 everything']);
  });
});

describe('reading routes again', () => {
  test('waits a moment for the doubts that come together, and looks once more later', () => {
    const play = new Play().set({ ipv4Routes: invalidation('link-down') });
    play.until(4).set({ ipv4Routes: invalidation('address-vanished') });
    play.until(12).set({}).until(1_000);
    expect(play.asked).toEqual(['10 routes 4', '254 routes 4']);
    expect(play.nextAt).toBeUndefined();
  });

  test('does not look once more where a message was ambiguous and nothing flushed', () => {
    const play = new Play()
      .set({ ipv6Routes: invalidation('ambiguous-message') })
      .until(12)
      .set({});
    expect(play.until(1_000).asked).toEqual(['10 routes 6']);
  });

  test('keeps both families apart', () => {
    const play = new Play().set({
      ipv4Routes: invalidation('link-down'),
      ipv6Routes: invalidation('link-down'),
    });
    expect(play.until(12).set({}).until(1_000).asked).toEqual([
      '10 routes 4',
      '10 routes 6',
      '250 routes 4',
      '250 routes 6',
    ]);
  });

  test('is not put off by a storm, and at most every 50 ms', () => {
    const play = new Play();
    for (let at = 0; at < 1_000; at++) {
      play.until(at).set({ ipv4Routes: invalidation('address-vanished') });
      if (play.machine.ipv4.asked !== undefined) play.set({});
    }
    const times = play.asked.map((line) => Number.parseInt(line, 10));
    expect(times.length).toBeGreaterThan(14);
    expect(times.length).toBeLessThanOrEqual(20);
    for (const [i, time] of times.entries()) {
      if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(50);
    }
  });

  test('takes at most a fifth of the time where the table is large', () => {
    const play = new Play()
      .set({ ipv4Routes: invalidation('link-down') })
      .until(10)
      .until(410)
      .set({});
    play
      .until(420)
      .set({ ipv4Routes: invalidation('link-down') })
      .until(10_000);
    expect(play.asked).toEqual(['10 routes 4', '2010 routes 4']);
  });

  test('is asked for again where a doubt came during the reading', () => {
    const play = new Play().set({ ipv4Routes: invalidation('ambiguous-message') }).until(11);
    play.set({ ipv4Routes: invalidation('ambiguous-message') }).until(2_000);
    expect(play.asked).toEqual(['10 routes 4', '60 routes 4']);
  });
});
