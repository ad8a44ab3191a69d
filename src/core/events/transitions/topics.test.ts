import { describe, expect, test } from 'bun:test';
import {
  ip,
  sampleAddress,
  sampleKernelLink,
  sampleLease,
  sampleLinkStatus,
  sampleNetworkdLink,
  sampleRoute,
  sampleState,
} from '../../../testing/sample-state.ts';
import { ifIndex, timestamp } from '../../model/ids.ts';
import { AddressFlag, type AddressObject, type RouteObject } from '../../model/kernel-objects.ts';
import { mapOf } from '../../model/persistent-map.ts';
import type { ActiveLease, NetworkdLink, NetworkManagerDevice, State } from '../../model/state.ts';
import type { TopicValue } from '../../model/transition.ts';
import type { Source } from '../../model/vocabulary.ts';
import { DefaultRoutes } from './default-routes.ts';
import { hostTopics, isOnline, type OnlinePolicy } from './host-topics.ts';
import { leaseEventName } from './lease.ts';
import { linkTopics } from './link-topics.ts';
import { linkSubject } from './subject.ts';

interface Parts {
  readonly addresses?: readonly AddressObject[];
  readonly routes?: readonly RouteObject[];
  readonly leases?: readonly ActiveLease[];
  readonly networkd?: NetworkdLink;
  readonly device?: Partial<NetworkManagerDevice>;
  readonly owner?: Source;
}

const eth0 = ifIndex(2);

function stateWith({ addresses, routes = [], leases, networkd, device, owner = 'kernel' }: Parts): State {
  const kernel = sampleKernelLink({
    addresses: mapOf((addresses ?? [sampleAddress('192.168.1.100')]).map((one) => [one.address, one])),
  });
  const state = sampleState({
    kernelLinks: [kernel],
    statuses: [sampleLinkStatus({ owner })],
    routes,
    ...(leases !== undefined && { leases }),
    ...(networkd !== undefined && { networkd: [[eth0, networkd]] }),
  });
  const report: NetworkManagerDevice = {
    state: 'activated',
    reason: 0,
    managed: true,
    dns: [],
    domains: [],
    ntp: [],
    gateways: [],
    ...device,
  };
  if (device === undefined) return state;
  return { ...state, networkManager: { freshness: 'current', host: {}, devices: mapOf([[eth0, report]]) } };
}

function routesOf(state: State): DefaultRoutes {
  const routes = new DefaultRoutes();
  routes.reset(state);
  return routes;
}

function read(key: string, parts: Parts): TopicValue | undefined {
  const state = stateWith(parts);
  const subject = linkSubject(state, eth0, routesOf(state));
  const topic = linkTopics.find((one) => one.key === key);
  if (subject === undefined || topic === undefined) throw new Error(`no topic ${key}`);
  return topic.read(subject);
}

const onLink = sampleLease();

describe('address-changed', () => {
  const flagged = (flags: number, address = '2001:db8::1') => sampleAddress(address, { flags });
  const rows: readonly [name: string, addresses: readonly AddressObject[], expected: string | undefined][] = [
    ['a global IPv4 address counts', [sampleAddress('203.0.113.5')], '203.0.113.5'],
    [
      'a secondary IPv4 address counts',
      [flagged(AddressFlag.temporaryOrSecondary, '203.0.113.5')],
      '203.0.113.5',
    ],
    ['a unique local address counts', [sampleAddress('fd00::1')], 'fd00::1'],
    ['a temporary IPv6 address does not', [flagged(AddressFlag.temporaryOrSecondary)], undefined],
    ['a deprecated address does not', [flagged(AddressFlag.deprecated)], undefined],
    ['a tentative address does not', [flagged(AddressFlag.tentative)], undefined],
    ['a duplicate address does not', [flagged(AddressFlag.dadFailed)], undefined],
    ['a link-local address does not', [sampleAddress('fe80::1', { scope: 253 })], undefined],
    [
      'the order of arrival is no part of the set',
      [sampleAddress('2001:db8::1'), sampleAddress('10.0.0.10'), sampleAddress('10.0.0.9')],
      '10.0.0.9 10.0.0.10 2001:db8::1',
    ],
    [
      'one address with two prefix lengths is one',
      [sampleAddress('10.1.1.1'), sampleAddress('10.1.1.1', { prefixLength: 16 })],
      '10.1.1.1',
    ],
  ];
  test.each(rows)('%s', (_name, addresses, expected) => {
    const reading = read('address-changed', { addresses });
    expect(reading === undefined ? undefined : [reading.values['addresses']].flat().join(' ')).toBe(expected);
  });
});

