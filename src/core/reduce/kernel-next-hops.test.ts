/** Routes that name a nexthop object instead of a gateway. */
import { describe, expect, test } from 'bun:test';
import { sampleRoute } from '../../testing/sample-state.ts';
import type { IpAddress } from '../model/address.ts';
import { emptyState } from '../model/empty-state.ts';
import type { Fact } from '../model/fact.ts';
import { ifIndex } from '../model/ids.ts';
import { type NextHopObject, type RouteObject, RouteType } from '../model/kernel-objects.ts';
import type { State } from '../model/state.ts';
import { reduce } from './reduce.ts';

const hopObject = (id: number, gateway: string, index = 3): NextHopObject => ({
  kind: 'hop',
  id,
  hop: { ifindex: ifIndex(index), gateway: gateway as IpAddress, weight: 1, flags: 0 },
});
const byObject = (nextHopId: number): RouteObject => sampleRoute({ nextHopId, nextHops: [] });

const fold = (...facts: readonly Fact[]): State => facts.reduce(reduce, emptyState('auto'));
const read = (routes: readonly RouteObject[], nextHops: readonly NextHopObject[]): Fact => ({
  kind: 'kernelRead',
  snapshot: { links: [], drivers: new Map(), addresses: [], routes, rules: [], nextHops },
});

/** The only route, in words. */
function wayOf(state: State): string {
  const [route] = [...state.kernel.routes.values()].flat();
  if (route === undefined) return 'none';
  const hops = route.nextHops.map(({ gateway, ifindex, weight }) => `${gateway ?? ''} ${ifindex} ${weight}`);
  return route.type === RouteType.unicast ? hops.join(', ') : `type ${route.type}`;
}

const one = hopObject(10, '198.51.100.1');
const other = hopObject(11, '198.51.100.2');
const group: NextHopObject = {
  kind: 'group',
  id: 12,
  members: [
    { id: 10, weight: 3 },
    { id: 11, weight: 1 },
  ],
};

describe('a route by a nexthop object', () => {
  test.each<[string, State, string]>([
    ['read with its object', fold(read([byObject(10)], [one])), '198.51.100.1 3 1'],
    [
      'observed after its object',
      fold(
        read([], []),
        { kind: 'nextHopObserved', nextHop: one },
        {
          kind: 'routeObserved',
          route: byObject(10),
          how: 'add',
        },
      ),
      '198.51.100.1 3 1',
    ],
    ['by a group', fold(read([byObject(12)], [one, other, group])), '198.51.100.1 3 3, 198.51.100.2 3 1'],
    ['by a blackhole', fold(read([byObject(13)], [{ kind: 'blackhole', id: 13 }])), 'type 6'],
    ['whose object is not known', fold(read([byObject(99)], [one])), ''],
    [
      'with next hops of its own, as the kernel sends them in compatibility mode',
      fold(read([sampleRoute({ nextHopId: 11 })], [other])),
      wayOf(fold(read([sampleRoute()], []))),
    ],
    ['that goes', fold(read([byObject(10)], [one]), { kind: 'routeVanished', route: byObject(10) }), 'none'],
    [
      'whose object has another gateway now, after the routes are read again',
      fold(
        read([byObject(10)], [one]),
        { kind: 'nextHopObserved', nextHop: hopObject(10, '198.51.100.9') },
        {
          kind: 'routesRead',
          family: 4,
          routes: [byObject(10)],
        },
      ),
      '198.51.100.9 3 1',
    ],
  ])('%s', (_, state, expected) => {
    expect(wayOf(state)).toBe(expected);
  });

  test('a changed or removed object asks for the routes of both families, a new one does not', () => {
    const causes = (fact: Fact): readonly unknown[] => {
      const { invalidations } = fold(read([], [one]), fact).kernel;
      return [invalidations.ipv4Routes?.cause, invalidations.ipv6Routes?.cause];
    };
    expect(causes({ kind: 'nextHopObserved', nextHop: other })).toEqual([undefined, undefined]);
    expect(causes({ kind: 'nextHopObserved', nextHop: one })).toEqual([undefined, undefined]);
    const both = ['nexthop-changed', 'nexthop-changed'];
    expect(causes({ kind: 'nextHopObserved', nextHop: hopObject(10, '198.51.100.9') })).toEqual(both);
    expect(causes({ kind: 'nextHopVanished', id: 10 })).toEqual(both);
  });
});

describe('a default route by router advertisement', () => {
  const advertised = sampleRoute({
    family: 6,
    destination: '::' as IpAddress,
    prefixLength: 0,
    protocol: 9,
    nextHops: [{ ifindex: ifIndex(3), gateway: 'fe80::1' as IpAddress, weight: 1, flags: 0 }],
  });
  const causeAfter = (route: RouteObject): unknown =>
    fold(read([], []), { kind: 'routeObserved', route, how: 'add' }).kernel.invalidations.ipv6Routes?.cause;

  test('is read again soon, for its metrics follow', () => {
    expect(causeAfter(advertised)).toBe('metrics-follow');
    expect(causeAfter({ ...advertised, protocol: 4 })).toBeUndefined();
    expect(
      causeAfter({ ...advertised, destination: '2001:db8::' as IpAddress, prefixLength: 64 }),
    ).toBeUndefined();
  });

  test('is not read again for a repeated message', () => {
    const state = fold(read([advertised], []), { kind: 'routeObserved', route: advertised, how: 'replace' });
    expect(state.kernel.invalidations).toEqual({});
  });
});
