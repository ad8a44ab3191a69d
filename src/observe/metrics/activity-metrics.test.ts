import { describe, expect, test } from 'bun:test';
import type { Activity, Finding } from '../../core/activity.ts';
import type { HookRunOrder } from '../../core/hooks/hook-order.ts';
import type { Change, LinkRef } from '../../core/model/change.ts';
import { eventId, generation, ifIndex, millis, seq, timestamp } from '../../core/model/ids.ts';
import type { Freshness } from '../../core/model/state.ts';
import type { OperationalState } from '../../core/model/vocabulary.ts';
import type { RoutingResult } from '../../core/routing/plan/routing-effect.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { sampleEvent, sampleLinkStatus, sampleRoute, sampleState } from '../../testing/sample-state.ts';
import { encodeMetrics } from '../../wire/prometheus/text.ts';
import { ActivityMetrics } from './activity-metrics.ts';
import { MetricsCollector } from './collect.ts';

const numbered = { seq: seq(1), at: timestamp(0) };
const eth0: LinkRef = { index: ifIndex(2), generation: generation(0), name: 'eth0' };
const veth1: LinkRef = { index: ifIndex(9), generation: generation(0), name: 'veth1' };

const finding = (over: Partial<Finding>): Finding => ({
  kind: 'finding',
  before: sampleState(),
  after: sampleState(),
  changes: [],
  events: [],
  superseded: [],
  resync: false,
  initial: false,
  ...over,
});
const stateChange = (link: LinkRef, to: OperationalState): Change => ({
  kind: 'operationalStateChanged',
  link,
  source: 'kernel',
  from: undefined,
  to,
});
const sourceChange = (cause: 'overrun' | 'undecodable' | undefined, to: Freshness): Activity => ({
  ...numbered,
  kind: 'sourceChanged',
  source: 'kernel',
  from: 'current',
  to,
  ...(cause === undefined ? {} : { cause }),
});

const all = { isWatched: () => true, nameOf: () => 'eth0' };

/** The samples that differ from those of a new daemon. */
function countedFrom(...activities: readonly Activity[]): string[] {
  const samplesAfter = (all: readonly Activity[]): string[] => {
    const clock = new ManualClock();
    const about = { version: '1', runtime: '', routes: [] };
    const collector = new MetricsCollector(about, clock);
    const observer = new ActivityMetrics(collector, {
      isWatched: (link) => link === 'eth0',
      nameOf: (index) => `link${index}`,
    });
    for (const activity of all) observer.observe(activity);
    const snapshot = {
      uptime: millis(0),
      links: [],
      routes: [],
      policyTables: new Set<number>(),
      rules: { ipv4: 0, ipv6: 0 },
      policyRouting: [],
      hooksQueued: 0,
      sourcesUp: new Set<never>(),
    };
    const families = collector.collect(snapshot, undefined);
    return new TextDecoder().decode(encodeMetrics(families)).split('\n');
  };
  const quiet = new Set(samplesAfter([]));
  return samplesAfter(activities).filter((line) => !quiet.has(line) && !/ 0$|_bucket|last_event/.test(line));
}

