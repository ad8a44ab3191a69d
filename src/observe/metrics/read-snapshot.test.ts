import { describe, expect, test } from 'bun:test';
import { type Epoch, ifIndex, millis, seq, tableId } from '../../core/model/ids.ts';
import type { RouteObject, RuleObject } from '../../core/model/kernel-objects.ts';
import { mapOf } from '../../core/model/persistent-map.ts';
import type { State } from '../../core/model/state.ts';
import type { RoutingLinkStatus } from '../../core/routing/report/status.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import {
  ip,
  sampleKernelLink,
  sampleLinkObject,
  sampleLinkStatus,
  sampleRoute,
  sampleState,
} from '../../testing/sample-state.ts';
import { SnapshotReader } from './read-snapshot.ts';

const snapshotOf = (state: State, routing: readonly RoutingLinkStatus[] = []): Snapshot => ({
  state,
  epoch: 'e' as Epoch,
  seq: seq(1),
  isReady: true,
  load: { waiting: 3, running: 1 },
  selection: { isMonitored: (name) => !name.startsWith('veth') },
  damping: () => undefined,
  tableNames: () => new Map(),
  routing: () => ({ band: 30_000, links: routing, leftovers: [] }),
});
const read = (snapshot: Snapshot): ReturnType<SnapshotReader['read']> =>
  new SnapshotReader(new ManualClock()).read(snapshot, millis(7));

describe('SnapshotReader', () => {
  test('the snapshot has the monitored links with state, type, driver and owner', () => {
    const twoLinks = sampleState({
      kernelLinks: [
        sampleKernelLink(),
        sampleKernelLink({ object: sampleLinkObject({ index: ifIndex(9), name: 'veth1' }) }),
      ],
      statuses: [
        sampleLinkStatus({ operational: 'degraded', owner: 'NetworkManager' }),
        sampleLinkStatus({ index: ifIndex(9), name: 'veth1' }),
      ],
    });
    expect(read(snapshotOf(twoLinks)).links).toEqual([
      {
        name: 'eth0',
        index: 2,
        state: 'degraded',
        type: 'ether',
        driver: 'veth',
        owner: 'NetworkManager',
      },
    ]);
  });

  test('the snapshot has the available sources', () => {
    const { sourcesUp, uptime, hooksQueued } = read(snapshotOf(sampleState()));
    expect([...sourcesUp]).toEqual(['kernel', 'dhclient']);
    expect([uptime, hooksQueued]).toEqual([millis(7), 3]);
  });

  test('the snapshot counts each of several equal rules', () => {
    const rule = { family: 6, priority: 1, table: tableId(254) } as RuleObject;
    const { kernel } = sampleState();
    const rules = mapOf([
      ['a', { rule, count: 2 }],
      ['b', { rule: { ...rule, family: 4 as const }, count: 1 }],
    ]);
    expect(read(snapshotOf(sampleState({}, { kernel: { ...kernel, rules } }))).rules).toEqual({
      ipv4: 1,
      ipv6: 2,
    });
  });

  test('the snapshot counts routes by table and family, starting from the last count', () => {
    const clock = new ManualClock();
    const reader = new SnapshotReader(clock);
    const v6 = sampleRoute({ family: 6, destination: ip('::') });
    const inTable = sampleRoute({ table: tableId(203) });
    const counted = (...routes: readonly Partial<RouteObject>[]): string[] => {
      const state = sampleState({ routes: routes.map((route) => sampleRoute(route)) });
      const { routes: counts } = reader.read(snapshotOf(state), millis(0));
      return counts.map(({ table, family, count }) => `${table} ${family} ${count}`).sort();
    };
    expect(counted({}, v6, inTable, inTable)).toEqual(['203 ipv4 2', '254 ipv4 1', '254 ipv6 1']);
    expect(counted(v6, v6, inTable)).toEqual(['203 ipv4 1', '254 ipv6 2']);
    expect(counted()).toEqual([]);
    expect(counted({})).toEqual(['254 ipv4 1']);
    // Only the timer of the last scrape is pending, and routes that it drops are counted again.
    expect(clock.waiting).toBe(1);
    clock.advance(5 * 60_000);
    expect(clock.waiting).toBe(0);
    expect(counted({}, v6)).toEqual(['254 ipv4 1', '254 ipv6 1']);
    reader[Symbol.dispose]();
    expect(clock.waiting).toBe(0);
  });

  test('the snapshot has each existing link of policy routing, and whether it is in sync', () => {
    const link = (name: string, state: RoutingLinkStatus['state'], table?: number): RoutingLinkStatus => ({
      name,
      state,
      families: [],
      conflicts: [],
      isContested: false,
      ...(table === undefined ? {} : { assignment: { table: tableId(table), origin: 'derived' } }),
    });
    const links = [
      link('eth1', 'active', 203),
      link('eth2', 'missing', 204),
      link('eth3', 'conflict'),
      link('eth4', 'waiting for gateway', 206),
      link('eth5', 'absent'),
    ];
    const { policyRouting, policyTables } = read(snapshotOf(sampleState(), links));
    expect(policyRouting.map(({ link: name, isInSync }) => `${name} ${isInSync}`)).toEqual([
      'eth1 true',
      'eth2 false',
      'eth3 false',
      'eth4 true',
    ]);
    expect([...policyTables]).toEqual([203, 204, 206]);
  });

  test('the snapshot has no policy routing before the kernel has been read', () => {
    const early = { ...snapshotOf(sampleState()), routing: () => undefined };
    expect(read(early).policyRouting).toEqual([]);
  });
});
