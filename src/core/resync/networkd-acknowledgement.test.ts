import { describe, expect, test } from 'bun:test';
import { sampleNetworkdLink } from '../../testing/sample-state.ts';
import { ifIndex, instant } from '../model/ids.ts';
import { mapOf } from '../model/persistent-map.ts';
import type { Freshness, NetworkdState } from '../model/state.ts';
import { emptyAcknowledgementMemory, planAcknowledgement } from './networkd-acknowledgement.ts';

const networkd = (acknowledged: readonly boolean[], freshness: Freshness = 'current'): NetworkdState => ({
  freshness,
  host: {},
  links: mapOf(
    acknowledged.map((each, i) => [ifIndex(i + 1), sampleNetworkdLink({ acknowledged: each })] as const),
  ),
});

/** Returns the times at which networkd is read; `stateAt` is its state at a time. */
function readTimes(stateAt: (now: number) => NetworkdState, until: number): number[] {
  let memory = emptyAcknowledgementMemory;
  const times: number[] = [];
  for (let now = 0; now <= until; now += 100) {
    const plan = planAcknowledgement(memory, stateAt(now), instant(now));
    memory = plan.memory;
    if (plan.isDue) times.push(now);
  }
  return times;
}

describe('planAcknowledgement', () => {
  test('a loss that networkd does not report causes reads with back-off', () => {
    const silent = networkd([true, false]);
    expect(readTimes(() => silent, 140_000)).toEqual([2_000, 6_000, 14_000, 30_000, 62_000, 122_000]);
  });

  test('a loss that networkd reports in time causes no read', () => {
    const [silent, acknowledged] = [networkd([false]), networkd([true])];
    expect(readTimes((now) => (now < 1_900 ? silent : acknowledged), 60_000)).toEqual([]);
  });

  test('a new loss starts again with the minimum timeout', () => {
    const [silent, acknowledged, lostAgain] = [networkd([false]), networkd([true]), networkd([false])];
    const stateAt = (now: number): NetworkdState =>
      now < 7_000 ? silent : now < 8_000 ? acknowledged : lostAgain;
    expect(readTimes(stateAt, 11_000)).toEqual([2_000, 6_000, 10_000]);
  });

  test('reports about other links do not postpone the read', () => {
    expect(readTimes(() => networkd([true, false]), 7_000)).toEqual([2_000, 6_000]);
  });

  test('a stopped networkd is not read', () => {
    const away = networkd([false], 'stale');
    expect(readTimes(() => away, 60_000)).toEqual([]);
    expect(planAcknowledgement(emptyAcknowledgementMemory, away, instant(0)).nextAt).toBeUndefined();
  });
});
