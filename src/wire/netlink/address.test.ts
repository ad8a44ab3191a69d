import { describe, expect, test } from 'bun:test';
import { AddressFlag, type AddressObject } from '../../core/model/kernel-objects.ts';
import { capturedMessages, ipOutput, type Scenario } from '../../testing/netlink-fixtures.ts';
import { type AddressResult, parseAddress } from './address.ts';
import { MessageType } from './constants.ts';

type IpJson = Readonly<Record<string, unknown>>;

function decoded(scenario: string, file: string, types: readonly number[]): AddressResult[] {
  return capturedMessages(scenario, file)
    .filter(({ header }) => types.includes(header.type))
    .map(({ datagram, header }) => parseAddress(datagram, header.offset, header.length));
}

const addresses = (
  scenario: string,
  file = 'addresses.hex',
  types: readonly number[] = [MessageType.newAddress],
): AddressObject[] => decoded(scenario, file, types).flatMap((result) => (result.ok ? [result.address] : []));

/**
 * `ifa_flag_names` of iproute2's ipaddress.c; the first depends on the family, "permanent" is printed by its
 * absence.
 */
const flagNames: readonly (readonly [number, string])[] = [
  [AddressFlag.nodad, 'nodad'],
  [AddressFlag.optimistic, 'optimistic'],
  [AddressFlag.dadFailed, 'dadfailed'],
  [AddressFlag.homeAddress, 'home'],
  [AddressFlag.deprecated, 'deprecated'],
  [AddressFlag.tentative, 'tentative'],
  [AddressFlag.manageTemporary, 'mngtmpaddr'],
  [AddressFlag.noPrefixRoute, 'noprefixroute'],
  [AddressFlag.multicastAutoJoin, 'autojoin'],
  [AddressFlag.stablePrivacy, 'stable-privacy'],
];

/** An address as `ip -j -d addr` prints it. */
function addressAsIp(address: AddressObject): IpJson {
  const secondary = address.family === 4 ? 'secondary' : 'temporary';
  const names = [...flagNames, [AddressFlag.temporaryOrSecondary, secondary] as const]
    .filter(([bit]) => (address.flags & bit) !== 0)
    .map(([, name]) => name);
  if ((address.flags & AddressFlag.permanent) === 0) names.push('dynamic');
  return {
    family: address.family === 4 ? 'inet' : 'inet6',
    local: address.address,
    ...(address.peer !== undefined && { address: address.peer }),
    prefixlen: address.prefixLength,
    ...(address.broadcast !== undefined && { broadcast: address.broadcast }),
    scope: String(address.scope),
    ...(address.label !== undefined && { label: address.label }),
    valid_life_time: address.validLifetime,
    preferred_life_time: address.preferredLifetime,
    ...Object.fromEntries(names.map((name) => [name, true])),
  };
}

/** The addresses of a link as `ip` reports them, by index. */
function printedAddresses(scenario: Scenario): Map<number, IpJson[]> {
  const links = ipOutput(scenario, 'addresses') as unknown as { ifindex: number; addr_info: IpJson[] }[];
  return new Map(
    links
      .filter((link) => link.addr_info.length > 0)
      .map((link) => [link.ifindex, link.addr_info.map(({ metric: _, ...rest }) => rest)]),
  );
}

describe('parseAddress', () => {
  for (const scenario of ['addresses', 'links', 'routes'] as const) {
    test(`parseAddress agrees with ip on the addresses of "${scenario}"`, () => {
      const byLink = new Map<number, IpJson[]>();
      for (const address of addresses(scenario)) {
        byLink.set(address.ifindex, [...(byLink.get(address.ifindex) ?? []), addressAsIp(address)]);
      }
      expect(byLink.size).toBeGreaterThan(2);
      expect(byLink).toEqual(printedAddresses(scenario));
    });
  }

  test('the recording contains every flag that the scenario sets', () => {
    const seen = addresses('addresses').reduce((all, address) => all | address.flags, 0);
    for (const flag of ['temporaryOrSecondary', 'nodad', 'dadFailed', 'homeAddress', 'deprecated'] as const) {
      expect(seen & AddressFlag[flag]).not.toBe(0);
    }
    for (const flag of ['tentative', 'manageTemporary', 'noPrefixRoute', 'multicastAutoJoin'] as const) {
      expect(seen & AddressFlag[flag]).not.toBe(0);
    }
  });

  test('every notification about an address is parsed, including removals', () => {
    const results = decoded('addresses', 'events.hex', [MessageType.newAddress, MessageType.delAddress]);
    expect(results.filter((result) => !result.ok)).toEqual([]);
    const removed = addresses('addresses', 'events.hex', [MessageType.delAddress]);
    expect(removed.map((address): string => address.address)).toContain('192.0.2.1');
    expect(removed.map((address): string => address.address)).toContain('2001:db8::2');
  });

  test('the flags of an address change from tentative to valid or to failed', () => {
    const states = (text: string, ifindex?: number): number[] =>
      addresses('addresses', 'events.hex')
        .filter((one) => one.address === text && (ifindex ?? one.ifindex) === one.ifindex)
        .map((one) => one.flags & (AddressFlag.tentative | AddressFlag.dadFailed));
    expect(states('2001:db8::1')).toEqual([AddressFlag.tentative, 0]);
    expect(states('2001:db8:5::1', 2).at(-1)).toBe(AddressFlag.tentative | AddressFlag.dadFailed);
  });

  const ipv4 = [2, 24, 0x80, 0, 3, 0, 0, 0];
  const local = [8, 0, 2, 0, 10, 0, 0, 1];
  const rows: readonly (readonly [string, readonly number[], object])[] = [
    ['a struct cut short', ipv4.slice(0, 7), { code: 'struct-truncated', offset: 0 }],
    ['no address', ipv4, { code: 'attribute-missing', offset: 0 }],
    ['a prefix length of 33', [2, 33, ...ipv4.slice(2), ...local], { code: 'value-range', offset: 1 }],
    ['index 0', [2, 24, 0x80, 0, 0, 0, 0, 0, ...local], { code: 'value-range', offset: 4 }],
    ['an IPv6 address of 4 bytes', [10, ...ipv4.slice(1), ...local], { code: 'attribute-short', offset: 8 }],
    [
      'lifetimes of 8 bytes',
      [...ipv4, ...local, 12, 0, 6, 0, 1, 2, 3, 4, 5, 6, 7, 8],
      { code: 'attribute-short', offset: 16 },
    ],
  ];
  for (const [name, bytes, problem] of rows) {
    test(`parseAddress reports the position of ${name}`, () => {
      const result = parseAddress(Uint8Array.from(bytes), 0, bytes.length);
      expect(result).toMatchObject({ ok: false, ignored: false, problem });
    });
  }

  test('addresses of other families are ignored', () => {
    const result = parseAddress(Uint8Array.of(28, ...ipv4.slice(1), ...local), 0, 16);
    expect(result).toEqual({ ok: false, ignored: true, reason: 'family' });
  });

  test('an address without lifetimes never expires, and one without IFA_FLAGS has the flags of the header', () => {
    const result = parseAddress(Uint8Array.of(...ipv4, ...local), 0, 16);
    expect(result).toMatchObject({
      ok: true,
      address: { address: '10.0.0.1', flags: 0x80, validLifetime: 0xffffffff, preferredLifetime: 0xffffffff },
    });
  });
});
