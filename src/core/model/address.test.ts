import { describe, expect, test } from 'bun:test';
import { isIP } from 'node:net';
import fc from 'fast-check';
import {
  contains,
  familyOf,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  isLinkLocal,
  isLoopback,
  isMulticast,
  networkOf,
  parseIp,
  parseIpBytes,
} from './address.ts';

const ip = (text: string): IpAddress => text as IpAddress;

describe('parseIp', () => {
  const rows: [string, string | undefined][] = [
    ['192.168.1.1', '192.168.1.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['256.1.1.1', undefined],
    ['1.2.3', undefined],
    ['01.2.3.4', undefined],
    ['1.2.3.4 ', undefined],
    ['::', '::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::ffff:a00:1', '::ffff:10.0.0.1'],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    [':1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7:', undefined],
    ['fe80::1%eth0', undefined],
    ['12345::', undefined],
    ['1.2.3.4::', undefined],
    ['', undefined],
    [':', undefined],
    [':::', undefined],
  ];
  for (const [text, canonical] of rows) {
    test(`parseIp('${text}') returns ${canonical ?? 'undefined'}`, () => {
      expect(parseIp(text)).toBe(canonical as IpAddress | undefined);
    });
  }

  test('parseIp accepts exactly what node:net accepts as an address', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.'.split('')), maxLength: 24 }),
    );
    fc.assert(
      fc.property(text, (t) => expect(parseIp(t) !== undefined).toBe(isIP(t) !== 0)),
      { numRuns: 3000 },
    );
  });

  test('parsing a formatted address yields the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseIpBytes(formatIpv6(bytes, 0))).toEqual(bytes);
        expect(parseIpBytes(formatIpv4(bytes, 0))).toEqual(bytes.slice(0, 4));
      }),
    );
  });
});

describe('isLinkLocal, isLoopback and isMulticast', () => {
  const rows: [string, boolean, boolean, boolean][] = [
    ['169.254.3.4', true, false, false],
    ['169.255.3.4', false, false, false],
    ['fe80::1', true, false, false],
    ['febf::1', true, false, false],
    ['fec0::1', false, false, false],
    ['fe8::1', false, false, false],
    ['127.9.9.9', false, true, false],
    ['::1', false, true, false],
    ['::2', false, false, false],
    ['224.0.0.1', false, false, true],
    ['240.0.0.1', false, false, false],
    ['ff02::1', false, false, true],
    ['ff::1', false, false, false],
  ];
  for (const [text, linkLocal, loopback, multicast] of rows) {
    test(`${text} is classified: link-local ${linkLocal}, loopback ${loopback}, multicast ${multicast}`, () => {
      expect([isLinkLocal(ip(text)), isLoopback(ip(text)), isMulticast(ip(text))]).toEqual([
        linkLocal,
        loopback,
        multicast,
      ]);
    });
  }
});

describe('contains and networkOf', () => {
  const rows: [string, number, string, boolean][] = [
    ['10.0.0.0', 8, '10.255.0.1', true],
    ['10.0.0.0', 8, '11.0.0.1', false],
    ['10.1.2.0', 23, '10.1.3.255', true],
    ['10.1.2.0', 23, '10.1.4.0', false],
    ['0.0.0.0', 0, '203.0.113.1', true],
    ['0.0.0.0', 0, '2001:db8::1', false],
    ['2001:db8::', 32, '2001:db8:ffff::1', true],
    ['2001:db8::', 33, '2001:db8:ffff::1', false],
    ['10.0.0.1', 32, '10.0.0.1', true],
  ];
  for (const [network, length, address, inside] of rows) {
    test(`${address} is ${inside ? 'in' : 'not in'} ${network}/${length}`, () => {
      expect(contains({ address: ip(network), length }, ip(address))).toBe(inside);
    });
  }

  test('every address is in its own network', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(128), (text, wanted) => {
        const address = parseIp(text);
        if (address === undefined) throw new Error(text);
        const network = networkOf(address, Math.min(wanted, familyOf(address) === 4 ? 32 : 128));
        expect(contains(network, address)).toBe(true);
        expect(networkOf(network.address, network.length)).toEqual(network);
      }),
    );
  });
});
