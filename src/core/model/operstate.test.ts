import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleAddress, sampleLinkObject } from '../../testing/sample-state.ts';
import { reduce } from '../reduce/reduce.ts';
import type { IpAddress } from './address.ts';
import { emptyState } from './empty-state.ts';
import { ifIndex } from './ids.ts';
import { AddressFlag, type AddressObject, LinkFlag, type LinkObject, OperStatus } from './kernel-objects.ts';
import { addressStateOf, carrierStateOf, count, isReady, isUsable, noAddresses } from './operstate.ts';
import type { State } from './state.ts';
import { type CarrierState, operationalStates } from './vocabulary.ts';

const { up, running, lowerUp, dormant } = LinkFlag;
const allOn = up | running | lowerUp;
const master = ifIndex(9);

const carrierRows: readonly {
  readonly says: string;
  readonly link: Pick<LinkObject, 'flags' | 'operStatus' | 'master'>;
  readonly is: CarrierState;
}[] = [
  { says: 'down and not up', link: { flags: 0, operStatus: OperStatus.down }, is: 'off' },
  { says: 'not present', link: { flags: 0, operStatus: OperStatus.notPresent }, is: 'off' },
  { says: 'down but up', link: { flags: up, operStatus: OperStatus.down }, is: 'no-carrier' },
  { says: 'lower layer down', link: { flags: up, operStatus: OperStatus.lowerLayerDown }, is: 'no-carrier' },
  { says: 'testing', link: { flags: allOn, operStatus: OperStatus.testing }, is: 'no-carrier' },
  { says: 'up', link: { flags: allOn, operStatus: OperStatus.up }, is: 'carrier' },
  { says: 'up with a master', link: { flags: allOn, operStatus: OperStatus.up, master }, is: 'enslaved' },
  { says: 'unknown, flags up', link: { flags: allOn, operStatus: OperStatus.unknown }, is: 'carrier' },
  { says: 'unknown, not lower up', link: { flags: up, operStatus: OperStatus.unknown }, is: 'no-carrier' },
  { says: 'unknown, flag dormant', link: { flags: allOn | dormant, operStatus: 0 }, is: 'no-carrier' },
  { says: 'unknown and off', link: { flags: 0, operStatus: OperStatus.unknown }, is: 'off' },
  { says: 'dormant', link: { flags: allOn | dormant, operStatus: OperStatus.dormant }, is: 'dormant' },
  {
    says: 'dormant with a master',
    link: { flags: up, operStatus: OperStatus.dormant, master },
    is: 'dormant',
  },
  { says: 'down with a master', link: { flags: up, operStatus: OperStatus.down, master }, is: 'no-carrier' },
];

describe('the carrier state of a link', () => {
  for (const { says, link, is } of carrierRows) {
    test(`that is ${says} is ${is}`, () => {
      expect(carrierStateOf(link, () => false)).toBe(is);
    });
  }

  test('is degraded by a port below carrier only where the link has carrier itself', () => {
    const withBadPort = (row: (typeof carrierRows)[number]): CarrierState =>
      carrierStateOf(row.link, () => true);
    for (const row of carrierRows) {
      const degraded = row.is === 'carrier' || row.is === 'enslaved';
      expect(withBadPort(row)).toBe(degraded ? 'degraded-carrier' : row.is);
    }
  });

  test('does not look at ports where it does not matter', () => {
    let asked = 0;
    carrierStateOf({ flags: up, operStatus: OperStatus.down }, () => asked++ > 0);
    expect(asked).toBe(0);
  });
});

const { tentative, dadFailed, optimistic, deprecated, temporaryOrSecondary } = AddressFlag;

