import { describe, expect, test } from 'bun:test';
import {
  ip,
  sampleAddress,
  sampleKernelLink,
  sampleLease,
  sampleLinkObject,
  sampleLinkStatus,
  sampleRoute,
  sampleState,
  sampleStatistics,
} from '../../testing/sample-state.ts';
import { ifIndex, timestamp } from '../model/ids.ts';
import { AddressFlag, type AddressObject } from '../model/kernel-objects.ts';
import { mapOf } from '../model/persistent-map.ts';
import { linkDetailsView, linkView, linkViews } from './link-view.ts';

const now = timestamp(1_790_000_000_000);
const context = { isMonitored: () => true, since: () => undefined };
const detailed = { ...context, now, tableName: String };
const eth0 = ifIndex(2);

const withAddresses = (...addresses: readonly AddressObject[]) =>
  sampleState({
    kernelLinks: [
      sampleKernelLink({ addresses: mapOf(addresses.map((address) => [address.address, address])) }),
    ],
  });

describe('a link', () => {
  test('has the documented keys', () => {
    expect(linkView(sampleState(), eth0, { ...context, since: () => now })).toMatchObject({
      name: 'eth0',
      index: 2,
      state: 'routable',
      type: 'veth',
      mac_address: '02:00:00:00:00:01',
      addresses: [{ ip: '192.168.1.100', prefix: 24, family: 'ipv4', scope: 'global' }],
      owner: 'kernel',
      master: null,
      driver: 'veth',
      gateway: '192.168.1.1',
      since: '2026-09-21T14:13:20.000Z',
      watched: true,
    });
  });

  test('has null, not an empty text, for what it does not have', () => {
    const state = sampleState({
      kernelLinks: [sampleKernelLink({ object: sampleLinkObject({ hardwareAddress: '' }) })],
      routes: [],
    });
    expect(linkView(state, eth0, context)).toMatchObject({ mac_address: null, gateway: null, since: null });
  });

  test('names the bridge that it is a port of', () => {
    const br0 = ifIndex(9);
    const state = sampleState({
      kernelLinks: [
        sampleKernelLink({ object: sampleLinkObject({ master: br0 }) }),
        sampleKernelLink({ object: sampleLinkObject({ index: br0, name: 'br0' }) }),
      ],
      statuses: [sampleLinkStatus(), sampleLinkStatus({ index: br0, name: 'br0' })],
    });
    expect(linkView(state, eth0, context)?.master).toBe('br0');
    expect(linkViews(state, context).map(({ name }) => name)).toEqual(['eth0', 'br0']);
  });

  test('that does not exist is undefined', () => {
    expect(linkView(sampleState(), ifIndex(99), context)).toBeUndefined();
    expect(linkDetailsView(sampleState(), ifIndex(99), detailed)).toBeUndefined();
  });
});

describe('a link in full', () => {
  const flagRows: [address: string, flags: number, names: string[]][] = [
    ['192.0.2.1', AddressFlag.permanent, ['permanent']],
    ['192.0.2.1', AddressFlag.temporaryOrSecondary, ['secondary']],
    ['2001:db8::1', AddressFlag.temporaryOrSecondary, ['temporary']],
    ['2001:db8::1', AddressFlag.tentative | AddressFlag.dadFailed, ['tentative', 'dadfailed']],
    ['2001:db8::1', AddressFlag.deprecated | AddressFlag.manageTemporary, ['deprecated', 'mngtmpaddr']],
  ];
  for (const [address, flags, names] of flagRows) {
    test(`names the flags of ${address} as ip(8) does: ${names.join(' ')}`, () => {
      const view = linkDetailsView(withAddresses(sampleAddress(address, { flags })), eth0, detailed);
      expect(view?.addresses.map((row) => row.flags)).toEqual([names]);
    });
  }

  test('has the end of each lifetime, and null for an address without end', () => {
    const limited = sampleAddress('192.0.2.1', { preferredLifetime: 60, validLifetime: 90 });
    const view = linkDetailsView(withAddresses(limited, sampleAddress('192.0.2.2')), eth0, detailed);
    const lifetimes = view?.addresses.map(({ ip: text, preferred_until, valid_until }) => [
      text,
      preferred_until,
      valid_until,
    ]);
    expect(lifetimes?.sort()).toEqual([
      ['192.0.2.1', '2026-09-21T14:14:20.000Z', '2026-09-21T14:14:50.000Z'],
      ['192.0.2.2', null, null],
    ]);
  });

  test('has its counters under the names of the kernel, and none above the safe integers', () => {
    const statistics = linkDetailsView(sampleState(), eth0, detailed)?.statistics ?? {};
    expect(statistics).toMatchObject({
      rx_bytes: sampleStatistics.rxBytes,
      tx_fifo_errors: 0,
      rx_dropped: 3,
    });
    expect(Object.keys(statistics)).toHaveLength(Object.keys(sampleStatistics).length);
  });

  test('has only its own routes and leases', () => {
    const other = sampleRoute({
      destination: ip('10.0.0.0'),
      prefixLength: 8,
      nextHops: [{ ifindex: ifIndex(3), weight: 1, flags: 0 }],
    });
    const state = sampleState({
      routes: [sampleRoute(), other],
      leases: [sampleLease(), sampleLease({ interfaceName: 'eth1' })],
    });
    const view = linkDetailsView(state, eth0, detailed);
    expect(view?.routes.map((route) => route.destination)).toEqual(['default']);
    expect(view?.leases).toMatchObject([{ source: 'dhclient', family: 'ipv4', hostname: 'printer' }]);
  });

  test('has null for a lease without end', () => {
    const state = sampleState({ leases: [sampleLease({ expires: 'never' })] });
    expect(linkDetailsView(state, eth0, detailed)?.leases[0]?.expires_at).toBeNull();
  });
});