describe('gateway', () => {
  const v6 = sampleRoute({
    family: 6,
    destination: ip('::'),
    nextHops: [{ ifindex: eth0, gateway: ip('fe80::1'), weight: 1, flags: 0 }],
  });
  const withMetric = (priority: number, gateway: string): RouteObject =>
    sampleRoute({ priority, nextHops: [{ ifindex: eth0, gateway: ip(gateway), weight: 1, flags: 0 }] });
  const dev = sampleRoute({ nextHops: [{ ifindex: eth0, weight: 1, flags: 0 }] });
  const half = sampleRoute({ prefixLength: 1 });
  const rows: readonly [name: string, key: string, parts: Parts, expected: string | undefined][] = [
    ['is the default route of the kernel', 'gateway/4', { routes: [sampleRoute()] }, 'kernel 192.168.1.1'],
    [
      'is the one with the lowest metric',
      'gateway/4',
      { routes: [withMetric(200, '192.168.1.2'), withMetric(100, '192.168.1.3')] },
      'kernel 192.168.1.3',
    ],
    ['is the one of the lease without a route', 'gateway/4', { leases: [onLink] }, 'dhclient 192.168.1.1'],
    [
      'is the one of networkd without a route',
      'gateway/4',
      { networkd: sampleNetworkdLink() },
      'systemd-networkd 192.168.1.1',
    ],
    [
      'is none while the link has no address',
      'gateway/4',
      { addresses: [], routes: [sampleRoute()] },
      undefined,
    ],
    ['is none where the default route has none', 'gateway/4', { routes: [dev], leases: [onLink] }, undefined],
    ['is none for half of a default route', 'gateway/4', { routes: [half] }, undefined],
    ['of IPv6 needs an IPv6 address', 'gateway/6', { routes: [v6] }, undefined],
    [
      'of IPv6 may be link-local, and so may the address',
      'gateway/6',
      { routes: [v6], addresses: [sampleAddress('fe80::2', { scope: 253 })] },
      'kernel fe80::1',
    ],
  ];
  test.each(rows)('%s', (_name, key, parts, expected) => {
    const reading = read(key, parts);
    expect(reading && `${reading.source} ${reading.values['gateway']}`).toBe(expected);
  });
});

describe('dns', () => {
  const rows: readonly [name: string, parts: Parts, expected: TopicValue | undefined][] = [
    ['is none without a source', {}, undefined],
    [
      'comes from a lease',
      { leases: [onLink] },
      { source: 'dhclient', values: { dns: ['192.168.1.53', '9.9.9.9'], domains: ['example.org'] } },
    ],
    [
      'joins what several sources say, each value once',
      { leases: [onLink], networkd: sampleNetworkdLink({ dns: [ip('9.9.9.9'), ip('1.1.1.1')] }) },
      {
        source: 'dhclient',
        values: { dns: ['192.168.1.53', '9.9.9.9', '1.1.1.1'], domains: ['example.org'] },
      },
    ],
    [
      'does not come from a lease whose address the link does not have',
      { leases: [sampleLease({ addresses: [ip('192.168.9.9')] })] },
      undefined,
    ],
    [
      'comes from NetworkManager',
      { device: { dns: [ip('192.0.2.53')], domains: [] } },
      { source: 'NetworkManager', values: { dns: ['192.0.2.53'], domains: [] } },
    ],
  ];
  test.each(rows)('%s', (_name, parts, expected) => {
    expect(read('dns', parts)).toEqual(expected as TopicValue);
  });
});

