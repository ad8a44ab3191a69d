import { expect, test } from 'bun:test';
import type { DeviceState } from '../../core/model/vocabulary.ts';
import { beginsTakeOver, continuesTakeOver } from './take-over.ts';

/** State, reason, and whether a take-over begins and goes on: while NetworkManager starts, and after. */
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
])(
  'a take-over in state %s with reason %d: %p while NetworkManager starts, %p after',
  (state, reason, starting, after) => {
    const answer = (isStarting: boolean): string => {
      const current = { state, reason };
      const begins = beginsTakeOver(current, isStarting) ? ['begins'] : [];
      return [...begins, ...(continuesTakeOver(current, isStarting) ? ['goes-on'] : [])].join(' ');
    };
    expect([answer(true), answer(false)]).toEqual([starting, after]);
  },
);
