import { describe, expect, test } from 'bun:test';
import { ip, sampleRoute, sampleState } from '../../testing/sample-state.ts';
import { ifIndex, tableId } from '../model/ids.ts';
import { type RouteObject, RouteType, type RuleObject } from '../model/kernel-objects.ts';
import { mapOf } from '../model/persistent-map.ts';
import { NETEVD_PROTOCOL } from '../model/routing-identity.ts';
import { routeViews, ruleViews, selectRouteViews, tableNamer } from './route-view.ts';

const nameOf = (index: number): string => `link${index}`;
const tableName = tableNamer(new Map([[202, 'netevd_eth0']]));
const view = (over: Partial<RouteObject>) => routeViews(sampleRoute(over), nameOf, tableName);

describe('a route', () => {
  test('names destination, gateway, link, table, protocol, scope and type', () => {
    expect(view({ priority: 100 })).toEqual([
      {
        destination: 'default',
        gateway: '192.168.1.1',
        interface: 'link2',
        metric: 100,
        table: 254,
        table_name: 'main',
        family: 'ipv4',
        protocol: 'static',
        scope: 'global',
        type: 'unicast',
        source: null,
      },
    ]);
  });

  test('has a row for each of its next hops', () => {
    const nextHops = [2, 3].map((index) => ({ ifindex: ifIndex(index), weight: 1, flags: 0 }));
    expect(view({ nextHops }).map((row) => [row.interface, row.gateway])).toEqual([
      ['link2', null],
      ['link3', null],
    ]);
  });

  test('without a next hop has one row without an interface', () => {
    const rows = view({
      nextHops: [],
      type: RouteType.blackhole,
      destination: ip('10.0.0.0'),
      prefixLength: 8,
    });
    expect(rows).toMatchObject([{ destination: '10.0.0.0/8', interface: null, type: 'blackhole' }]);
  });

  test('has a number where there is no name', () => {
    expect(view({ table: tableId(4711), type: 99, scope: 77 as never })).toMatchObject([
      { table_name: '4711', type: '99', scope: '77' },
    ]);
  });

  test('of policy routing has the name of its table', () => {
    expect(view({ table: tableId(202) })[0]?.table_name).toBe('netevd_eth0');
  });
});

describe('the selection of routes', () => {
  const state = sampleState({
    routes: [
      sampleRoute(),
      sampleRoute({ table: tableId(202) }),
      sampleRoute({
        family: 6,
        destination: ip('::'),
        nextHops: [{ ifindex: ifIndex(3), weight: 1, flags: 0 }],
      }),
    ],
  });
  const count = (query: Parameters<typeof selectRouteViews>[1]) =>
    [...selectRouteViews(state, query, tableName)].length;

  const rows: [query: Parameters<typeof selectRouteViews>[1], matches: number][] = [
    [{}, 3],
    [{ table: 202 }, 1],
    [{ family: 'ipv6' }, 1],
    [{ interface: 'eth0' }, 2],
    [{ interface: 'eth0', family: 'ipv6' }, 0],
    [{ table: 1 }, 0],
  ];
  for (const [query, matches] of rows) {
    test(`${JSON.stringify(query)} finds ${matches}`, () => expect(count(query)).toBe(matches));
  }

  test('renders no more than the caller takes', () => {
    const rendered: number[] = [];
    const routes = selectRouteViews(state, {}, (table) => {
      rendered.push(table);
      return String(table);
    });
    routes.next();
    expect(rendered).toHaveLength(1);
  });
});

describe('the rules', () => {
  const sampleRule: RuleObject = {
    family: 4,
    priority: 100,
    table: tableId(202),
    action: 1,
    protocol: 0,
    flags: 0,
    tos: 0,
  };
  const rule = (over: Partial<RuleObject>): RuleObject => ({ ...sampleRule, ...over });
  const stateWith = (...rules: readonly (readonly [RuleObject, number])[]) => {
    const state = sampleState();
    const map = mapOf(rules.map(([object, count], i) => [String(i), { rule: object, count }] as const));
    return { ...state, kernel: { ...state.kernel, rules: map } } as typeof state;
  };

  test('are sorted by family and priority', () => {
    const state = stateWith(
      [rule({ family: 6, priority: 1 }), 1],
      [rule({ priority: 9 }), 1],
      [rule({ priority: 3 }), 1],
    );
    expect(ruleViews(state).map((row) => [row.family, row.priority])).toEqual([
      ['ipv4', 3],
      ['ipv4', 9],
      ['ipv6', 1],
    ]);
  });

  test('are listed as often as the kernel has them', () => {
    expect(ruleViews(stateWith([rule({}), 3]))).toHaveLength(3);
  });

  test('name their owner and a single address without its length', () => {
    const source = { address: ip('192.0.2.1'), length: 32 };
    const [row] = ruleViews(stateWith([rule({ protocol: NETEVD_PROTOCOL, source }), 1]));
    expect(row).toMatchObject({
      owner: 'netevd',
      from: '192.0.2.1',
      to: 'all',
      action: 'lookup',
      table: 202,
    });
  });
});
