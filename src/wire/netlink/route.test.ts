import { describe, expect, test } from 'bun:test';
import { familyOf } from '../../core/model/address.ts';
import { type NextHop, RouteFlag, type RouteObject, RouteType } from '../../core/model/kernel-objects.ts';
import { capturedMessages, ipOutput } from '../../testing/netlink-fixtures.ts';
import { MessageType } from './constants.ts';
import { isReject, parseRoute, type RouteResult } from './route.ts';

type IpJson = Readonly<Record<string, unknown>>;

function decoded(scenario: string, file: string, types: readonly number[]): RouteResult[] {
  return capturedMessages(scenario, file)
    .filter(({ header }) => types.includes(header.type))
    .map(({ datagram, header }) => parseRoute(datagram, header.offset, header.length));
}

const routes = (
  scenario: string,
  file = 'routes.hex',
  types: readonly number[] = [MessageType.newRoute],
): RouteObject[] => decoded(scenario, file, types).flatMap((result) => (result.ok ? [result.route] : []));

/** The links of the scenario "routes", in the order in which it makes them. */
const linkNames: Readonly<Record<number, string>> = {
  1: 'lo',
  2: 'veth1',
  3: 'veth0',
  4: 'veth3',
  5: 'veth2',
};

/** `RTAX_*` by the names of `ip`, with its conversion of the numbers. */
const metricNames: Readonly<Record<number, string>> = {
  2: 'mtu',
  3: 'window',
  8: 'advmss',
  10: 'hoplimit',
  11: 'initcwnd',
  12: 'features',
  13: 'rto_min',
  15: 'quickack',
};

function prefixAsIp(address: string, length: number, family: 4 | 6): string {
  if (length === 0) return 'default';
  return length === (family === 4 ? 32 : 128) ? address : `${address}/${length}`;
}

function flagsAsIp(flags: number): string[] {
  const names: string[] = [];
  if ((flags & RouteFlag.dead) !== 0) names.push('dead');
  if ((flags & RouteFlag.onlink) !== 0) names.push('onlink');
  if ((flags & RouteFlag.linkdown) !== 0) names.push('linkdown');
  return names;
}

function nextHopAsIp(hop: NextHop, family: 4 | 6): IpJson {
  const gateway =
    hop.gateway === undefined
      ? {}
      : familyOf(hop.gateway) === family
        ? { gateway: hop.gateway }
        : { via: { family: 'inet6', host: hop.gateway } };
  return { ...gateway, ...(hop.ifindex !== 0 && { dev: linkNames[hop.ifindex] }) };
}

/** A route as `ip -j -d -N route` prints it. */
function routeAsIp(route: RouteObject): IpJson {
  const { family, nextHops } = route;
  const metrics = Object.entries(route.metrics ?? {})
    .filter(([number]) => number !== '1')
    .map(([number, value]) => [metricNames[Number(number)] ?? number, value] as const);
  const multipath = nextHops.length > 1 || route.nextHopId === 11;
  return {
    type: String(route.type),
    dst: prefixAsIp(route.destination, route.prefixLength, family),
    table: String(route.table),
    protocol: String(route.protocol),
    scope: String(route.scope),
    flags: flagsAsIp(route.flags),
    ...(route.source !== undefined && { from: prefixAsIp(route.source, route.sourceLength, family) }),
    ...(route.tos !== 0 && { tos: `0x${route.tos.toString(16)}` }),
    ...(route.preferredSource !== undefined && { prefsrc: route.preferredSource }),
    ...((family === 6 || route.priority !== 0) && { metric: route.priority }),
    ...(route.nextHopId !== undefined && { nhid: route.nextHopId }),
    ...(route.preference !== undefined && { pref: ['medium', 'high', '', 'low'][route.preference] }),
    ...(metrics.length > 0 && { metrics: Object.fromEntries(metrics) }),
    ...(!multipath && nextHops[0] !== undefined && nextHopAsIp(nextHops[0], family)),
    ...(multipath && {
      nexthops: nextHops.map((hop) => ({
        ...nextHopAsIp(hop, family),
        weight: hop.weight,
        flags: flagsAsIp(hop.flags),
      })),
    }),
  };
}

/**
 * The output of `ip` without what the codec does not model: realms, next-hop objects, loopback of reject
 * routes.
 */
