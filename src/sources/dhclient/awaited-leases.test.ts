import { describe, expect, test } from 'bun:test';
import { after, instant, millis } from '../../core/model/ids.ts';
import type { AddressObject } from '../../core/model/kernel-objects.ts';
import { ip, sampleAddress } from '../../testing/sample-state.ts';
import { AwaitedLeases, isLeased } from './awaited-leases.ts';

describe('isLeased', () => {
  const rows: [what: string, address: AddressObject, announces: boolean][] = [
    ['an IPv4 address with a limited lifetime', sampleAddress('192.0.2.1', { validLifetime: 3600 }), true],
    ['an IPv4 address that lasts forever', sampleAddress('192.0.2.1', { validLifetime: 0xffffffff }), false],
    [
      'an IPv6 address with a limited lifetime and a /128 prefix',
      sampleAddress('2001:db8::1', { family: 6, prefixLength: 128, validLifetime: 3600 }),
      true,
    ],
    [
      'an IPv6 address from a router advertisement',
      sampleAddress('2001:db8::1', { family: 6, prefixLength: 64, validLifetime: 3600 }),
      false,
    ],
  ];
  for (const [what, address, announces] of rows) {
    test(`is ${announces} for ${what}`, () => {
      expect(isLeased(address)).toBe(announces);
    });
  }
});

test('a lease is awaited for 1.5 seconds after its address was last observed', () => {
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
