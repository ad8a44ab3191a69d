import { describe, expect, test } from 'bun:test';
import { instant } from '../../core/model/ids.ts';
import {
  batchSize,
  isCheckpointDue,
  isFarTooLarge,
  isLogTooLong,
  maintenanceDelay,
  mayMaintain,
  retryAfter,
  storeDelay,
} from './pace.ts';

describe('records are stored', () => {
  test('a moment later, so that more come together', () => {
    expect(storeDelay(1)).toBe(storeDelay(batchSize - 1));
    expect(Number(storeDelay(1))).toBeGreaterThan(0);
  });

  test('in the next turn where a batch is full', () => {
    expect([storeDelay(batchSize), storeDelay(10_000)].map(Number)).toEqual([0, 0]);
  });
});

describe('maintenance', () => {
  const at = (now: number, lastRecord: number, lastRound: number): boolean =>
    mayMaintain({ now: instant(now), lastRecord: instant(lastRecord), lastRound: instant(lastRound) });

  test('waits for a quiet second', () => {
    expect([at(5999, 5000, 5000), at(6000, 5000, 5000)]).toEqual([false, true]);
  });

  test('does not wait for ever', () => {
    expect([at(34_999, 34_900, 5000), at(35_000, 34_900, 5000)]).toEqual([false, true]);
  });

  test('goes on quickly while there is more, and sleeps where there is nothing', () => {
    const delays = [
      maintenanceDelay(true, true),
      maintenanceDelay(false, true),
      maintenanceDelay(false, false),
    ];
    expect(delays.map(Number)).toEqual([20, 1000, 60_000]);
  });

  test('does not wait for quiet where the database is far too large or its log long', () => {
    expect([isFarTooLarge({ used: 110, limit: 100 }), isFarTooLarge({ used: 111, limit: 100 })]).toEqual([
      false,
      true,
    ]);
    expect([isCheckpointDue(999), isCheckpointDue(1000)]).toEqual([false, true]);
    expect([isLogTooLong(64 * 2 ** 20), isLogTooLong(64 * 2 ** 20 + 1)]).toEqual([false, true]);
  });
});

describe('after a failure', () => {
  test('everything but a lock is reported at once and tried again in a minute', () => {
    for (const code of [
      'NETEVD_HISTORY_FULL',
      'NETEVD_HISTORY_UNWRITABLE',
      'NETEVD_HISTORY_NEWER',
      'NETEVD_HISTORY_DAMAGED',
    ] as const) {
      expect(retryAfter(code, 1)).toEqual({ delay: 60_000 as never, failed: true });
    }
  });

  test('a lock is tried again in a second, and reported when it lasts', () => {
    const retries = [1, 5, 6].map((attempts) => retryAfter('NETEVD_HISTORY_BUSY', attempts));
    expect(retries.map(({ delay, failed }) => [Number(delay), failed])).toEqual([
      [1000, false],
      [1000, false],
      [60_000, true],
    ]);
  });
});