describe('lease', () => {
  const nm = { ip_address: '192.168.1.7', routers: '192.168.1.1', expiry: '1800000000' };
  const networkdLease = {
    addresses: [ip('192.168.1.8')],
    prefixes: ['2001:db8:f00::/56'],
    dns: [],
    domains: [],
    ntp: [],
    gateways: [],
  };
  const rows: readonly [name: string, key: string, parts: Parts, expected: string | undefined][] = [
    ['of dhclient', 'lease/4', { leases: [onLink] }, 'dhclient 192.168.1.100'],
    ['of the other family is none', 'lease/6', { leases: [onLink] }, undefined],
    [
      'of dhclient without an address is a lease',
      'lease/6',
      { leases: [sampleLease({ family: 6, addresses: [], prefixes: ['2001:db8:f00::/48'] })] },
      'dhclient ',
    ],
    [
      'of NetworkManager, not the file of its client, on a device of NetworkManager',
      'lease/4',
      { owner: 'NetworkManager', device: { dhcp4: nm }, leases: [onLink] },
      'NetworkManager 192.168.1.7',
    ],
    [
      'is none once NetworkManager has none, though a file still has one',
      'lease/4',
      { owner: 'NetworkManager', device: {}, leases: [onLink] },
      undefined,
    ],
    [
      'of networkd',
      'lease/4',
      { owner: 'systemd-networkd', networkd: sampleNetworkdLink({ lease4: networkdLease }) },
      'systemd-networkd 192.168.1.8',
    ],
    [
      'is none where networkd reports that it has none',
      'lease/6',
      { owner: 'systemd-networkd', networkd: sampleNetworkdLink({ lease4: networkdLease, lease6: null }) },
      undefined,
    ],
  ];
  test.each(rows)('%s', (_name, key, parts, expected) => {
    const reading = read(key, parts);
    expect(reading && `${reading.source} ${[reading.values['addresses']].flat().join(' ')}`).toBe(expected);
  });

  test('a delegated prefix is a value of its own', () => {
    const lease = sampleLease({ family: 6, addresses: [], prefixes: ['2001:db8:f00::/48'] });
    expect(read('prefix', { leases: [lease] })?.values).toEqual({ prefixes: ['2001:db8:f00::/48'] });
    expect(read('prefix', { leases: [onLink] })).toBeUndefined();
  });

  const ends = (expires?: TopicValue['expires']): TopicValue => ({
    source: 'dhclient',
    values: {},
    ...(expires !== undefined && { expires }),
  });
  const names: readonly [
    name: string,
    before: TopicValue | undefined,
    after: TopicValue | undefined,
    hasCarrier: boolean,
  ][] = [
    ['bound', undefined, ends(), true],
    ['changed', ends(), ends(), true],
    ['expired', ends(timestamp(1000)), undefined, true],
    ['released', ends(timestamp(1001)), undefined, true],
    ['released', ends('never'), undefined, true],
    ['expired', ends(), undefined, true],
    ['released', ends(), undefined, false],
  ];
  test.each(names)('%s', (name, before, after, hasCarrier) => {
    expect(leaseEventName(before, after, { wall: timestamp(1000), hasCarrier })).toBe(name);
  });
});

describe('default-route', () => {
  const tun = (prefixLength: number, destination: string): RouteObject =>
    sampleRoute({
      prefixLength,
      destination: ip(destination),
      nextHops: [{ ifindex: eth0, gateway: ip('10.8.0.1'), weight: 1, flags: 0 }],
    });
  const plain = sampleRoute();
  const rows: readonly [name: string, routes: readonly RouteObject[], expected: unknown][] = [
    ['is the best route', [plain], { link: ['eth0'], gateway: ['192.168.1.1'] }],
    ['is none without a default route', [], undefined],
    [
      'ignores one half of a default route',
      [plain, tun(1, '0.0.0.0')],
      { link: ['eth0'], gateway: ['192.168.1.1'] },
    ],
    [
      'is the two halves of a VPN',
      [plain, tun(1, '0.0.0.0'), tun(1, '128.0.0.0')],
      { link: ['eth0'], gateway: ['10.8.0.1'] },
    ],
  ];
  test.each(rows)('%s', (_name, routes, expected) => {
    const state = stateWith({ routes });
    const topic = hostTopics.find(({ key }) => key === 'default-route/4');
    const policy: OnlinePolicy = { families: 'any', counts: () => true };
    expect(topic?.read(state, routesOf(state), policy)?.values as unknown).toEqual(expected);
  });
});

describe('online', () => {
  const v4 = sampleRoute();
  const v6 = sampleRoute({ family: 6, destination: ip('::') });
  const both = [sampleAddress('192.168.1.100'), sampleAddress('2001:db8::1')];
  const rows: readonly [
    name: string,
    families: OnlinePolicy['families'],
    parts: Parts,
    counts: boolean,
    expected: boolean,
  ][] = [
    ['an address and a default route', 'any', { routes: [v4] }, true, true],
    ['no default route', 'any', {}, true, false],
    ['no address', 'any', { routes: [v4], addresses: [] }, true, false],
    ['a link that does not count', 'any', { routes: [v4] }, false, false],
    ['IPv4 alone where both are needed', 'both', { routes: [v4, v6] }, true, false],
    ['both families', 'both', { routes: [v4, v6], addresses: both }, true, true],
    ['IPv4 where IPv6 is needed', 'ipv6', { routes: [v4] }, true, false],
    ['IPv4 where IPv4 is needed', 'ipv4', { routes: [v4] }, true, true],
    [
      'an address in duplicate address detection',
      'ipv6',
      { routes: [v6], addresses: [sampleAddress('2001:db8::1', { flags: AddressFlag.tentative })] },
      true,
      false,
    ],
  ];
  test.each(rows)('%s', (_name, families, parts, counts, expected) => {
    const state = stateWith(parts);
    expect(isOnline(state, routesOf(state), { families, counts: () => counts })).toBe(expected);
  });
});
