import { expect, test } from 'bun:test';
import type { DeviceState } from '../../core/model/vocabulary.ts';
import { beginsTakeOver, continuesTakeOver } from './take-over.ts';

/** State, reason, and whether it begins and goes on: while NetworkManager starts, and after. */
test.each<readonly [DeviceState, number, string, string]>([
  ['unknown', 0, 'begins goes-on', ''],
  ['unmanaged', 0, 'begins goes-on', ''],
  ['unavailable', 41, 'begins goes-on', 'begins goes-on'],
  ['disconnected', 41, 'begins goes-on', 'begins goes-on'],
  ['unavailable', 2, '', ''],
  ['disconnected', 40, '', ''],
  ['prepare', 0, 'begins goes-on', 'goes-on'],
  ['secondaries', 0, 'begins goes-on', 'goes-on'],
  ['activated', 0, '', ''],
  ['activated', 41, '', ''],
  ['deactivating', 39, '', ''],
  ['failed', 4, '', ''],
])('%s for reason %d: %p while it starts, %p after', (state, reason, starting, after) => {
  const words = (isStarting: boolean): string => {
    const current = { state, reason };
    const begins = beginsTakeOver(current, isStarting) ? ['begins'] : [];
    return [...begins, ...(continuesTakeOver(current, isStarting) ? ['goes-on'] : [])].join(' ');
  };
  expect([words(true), words(false)]).toEqual([starting, after]);
});
