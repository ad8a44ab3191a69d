import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleAddress, sampleLinkObject } from '../../testing/sample-state.ts';
import { reduce } from '../reduce/reduce.ts';
import type { IpAddress } from './address.ts';
import { addressStateOf, countAddress, isReady, isUsable, noAddresses } from './address-tally.ts';
import { emptyState } from './empty-state.ts';
import { ifIndex } from './ids.ts';
import { AddressFlag, type AddressObject, LinkFlag, type LinkObject, OperStatus } from './kernel-objects.ts';
import { carrierStateOf } from './operstate.ts';
import type { State } from './state.ts';
import { type CarrierState, operationalStates } from './vocabulary.ts';

const { up, running, lowerUp, dormant } = LinkFlag;
const allOn = up | running | lowerUp;
const master = ifIndex(9);

const carrierRows: readonly {
  readonly name: string;
  readonly link: Pick<LinkObject, 'flags' | 'operStatus' | 'master'>;
  readonly expected: CarrierState;
}[] = [
  { name: 'down and not up', link: { flags: 0, operStatus: OperStatus.down }, expected: 'off' },
  { name: 'not present', link: { flags: 0, operStatus: OperStatus.notPresent }, expected: 'off' },
  { name: 'down but up', link: { flags: up, operStatus: OperStatus.down }, expected: 'no-carrier' },
  {
    name: 'lower layer down',
    link: { flags: up, operStatus: OperStatus.lowerLayerDown },
    expected: 'no-carrier',
  },
  { name: 'testing', link: { flags: allOn, operStatus: OperStatus.testing }, expected: 'no-carrier' },
  { name: 'up', link: { flags: allOn, operStatus: OperStatus.up }, expected: 'carrier' },
  {
    name: 'up with a master',
    link: { flags: allOn, operStatus: OperStatus.up, master },
    expected: 'enslaved',
  },
  { name: 'unknown, flags up', link: { flags: allOn, operStatus: OperStatus.unknown }, expected: 'carrier' },
  {
    name: 'unknown, not lower up',
    link: { flags: up, operStatus: OperStatus.unknown },
    expected: 'no-carrier',
  },
  { name: 'unknown, flag dormant', link: { flags: allOn | dormant, operStatus: 0 }, expected: 'no-carrier' },
  { name: 'unknown and off', link: { flags: 0, operStatus: OperStatus.unknown }, expected: 'off' },
  { name: 'dormant', link: { flags: allOn | dormant, operStatus: OperStatus.dormant }, expected: 'dormant' },
  {
    name: 'dormant with a master',
    link: { flags: up, operStatus: OperStatus.dormant, master },
    expected: 'dormant',
  },
  {
    name: 'down with a master',
    link: { flags: up, operStatus: OperStatus.down, master },
    expected: 'no-carrier',
  },
];

describe('carrierStateOf', () => {
  for (const { name, link, expected } of carrierRows) {
    test(`the carrier state of a link that is ${name} is ${expected}`, () => {
      expect(carrierStateOf(link, () => false)).toBe(expected);
    });
  }

  test('a port below carrier degrades only a link that has carrier itself', () => {
    const withBadPort = (row: (typeof carrierRows)[number]): CarrierState =>
      carrierStateOf(row.link, () => true);
    for (const row of carrierRows) {
      const degraded = row.expected === 'carrier' || row.expected === 'enslaved';
      expect(withBadPort(row)).toBe(degraded ? 'degraded-carrier' : row.expected);
    }
  });

  test('carrierStateOf does not check ports of a link without carrier', () => {
    let checks = 0;
    carrierStateOf({ flags: up, operStatus: OperStatus.down }, () => checks++ > 0);
    expect(checks).toBe(0);
  });
});

const { tentative, dadFailed, optimistic, deprecated, temporaryOrSecondary } = AddressFlag;

describe('addresses', () => {
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
    test(`${text} ${JSON.stringify(over)} is ready: ${ready}, usable: ${usable}`, () => {
      const address = sampleAddress(text, { flags: 0, ...over });
      expect([isReady(address), isUsable(address)]).toEqual([ready, usable]);
    });
  }

  test('adding and removing an address leaves the tally unchanged', () => {
    for (const [text, over] of rows) {
      const address = sampleAddress(text, { flags: 0, ...over });
      expect(countAddress(countAddress(noAddresses, address, 1), address, -1)).toEqual(noAddresses);
    }
  });

  test('the address state follows from the scope', () => {
    const stateOf = (scope: number): string => {
      const tally = countAddress(noAddresses, sampleAddress('192.0.2.1', { scope }), 1);
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

interface RecordedLink {
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

interface RecordedStates {
  readonly operational: string;
  readonly carrier: string;
  readonly address: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

type Row =
  | {
      readonly row: 'link';
      readonly link: RecordedLink;
      readonly ports: readonly RecordedLink[];
      readonly networkd: RecordedStates;
    }
  | {
      readonly row: 'host';
      readonly links: readonly { type: string; networkd: RecordedStates }[];
      readonly networkd: RecordedStates;
    };

const rows = readFileSync(
  join(import.meta.dirname, '../../../test/fixtures/operstate/networkd-252.jsonl'),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

function observe(state: State, link: RecordedLink): State {
  const object = sampleLinkObject({
    index: ifIndex(link.index),
    flags: link.flags,
    operStatus: link.operStatus,
    ...(link.master !== undefined && { master: ifIndex(link.master) }),
  });
  return link.addresses.reduce(
    (current, { address, ...over }) =>
      reduce(current, {
        kind: 'addressObserved',
        address: sampleAddress(address as IpAddress, { ...over, ifindex: object.index }),
      }),
    reduce(state, { kind: 'linkObserved', link: object }),
  );
}

function statesOf(state: State, index: number): RecordedStates {
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

describe('states recorded from networkd 252', () => {
  test('the recording contains more than a hundred links and nearly all states', () => {
    const seen = new Set(rows.map((row) => row.networkd.operational));
    for (const state of operationalStates)
      if (state !== 'missing' && state !== 'dormant') expect(seen).toContain(state);
    expect(rows.filter((row) => row.row === 'link').length).toBeGreaterThan(100);
  });

  for (const [i, row] of rows.entries()) {
    if (row.row === 'host') continue;
    test(`the link in row ${i + 1} has networkd's states, whether port or master is observed first`, () => {
      const { operational, carrier, address, ipv4, ipv6 } = row.networkd;
      const expected = { operational, carrier, address, ipv4, ipv6 };
      const orders = [
        [row.link, ...row.ports],
        [...row.ports, row.link],
      ];
      for (const order of orders) {
        const state = order.reduce(observe, emptyState('kernel'));
        expect(statesOf(state, row.link.index)).toEqual(expected);
      }
    });
  }

  test('the recorded host state is the highest state of the recorded links', () => {
    const rank = (states: readonly string[], state: string): number => states.indexOf(state);
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
