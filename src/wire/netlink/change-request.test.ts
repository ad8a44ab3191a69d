import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { anyAddress, anyRoute, anyRule } from '../../testing/kernel-arbitraries.ts';
import { parseAddress } from './address.ts';
import { encodeAddressChange } from './address-request.ts';
import { HeaderFlag, MessageType } from './constants.ts';
import { type MessageHeader, parseMessages } from './message.ts';
import { parseRoute } from './route.ts';
import { encodeRouteChange } from './route-request.ts';
import { parseRule } from './rule.ts';
import { encodeRuleChange } from './rule-request.ts';

/** The only message of an encoded request. */
function only(bytes: Uint8Array): MessageHeader {
  const headers: MessageHeader[] = [];
  expect(parseMessages(bytes, 0, bytes.length, (header) => headers.push(header))).toEqual({ ok: true });
  expect(headers.length).toBe(1);
  return headers[0] as MessageHeader;
}

const { request, ack, create, exclusive, replace } = HeaderFlag;
const { newRoute, delRoute, newRule, delRule, newAddress, delAddress } = MessageType;

describe('parsing an encoded request', () => {
  test('parsing an encoded route restores it', () => {
    fc.assert(
      fc.property(anyRoute, fc.constantFrom('add', 'replace', 'remove'), (route, change) => {
        const bytes = encodeRouteChange(change, route, 7);
        const { offset, length } = only(bytes);
        expect(parseRoute(bytes, offset, length)).toEqual({ ok: true, route });
      }),
      { numRuns: 1500 },
    );
  });

  test('parsing an encoded rule restores it', () => {
    fc.assert(
      fc.property(anyRule, fc.constantFrom('add', 'remove'), (rule, change) => {
        const bytes = encodeRuleChange(change, rule, 7);
        const { offset, length } = only(bytes);
        expect(parseRule(bytes, offset, length)).toEqual({ ok: true, rule });
      }),
      { numRuns: 1500 },
    );
  });

  test('parsing an encoded address restores it', () => {
    fc.assert(
      fc.property(anyAddress, fc.constantFrom('add', 'replace', 'remove'), (address, change) => {
        const bytes = encodeAddressChange(change, address, 7);
        const { offset, length } = only(bytes);
        expect(parseAddress(bytes, offset, length)).toEqual({ ok: true, address });
      }),
      { numRuns: 1500 },
    );
  });
});

describe('headers of changes', () => {
  const [route] = fc.sample(anyRoute, { seed: 1, numRuns: 1 });
  const [rule] = fc.sample(anyRule, { seed: 1, numRuns: 1 });
  const [address] = fc.sample(anyAddress, { seed: 1, numRuns: 1 });
  if (route === undefined || rule === undefined || address === undefined) throw new Error('no sample');
  const rows: readonly (readonly [string, Uint8Array, number, number])[] = [
    ['a new route', encodeRouteChange('add', route, 9), newRoute, request | ack | create | exclusive],
    ['a replaced route', encodeRouteChange('replace', route, 9), newRoute, request | ack | create | replace],
    ['a removed route', encodeRouteChange('remove', route, 9), delRoute, request | ack],
    ['a new rule', encodeRuleChange('add', rule, 9), newRule, request | ack | create | exclusive],
    ['a removed rule', encodeRuleChange('remove', rule, 9), delRule, request | ack],
    ['a new address', encodeAddressChange('add', address, 9), newAddress, request | ack | create | exclusive],
    [
      'a replaced address',
      encodeAddressChange('replace', address, 9),
      newAddress,
      request | ack | create | replace,
    ],
    ['a removed address', encodeAddressChange('remove', address, 9), delAddress, request | ack],
  ];
  for (const [name, bytes, type, flags] of rows) {
    test(`the header of ${name} has the right type and flags`, () =>
      expect(only(bytes)).toMatchObject({ type, flags, sequence: 9, portId: 0 }));
  }
});

describe('flags of the kernel', () => {
  test('a request does not contain the flags dead, linkdown and cloned of a route', () => {
    fc.assert(
      fc.property(anyRoute, (route) => {
        const found = {
          ...route,
          flags: route.flags | 0x2d9,
          nextHops: route.nextHops.map((hop) => ({ ...hop, flags: hop.flags | 0xd9 })),
        };
        expect(encodeRouteChange('add', found, 1)).toEqual(encodeRouteChange('add', route, 1));
      }),
    );
  });

  test('a request does not contain the flags unresolved and detached of a rule', () => {
    fc.assert(
      fc.property(anyRule, (rule) => {
        const found = { ...rule, flags: rule.flags | 0x1c };
        expect(encodeRuleChange('add', found, 1)).toEqual(encodeRuleChange('add', rule, 1));
      }),
    );
  });

  test('a request does not contain the flags tentative, deprecated, permanent and dadfailed of an address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const found = { ...address, flags: address.flags | 0xe9 };
        expect(encodeAddressChange('add', found, 1)).toEqual(encodeAddressChange('add', address, 1));
      }),
    );
  });
});