describe('an address', () => {
  const rows: readonly (readonly [string, Partial<AddressObject>, boolean, boolean])[] = [
    ['192.0.2.1', {}, true, true],
    ['192.0.2.1', { flags: temporaryOrSecondary }, true, true],
    ['192.0.2.1', { scope: 253 }, true, true],
    ['169.254.1.1', { scope: 253 }, true, false],
    ['169.254.1.1', { scope: 0 }, true, false],
    ['127.0.0.1', { scope: 254 }, true, false],
    ['2001:db8::1', {}, true, true],
    ['2001:db8::1', { flags: tentative }, false, false],
    ['2001:db8::1', { flags: tentative | optimistic }, false, false],
    ['2001:db8::1', { flags: optimistic }, true, true],
    ['2001:db8::1', { flags: tentative | dadFailed }, false, false],
    ['2001:db8::1', { flags: dadFailed }, false, false],
    ['2001:db8::1', { flags: deprecated }, true, true],
    ['fd00::1', {}, true, true],
    ['fe80::1', { scope: 253 }, true, false],
    ['::1', { scope: 254 }, true, false],
  ];
  for (const [text, over, ready, usable] of rows) {
    test(`${text} ${JSON.stringify(over)} counts: ${ready}, is usable: ${usable}`, () => {
      const address = sampleAddress(text, { flags: 0, ...over });
      expect([isReady(address), isUsable(address)]).toEqual([ready, usable]);
    });
  }

  test('adds to the tally what it takes away again', () => {
    for (const [text, over] of rows) {
      const address = sampleAddress(text, { flags: 0, ...over });
      expect(count(count(noAddresses, address, 1), address, -1)).toEqual(noAddresses);
    }
  });

  test('makes the state by its scope', () => {
    const stateOf = (scope: number): string => {
      const tally = count(noAddresses, sampleAddress('192.0.2.1', { scope }), 1);
      return addressStateOf(tally.ipv4Routable, tally.ipv4Degraded);
    };
    expect([0, 100, 199, 200, 252, 253, 254, 255].map(stateOf)).toEqual([
      'routable',
      'routable',
      'routable',
      'degraded',
      'degraded',
      'degraded',
      'off',
      'off',
    ]);
  });
});

interface Facts {
  readonly index: number;
  readonly type: string;
  readonly flags: number;
  readonly operStatus: number;
  readonly master?: number;
  readonly addresses: readonly {
    readonly family: 4 | 6;
    readonly address: string;
    readonly prefixLength: number;
    readonly scope: number;
    readonly flags: number;
  }[];
}

interface Words {
  readonly operational: string;
  readonly carrier: string;
  readonly address: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

type Row =
  | { readonly row: 'link'; readonly link: Facts; readonly ports: readonly Facts[]; readonly networkd: Words }
  | {
      readonly row: 'host';
      readonly links: readonly { type: string; networkd: Words }[];
      readonly networkd: Words;
    };

const rows = readFileSync(
  join(import.meta.dirname, '../../../test/fixtures/operstate/networkd-252.jsonl'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

function observe(state: State, link: Facts): State {
  const object = sampleLinkObject({
    index: ifIndex(link.index),
    flags: link.flags,
    operStatus: link.operStatus,
    ...(link.master !== undefined && { master: ifIndex(link.master) }),
  });
  return link.addresses.reduce(
    (known, { address, ...over }) =>
      reduce(known, {
        kind: 'addressObserved',
        address: sampleAddress(address as IpAddress, { ...over, ifindex: object.index }),
      }),
    reduce(state, { kind: 'linkObserved', link: object }),
  );
}

function wordsOf(state: State, index: number): Words {
  const link = state.kernel.links.get(ifIndex(index));
  if (link === undefined) throw new Error(`no link ${index}`);
  return {
    operational: link.operational,
    carrier: link.carrierState,
    address: link.addressState,
    ipv4: link.ipv4AddressState,
    ipv6: link.ipv6AddressState,
  };
}

describe('the real networkd 252', () => {
  test('was asked about enough links', () => {
    const seen = new Set(rows.map((row) => row.networkd.operational));
    for (const state of operationalStates)
      if (state !== 'missing' && state !== 'dormant') expect(seen).toContain(state);
    expect(rows.filter((row) => row.row === 'link').length).toBeGreaterThan(100);
  });

  for (const [i, row] of rows.entries()) {
    if (row.row === 'host') continue;
    test(`says the same of the link in row ${i + 1}, whichever of port and master is initialReads of first`, () => {
      const { operational, carrier, address, ipv4, ipv6 } = row.networkd;
      const expected = { operational, carrier, address, ipv4, ipv6 };
      const orders = [
        [row.link, ...row.ports],
        [...row.ports, row.link],
      ];
      for (const order of orders) {
        const state = order.reduce(observe, emptyState('kernel'));
        expect(wordsOf(state, row.link.index)).toEqual(expected);
      }
    });
  }

  test('says the same of the host', () => {
    const rank = (words: readonly string[], of: string): number => words.indexOf(of);
    const hosts = rows.filter((row) => row.row === 'host');
    expect(hosts.length).toBeGreaterThan(50);
    for (const { links, networkd } of hosts) {
      const counted = links.filter((link) => link.type !== 'loopback').map((link) => link.networkd);
      const highest = counted.reduce(
        (top, { operational }) =>
          rank(operationalStates, operational) > rank(operationalStates, top) ? operational : top,
        'off',
      );
      expect(highest).toBe(networkd.operational);
    }
  });
});
