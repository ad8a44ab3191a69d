import { beforeEach, describe, expect, test } from 'bun:test';
import { ip, sampleAddress, sampleKernelLink, sampleLease, sampleState } from '../../testing/sample-state.ts';
import { instant } from '../model/ids.ts';
import { mapOf } from '../model/persistent-map.ts';
import type { ActiveLease, State } from '../model/state.ts';
import type { ResolverResult } from './call.ts';
import { callCommand } from './call-command.ts';
import { ResolverLane, type ResolverTurn } from './lane.ts';
import type { ResolverSettings } from './wanted-settings.ts';

const settings: ResolverSettings = {
  useDns: true,
  useDomain: false,
  useHostname: false,
  isMonitored: () => true,
};
const address = sampleAddress('192.168.1.100');
const kernelLinks = [sampleKernelLink({ addresses: mapOf([[address.address, address]]) })];
const stateWith = (...leases: readonly ActiveLease[]): State => sampleState({ kernelLinks, leases });
const leased = stateWith(sampleLease({ dns: [ip('9.9.9.9')] }));
const now = instant(1000);

let lane: ResolverLane;
beforeEach(() => {
  lane = new ResolverLane();
});
const commands = (turn: ResolverTurn): string[] => turn.calls.map(callCommand);
const end = ({ calls }: ResolverTurn, result: ResolverResult = { kind: 'done' }): void =>
  lane.finished(
    calls.map((call) => ({ call, result })),
    now,
  );

describe('ResolverLane', () => {
  test('the lane plans only after relevant changes', () => {
    expect(commands(lane.plan(stateWith(), settings, now))).toEqual([]);
    const turn = lane.plan(leased, settings, now);
    expect(commands(turn)).toEqual(['resolvectl dns eth0 9.9.9.9']);
    expect(lane.plan({ ...leased }, settings, now).calls).toEqual([]);
    end(turn);
    expect(lane.plan(leased, settings, now).calls).toEqual([]);
    expect(lane.nextWakeAt()).toBeUndefined();
    expect(commands(lane.plan(stateWith(), settings, now))).toEqual(['resolvectl revert eth0']);
  });

  test('the lane plans after a change of the settings', () => {
    end(lane.plan(leased, settings, now));
    expect(commands(lane.plan(leased, { ...settings, useDns: false }, now))).toEqual([
      'resolvectl revert eth0',
    ]);
  });

  test('the lane asks to be woken for a retry', () => {
    end(lane.plan(leased, settings, now), { kind: 'failed', error: 'org.example.Odd', text: '' });
    expect(lane.plan(leased, settings, now).calls).toEqual([]);
    expect(lane.nextWakeAt()).toBe(instant(1100));
    expect(lane.plan(leased, settings, instant(1099)).calls).toEqual([]);
    expect(lane.plan(leased, settings, instant(1100)).calls).toHaveLength(1);
  });

  test('the lane sends settings again to a service that returned', () => {
    end(lane.plan(leased, settings, now));
    lane.plan(leased, settings, now);
    lane.serviceReturned('resolve1');
    expect(lane.plan(leased, settings, now).calls).toHaveLength(1);
  });

  test('the lane reverts settings of an earlier run', () => {
    lane.resume(leased, settings);
    expect(commands(lane.plan(stateWith(), settings, now))).toEqual(['resolvectl revert eth0']);
  });
});
