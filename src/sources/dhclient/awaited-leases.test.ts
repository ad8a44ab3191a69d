import { describe, expect, test } from 'bun:test';
import { after, instant, millis } from '../../core/model/ids.ts';
import type { AddressObject } from '../../core/model/kernel-objects.ts';
import { ip, sampleAddress } from '../../testing/sample-state.ts';
import { AwaitedLeases, isLeased } from './awaited-leases.ts';

describe('an address that announces a lease', () => {
  const rows: [what: string, address: AddressObject, announces: boolean][] = [
    ['of limited life', sampleAddress('192.0.2.1', { validLifetime: 3600 }), true],
    ['for ever', sampleAddress('192.0.2.1', { validLifetime: 0xffffffff }), false],
    [
      'of IPv6, alone in its network',
      sampleAddress('2001:db8::1', { family: 6, prefixLength: 128, validLifetime: 3600 }),
      true,
    ],
    [
      'of IPv6, made from what a router says',
      sampleAddress('2001:db8::1', { family: 6, prefixLength: 64, validLifetime: 3600 }),
      false,
    ],
  ];
  for (const [what, address, announces] of rows) {
    test(`${what}: ${announces ? 'does' : 'does not'}`, () => {
      expect(isLeased(address)).toBe(announces);
    });
  }
});

test('a lease is awaited for a second and a half after its address was last seen', () => {
  const awaited = new AwaitedLeases();
  const at = (time: number) => instant(1000 + time);
  expect(awaited.nextAt).toBeUndefined();
  expect(awaited.add(ip('192.0.2.1'), at(0))).toBe(true);
  expect(awaited.add(ip('192.0.2.2'), at(100))).toBe(true);
  expect(awaited.add(ip('192.0.2.1'), at(200))).toBe(false);
  expect(awaited.nextAt).toBe(after(at(100), millis(1500)));
  expect(awaited.at(at(1599))).toEqual([ip('192.0.2.1'), ip('192.0.2.2')]);
  expect(awaited.at(at(1600))).toEqual([ip('192.0.2.1')]);
  expect([awaited.delete(ip('192.0.2.1')), awaited.delete(ip('192.0.2.1'))]).toEqual([true, false]);
});
