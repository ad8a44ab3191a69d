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

describe('pace of batches', () => {
  test('records wait a moment, so that several are stored together', () => {
    expect(storeDelay(1)).toBe(storeDelay(batchSize - 1));
    expect(Number(storeDelay(1))).toBeGreaterThan(0);
  });

  test('a full batch is stored in the next turn', () => {
    expect([storeDelay(batchSize), storeDelay(10_000)].map(Number)).toEqual([0, 0]);
  });
});

describe('pace of maintenance', () => {
  const at = (now: number, lastRecord: number, lastRound: number): boolean =>
    mayMaintain({ now: instant(now), lastRecord: instant(lastRecord), lastRound: instant(lastRound) });

  test('maintenance waits for a quiet second', () => {
    expect([at(5999, 5000, 5000), at(6000, 5000, 5000)]).toEqual([false, true]);
  });

  test('maintenance does not wait longer than its limit', () => {
    expect([at(34_999, 34_900, 5000), at(35_000, 34_900, 5000)]).toEqual([false, true]);
  });

  test('maintenance continues quickly while there is more, and sleeps otherwise', () => {
    const delays = [
      maintenanceDelay(true, true),
      maintenanceDelay(false, true),
      maintenanceDelay(false, false),
    ];
    expect(delays.map(Number)).toEqual([20, 1000, 60_000]);
  });

  test('maintenance does not wait for quiet if the database is far too large or its log is long', () => {
    expect([isFarTooLarge({ used: 110, limit: 100 }), isFarTooLarge({ used: 111, limit: 100 })]).toEqual([
      false,
      true,
    ]);
    expect([isCheckpointDue(999), isCheckpointDue(1000)]).toEqual([false, true]);
    expect([isLogTooLong(64 * 2 ** 20), isLogTooLong(64 * 2 ** 20 + 1)]).toEqual([false, true]);
  });
});

describe('pace after a failure', () => {
  test('any failure except a lock is reported at once and retried after a minute', () => {
    for (const code of [
      'NETEVD_HISTORY_FULL',
      'NETEVD_HISTORY_UNWRITABLE',
      'NETEVD_HISTORY_NEWER',
      'NETEVD_HISTORY_DAMAGED',
    ] as const) {
      expect(retryAfter(code, 1)).toEqual({ delay: 60_000 as never, failed: true });
    }
  });

  test('a lock is retried after a second and reported if it lasts', () => {
    const retries = [1, 5, 6].map((attempts) => retryAfter('NETEVD_HISTORY_BUSY', attempts));
    expect(retries.map(({ delay, failed }) => [Number(delay), failed])).toEqual([
      [1000, false],
      [1000, false],
      [60_000, true],
    ]);
  });
});
