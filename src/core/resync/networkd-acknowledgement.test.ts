import { describe, expect, test } from 'bun:test';
import { sampleNetworkdLink } from '../../testing/sample-state.ts';
import { ifIndex, instant } from '../model/ids.ts';
import { mapOf } from '../model/persistent-map.ts';
import type { Freshness, NetworkdState } from '../model/state.ts';
import { newAcknowledgementMachine, planAcknowledgement } from './networkd-acknowledgement.ts';

const networkd = (acknowledged: readonly boolean[], freshness: Freshness = 'current'): NetworkdState => ({
  freshness,
  host: {},
  links: mapOf(
    acknowledged.map((each, i) => [ifIndex(i + 1), sampleNetworkdLink({ acknowledged: each })] as const),
  ),
});

/** Times at which networkd is asked, where `stateAt` is what it has said by then. */
function asked(stateAt: (now: number) => NetworkdState, until: number): number[] {
  let machine = newAcknowledgementMachine;
  const times: number[] = [];
  for (let now = 0; now <= until; now += 100) {
    const plan = planAcknowledgement(machine, stateAt(now), instant(now));
    machine = plan.machine;
    if (plan.isDue) times.push(now);
  }
  return times;
}

describe('a loss of carrier that networkd has not spoken of', () => {
  test('is waited for, then asked about, ever less often', () => {
    const silent = networkd([true, false]);
    expect(asked(() => silent, 140_000)).toEqual([2_000, 6_000, 14_000, 30_000, 62_000, 122_000]);
  });

  test('is not asked about where networkd speaks in time', () => {
    const [silent, spoken] = [networkd([false]), networkd([true])];
    expect(asked((now) => (now < 1_900 ? silent : spoken), 60_000)).toEqual([]);
  });

  test('is waited for anew, with the first patience, when it comes again', () => {
    const [silent, spoken, again] = [networkd([false]), networkd([true]), networkd([false])];
    const stateAt = (now: number): NetworkdState => (now < 7_000 ? silent : now < 8_000 ? spoken : again);
    expect(asked(stateAt, 11_000)).toEqual([2_000, 6_000, 10_000]);
  });

  test('is not put off by what networkd says of other links', () => {
    expect(asked(() => networkd([true, false]), 7_000)).toEqual([2_000, 6_000]);
  });

  test('is not asked about while networkd is away', () => {
    const away = networkd([false], 'stale');
    expect(asked(() => away, 60_000)).toEqual([]);
    expect(planAcknowledgement(newAcknowledgementMachine, away, instant(0)).nextAt).toBeUndefined();
  });
});