function modelledOnly(printed: IpJson): IpJson {
  const { nh_info: _info, flow: _flow, metrics, dev, ...rest } = printed;
  const { congestion: _, ecn, ...numbers } = (metrics as IpJson[] | undefined)?.[0] ?? {};
  return {
    ...rest,
    ...(dev !== undefined && !isReject(Number(rest['type'])) && { dev }),
    ...(metrics !== undefined && { metrics: { ...numbers, ...(ecn === null && { features: 1 }) } }),
  };
}

describe('parseRoute', () => {
  test('parseRoute agrees with ip on the routes of both families', () => {
    const printed = ipOutput('routes', 'routes').map(modelledOnly);
    expect(printed.length).toBeGreaterThan(50);
    expect(routes('routes').map(routeAsIp)).toEqual(printed);
  });

  test('every notification about a route is parsed, including removals', () => {
    const types = [MessageType.newRoute, MessageType.delRoute];
    for (const scenario of ['routes', 'addresses', 'links', 'rules']) {
      expect(decoded(scenario, 'events.hex', types).filter((result) => !result.ok)).toEqual([]);
    }
    const removed = routes('routes', 'events.hex', [MessageType.delRoute]);
    expect(removed.map((route): string => route.destination)).toContain('10.3.0.0');
    expect(removed.map((route): string => route.destination)).toContain('2001:db8:12::');
  });

  test('a multipath route in compact form has only its next-hop object', () => {
    const seen = routes('routes', 'events.hex').filter((route) => route.destination === '10.24.0.0');
    expect(seen.map((route) => [route.nextHopId, route.nextHops.length])).toContainEqual([10, 0]);
  });

  test('the recording contains every route type', () => {
    const types = new Set(routes('routes').map((route) => route.type));
    const { unspec: _unspec, nat: _nat, ...common } = RouteType;
    expect(types).toEqual(new Set<number>(Object.values(common)));
  });

  const ipv4 = [2, 8, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0];
  const rows: readonly (readonly [string, readonly number[], object])[] = [
    ['a struct cut short', ipv4.slice(0, 11), { code: 'struct-truncated', offset: 0 }],
    ['a prefix length of 33', [2, 33, ...ipv4.slice(2)], { code: 'value-range', offset: 1 }],
    ['a source length of 129', [10, 0, 129, ...ipv4.slice(3)], { code: 'value-range', offset: 1 }],
    ['RTA_VIA of AF_MPLS', [...ipv4, 8, 0, 18, 0, 28, 0, 1, 2], { code: 'value-range', offset: 16 }],
    [
      'RTA_VIA cut short',
      [...ipv4, 10, 0, 18, 0, 10, 0, 1, 2, 3, 4, 0, 0],
      { code: 'attribute-short', offset: 16 },
    ],
    ['a short rtnexthop', [...ipv4, 8, 0, 9, 0, 4, 0, 0, 0], { code: 'attribute-length', offset: 16 }],
    [
      'an rtnexthop beyond its list',
      [...ipv4, 12, 0, 9, 0, 9, 0, 0, 0, 2, 0, 0, 0],
      { code: 'attribute-length', offset: 16 },
    ],
    [
      'a broken gateway in a list',
      [...ipv4, 20, 0, 9, 0, 16, 0, 0, 0, 2, 0, 0, 0, 6, 0, 5, 0, 1, 2, 0, 0],
      { code: 'attribute-short', offset: 24 },
    ],
    [
      'a metric of two bytes',
      [...ipv4, 12, 0, 8, 0, 6, 0, 2, 0, 1, 2, 0, 0],
      { code: 'attribute-short', offset: 20 },
    ],
    ['broken metrics', [...ipv4, 8, 0, 8, 0, 1, 0, 2, 0], { code: 'attribute-length', offset: 16 }],
  ];
  for (const [name, bytes, problem] of rows) {
    test(`parseRoute reports the position of ${name}`, () => {
      const result = parseRoute(Uint8Array.from(bytes), 0, bytes.length);
      expect(result).toMatchObject({ ok: false, ignored: false, problem });
    });
  }

  for (const [name, family] of [
    ['AF_MPLS', 28],
    ['RTNL_FAMILY_IPMR', 128],
    ['RTNL_FAMILY_IP6MR', 129],
  ] as const) {
    test(`routes of ${name} are ignored`, () => {
      const bytes = Uint8Array.of(family, ...ipv4.slice(1));
      expect(parseRoute(bytes, 0, bytes.length)).toEqual({ ok: false, ignored: true, reason: 'family' });
    });
  }
});