describe('ActivityMetrics', () => {
  test('each event is counted, and an event without hooks as done', () => {
    const events = [
      sampleEvent({ id: eventId('a'), link: eth0, directory: 'routable', source: 'kernel' }),
      sampleEvent({ id: eventId('b'), link: eth0, directory: 'mtu', source: 'kernel' }),
    ];
    expect(countedFrom(finding({ events, withoutHooks: new Set([eventId('b')]) }))).toEqual([
      'netevd_events_total{type="routable",interface="eth0",backend="kernel"} 1',
      'netevd_events_total{type="mtu",interface="eth0",backend="kernel"} 1',
      'netevd_event_duration_seconds_count{type="mtu"} 1',
    ]);
  });

  test('states of monitored links are counted, and no others', () => {
    const changes = [stateChange(eth0, 'routable'), stateChange(eth0, 'off'), stateChange(veth1, 'off')];
    expect(countedFrom(finding({ changes }))).toEqual([
      'netevd_interface_state_changes_total{interface="eth0",state="off"} 1',
      'netevd_interface_state_changes_total{interface="eth0",state="routable"} 1',
    ]);
  });

  test('superseded events are counted', () => {
    const superseded = [{}, {}] as unknown as readonly HookRunOrder[];
    expect(countedFrom(finding({ superseded }))).toEqual(['netevd_hooks_superseded_total 2']);
  });

  test('a hook run is counted', () => {
    const run = {
      eventId: eventId('a'),
      seq: seq(1),
      directory: 'routable',
      source: 'kernel',
      state: 'routable',
      script: 'x',
      path: '/etc/netevd/routable.d/x',
      startedAt: timestamp(0),
      duration: millis(250),
      outcome: { kind: 'exited', code: 3 },
      stdout: '',
      stderr: '',
      droppedOutput: 0,
      outputStillOpen: false,
      cpu: millis(0),
      retry: false,
    } as const;
    expect(countedFrom({ ...numbered, kind: 'hookRunEnded', run })).toEqual([
      'netevd_script_executions_total{script="routable.d/x",event_type="routable"} 1',
      'netevd_script_duration_seconds_sum{script="routable.d/x"} 0.25',
      'netevd_script_duration_seconds_count{script="routable.d/x"} 1',
      'netevd_script_failures_total{script="routable.d/x",exit_code="3"} 1',
    ]);
  });

  test('refused requests to the kernel are counted, successful ones are not', () => {
    const effect = { kind: 'addRoute', route: sampleRoute() } as const;
    const changed = (result: { kind: 'done' } | { kind: 'failed'; code: string }): Activity => ({
      ...numbered,
      kind: 'routingChanged',
      outcome: { effect, result },
    });
    expect(countedFrom(changed({ kind: 'done' }), changed({ kind: 'failed', code: 'EINVAL' }))).toEqual([
      'netevd_netlink_errors_total 1',
    ]);
  });

  test('a rule or route that another program removed counts as a repair of its link when it is back', () => {
    const changed = (result: RoutingResult): Activity => ({
      ...numbered,
      kind: 'routingChanged',
      outcome: { effect: { kind: 'addRoute', route: sampleRoute(), repairs: ifIndex(2) }, result },
    });
    expect(countedFrom(changed({ kind: 'done' }))).toEqual([
      'netevd_policy_routing_repairs_total{interface="link2"} 1',
    ]);
    expect(countedFrom(changed({ kind: 'failed', code: 'EPERM' }))).toEqual([
      'netevd_netlink_errors_total 1',
    ]);
  });

  test('lost messages are counted by cause; a source that returns is not', () => {
    expect(
      countedFrom(
        sourceChange('overrun', 'stale'),
        sourceChange(undefined, 'current'),
        sourceChange('undecodable', 'stale'),
      ),
    ).toEqual([
      'netevd_resyncs_total{source="kernel",cause="overrun"} 1',
      'netevd_resyncs_total{source="kernel",cause="undecodable"} 1',
      'netevd_netlink_errors_total 1',
      'netevd_netlink_overruns_total 1',
    ]);
  });
});

test('reloads are counted by result', () => {
  const accepted: boolean[] = [];
  const input = { configReloaded: (ok: boolean) => void accepted.push(ok) } as unknown as MetricsCollector;
  for (const ok of [false, true]) {
    const reloaded: Activity = { ...numbered, kind: 'configReloaded', ok, changed: [], problems: [] };
    new ActivityMetrics(input, all).observe(reloaded);
  }
  expect(accepted).toEqual([false, true]);
});

test('a vanished or renamed link loses its series after a while', () => {
  const gone: string[] = [];
  const input = { linkVanished: (name: string) => void gone.push(name) } as unknown as MetricsCollector;
  const changes: Change[] = [
    { kind: 'linkVanished', link: veth1, last: sampleLinkStatus() },
    { kind: 'linkRenamed', link: { ...eth0, name: 'wan' }, from: 'eth0' },
  ];
  new ActivityMetrics(input, all).observe(finding({ changes }));
  expect(gone).toEqual(['veth1', 'eth0']);
});
