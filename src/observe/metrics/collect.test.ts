import { describe, expect, test } from 'bun:test';
import { hookDirectories } from '../../core/model/event-table.ts';
import { type Millis, millis } from '../../core/model/ids.ts';
import { operationalStates, sources } from '../../core/model/vocabulary.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { encodeMetrics } from '../../wire/prometheus/text.ts';
import { catalogue, type MetricName } from './catalogue.ts';
import { keepVanishedLinks, linkLimit, MetricsCollector, scriptLimit } from './collect.ts';
import { type MetricsSnapshot, type ScriptEnding, type SnapshotLink, streamGapCauses } from './input.ts';

const about = { version: '1.2.3', runtime: 'bun 1.4.5', routes: ['/metrics', '/health'] };
const quiet: MetricsSnapshot = {
  uptime: millis(0),
  links: [],
  routes: [],
  policyTables: new Set(),
  rules: { ipv4: 0, ipv6: 0 },
  policyRouting: [],
  hooksQueued: 0,
  sourcesUp: new Set(),
};
const link = (name: string, more: Partial<SnapshotLink> = {}): SnapshotLink => ({
  name,
  index: 2,
  state: 'routable',
  type: 'ether',
  driver: 'e1000e',
  owner: 'kernel',
  ...more,
});
const files = {
  stat: `7 (netevd) S ${'0 '.repeat(10)}150 50 ${'0 '.repeat(6)}1000 4096`,
  status: 'VmRSS:\t 8 kB\n',
  limits: 'Max open files 64 64 files\nMax address space unlimited unlimited bytes\n',
  openFiles: 9,
  bootTime: 1000,
};
const sec = (seconds: number): Millis => millis(seconds * 1000);

/** A collector, and a function that scrapes it: the name and labels of each sample, with its value. */
function start(): {
  clock: ManualClock;
  metrics: MetricsCollector;
  scrape: (snapshot?: MetricsSnapshot) => Map<string, number>;
} {
  const clock = new ManualClock(1_000_000);
  const metrics = new MetricsCollector(about, clock);
  const scrape = (snapshot: MetricsSnapshot = quiet): Map<string, number> => {
    const text = new TextDecoder().decode(encodeMetrics(metrics.collect(snapshot, files)));
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1).replace('+Inf', 'Infinity'))];
      }),
    );
  };
  return { clock, metrics, scrape };
}

function endScript(metrics: MetricsCollector, script: string, ...outcomes: readonly ScriptEnding[]): void {
  for (const outcome of outcomes) {
    metrics.scriptRan({ directory: 'routable', script, outcome, duration: millis(0) });
  }
}

/** The input of a metric, and the expected samples. */
interface Case {
  readonly feed?: (metrics: MetricsCollector, clock: ManualClock) => void;
  readonly snapshot?: Partial<MetricsSnapshot>;
  readonly expected: Readonly<Record<string, number>>;
}

const twoLinks = { links: [link('eth0'), link('eth1', { index: 3, state: 'off', driver: '' })] };
const someRoutes: Partial<MetricsSnapshot> = {
  policyTables: new Set([203]),
  routes: [
    { table: 254, family: 'ipv4', count: 5 },
    { table: 254, family: 'ipv6', count: 2 },
    { table: 255, family: 'ipv4', count: 9 },
    { table: 203, family: 'ipv4', count: 3 },
    { table: 1000, family: 'ipv4', count: 4 },
  ],
};

const cases: Readonly<Record<MetricName, Case>> = {
  netevd_info: { expected: { '{version="1.2.3"}': 1 } },
  netevd_build_info: { expected: { '{version="1.2.3",runtime="bun 1.4.5"}': 1 } },
  netevd_uptime_seconds: { snapshot: { uptime: millis(1500) }, expected: { '': 1.5 } },
  netevd_config_last_reload_successful: {
    feed: (metrics) => {
      metrics.configReloaded(true);
      metrics.configReloaded(false);
    },
    expected: { '': 0 },
  },
  netevd_config_last_reload_success_timestamp_seconds: {
    feed: (metrics, clock) => {
      clock.advance(5000);
      metrics.configReloaded(true);
      clock.advance(5000);
      metrics.configReloaded(false);
    },
    expected: { '': 1005 },
  },
  netevd_events_total: {
    feed: (metrics) => {
      metrics.eventFound('routable', 'eth0', 'systemd-networkd');
      metrics.eventFound('routable', 'eth0', 'systemd-networkd');
      metrics.eventFound('routable', 'eth0', 'kernel');
      metrics.eventFound('manager', undefined, 'NetworkManager');
    },
    expected: {
      '{type="routable",interface="eth0",backend="systemd-networkd"}': 2,
      '{type="routable",interface="eth0",backend="kernel"}': 1,
      '{type="manager",interface="",backend="NetworkManager"}': 1,
      '{type="manager",interface="",backend="kernel"}': 0,
    },
  },
  netevd_event_duration_seconds: {
    feed: (metrics) => {
      for (const duration of [0.7, 2, 4, 4000]) metrics.eventDone('carrier', millis(duration));
    },
    expected: {
      '_bucket{type="carrier",le="0.001"}': 1,
      '_bucket{type="carrier",le="0.0025"}': 2,
      '_bucket{type="carrier",le="0.005"}': 3,
      '_bucket{type="carrier",le="1"}': 3,
      '_bucket{type="carrier",le="5"}': 4,
      '_count{type="carrier"}': 4,
      '_sum{type="carrier"}': 4.0067,
      '_count{type="mtu"}': 0,
    },
  },
  netevd_interface_state_changes_total: {
    feed: (metrics) => {
      for (const state of ['no-carrier', 'routable', 'no-carrier'] as const) {
        metrics.linkStateChanged('eth0', state);
      }
    },
    expected: {
      '{interface="eth0",state="no-carrier"}': 2,
      '{interface="eth0",state="routable"}': 1,
      '{interface="eth0",state="off"}': 0,
    },
  },
  netevd_last_event_timestamp_seconds: {
    feed: (metrics, clock) => {
      clock.advance(2500);
      metrics.eventFound('mtu', 'eth0', 'kernel');
      clock.advance(1000);
    },
    expected: { '': 1002.5 },
  },
  netevd_hooks_dispatched_total: {
    feed: (metrics) => {
      metrics.eventDispatched('carrier', 'eth0');
      metrics.eventDispatched('carrier', 'eth0');
      metrics.eventDispatched('manager', undefined);
    },
    expected: { '{event="carrier",link="eth0"}': 2, '{event="manager",link=""}': 1 },
  },
  netevd_hooks_coalesced_total: { feed: (metrics) => metrics.eventCoalesced(), expected: { '': 1 } },
  netevd_hooks_superseded_total: { feed: (metrics) => metrics.eventSuperseded(), expected: { '': 1 } },
  netevd_hooks_queued: { snapshot: { hooksQueued: 4 }, expected: { '': 4 } },
  netevd_hooks_refused: {
    feed: (metrics) => {
      for (const script of ['a', 'a', 'b', 'c']) endScript(metrics, script, { kind: 'refused' });
      endScript(metrics, 'b', { kind: 'exited', code: 1 });
    },
    expected: { '': 2 },
  },
  netevd_hook_start_latency_seconds: {
    feed: (metrics) => {
      const run = { directory: 'routable', script: 'x', outcome: { kind: 'exited', code: 0 } } as const;
      metrics.scriptRan({ ...run, duration: sec(9) });
      metrics.hookStarted(millis(1.1));
      metrics.scriptRan({ ...run, duration: sec(9) });
    },
    expected: { '_bucket{le="0.001"}': 0, '_bucket{le="0.0025"}': 1, _count: 1, _sum: 0.0011 },
  },
  netevd_script_executions_total: {
    feed: (metrics) => {
      const exited = { kind: 'exited', code: 0 } as const;
      endScript(
        metrics,
        'x',
        exited,
        { kind: 'exited', code: 1 },
        { kind: 'timed-out' },
        { kind: 'stopped' },
      );
      endScript(metrics, 'x', { kind: 'refused' }, { kind: 'not-started' }, { kind: 'unseen' });
      endScript(metrics, 'y', { kind: 'signalled', signal: 'SIGKILL' });
    },
    expected: {
      '{script="routable.d/x",event_type="routable"}': 4,
      '{script="routable.d/y",event_type="routable"}': 1,
    },
  },
  netevd_script_duration_seconds: {
    feed: (metrics) => {
      const run = { directory: 'carrier', script: 'x', outcome: { kind: 'exited', code: 3 } } as const;
      for (const seconds of [0.05, 0.4, 12]) metrics.scriptRan({ ...run, duration: sec(seconds) });
      metrics.scriptRan({ ...run, duration: sec(40), outcome: { kind: 'refused' } });
    },
    expected: {
      '_bucket{script="carrier.d/x",le="0.1"}': 1,
      '_bucket{script="carrier.d/x",le="10"}': 2,
      '_bucket{script="carrier.d/x",le="30"}': 3,
      '_count{script="carrier.d/x"}': 3,
      '_sum{script="carrier.d/x"}': 12.45,
    },
  },
  netevd_script_failures_total: {
    feed: (metrics) => {
      endScript(
        metrics,
        'x',
        { kind: 'exited', code: 0 },
        { kind: 'exited', code: 3 },
        { kind: 'exited', code: 3 },
      );
      endScript(metrics, 'x', { kind: 'signalled', signal: 'SIGSEGV' }, { kind: 'timed-out' });
      endScript(metrics, 'x', { kind: 'refused' }, { kind: 'not-started' }, { kind: 'stopped' });
      endScript(metrics, '', { kind: 'refused' });
    },
    expected: {
      '{script="routable.d/x",exit_code="1"}': 0,
      '{script="routable.d/x",exit_code="3"}': 2,
      '{script="routable.d/x",exit_code="SIGSEGV"}': 1,
      '{script="routable.d/x",exit_code="timeout"}': 1,
      '{script="routable.d/x",exit_code="refused"}': 1,
      '{script="routable.d/x",exit_code="not-started"}': 1,
      '{script="routable.d",exit_code="refused"}': 1,
    },
  },
  netevd_interfaces: {
    snapshot: { links: [link('eth0'), link('eth1'), link('eth2', { state: 'no-carrier' })] },
    expected: { '{state="routable"}': 2, '{state="no-carrier"}': 1, '{state="off"}': 0 },
  },
  netevd_interfaces_total: { snapshot: twoLinks, expected: { '': 2 } },
  netevd_interface_info: {
    snapshot: twoLinks,
    expected: {
      '{interface="eth0",ifindex="2",type="ether",driver="e1000e",owner="kernel"}': 1,
      '{interface="eth1",ifindex="3",type="ether",driver="",owner="kernel"}': 1,
    },
  },
  netevd_interface_damping_penalty: {
    snapshot: {
      links: [link('eth0', { damping: { penalty: 1500, isDamped: false } }), link('eth1', { index: 3 })],
    },
    expected: { '{interface="eth0"}': 1500 },
  },
  netevd_interface_damped: {
    snapshot: {
      links: [
        link('eth0', { damping: { penalty: 1500, isDamped: false } }),
        link('eth1', { index: 3, damping: { penalty: 3000, isDamped: true } }),
      ],
    },
    expected: { '{interface="eth0"}': 0, '{interface="eth1"}': 1 },
  },
  netevd_routes: {
    snapshot: someRoutes,
    expected: {
      '{table="main",family="ipv4"}': 5,
      '{table="main",family="ipv6"}': 2,
      '{table="203",family="ipv4"}': 3,
      '{table="203",family="ipv6"}': 0,
      '{table="default",family="ipv6"}': 0,
      '{table="other",family="ipv4"}': 13,
    },
  },
  netevd_routes_total: {
    snapshot: someRoutes,
    expected: { '{table="main"}': 7, '{table="203"}': 3, '{table="default"}': 0, '{table="other"}': 13 },
  },
  netevd_routing_rules: {
    snapshot: { rules: { ipv4: 5, ipv6: 3 } },
    expected: { '{family="ipv4"}': 5, '{family="ipv6"}': 3 },
  },
  netevd_routing_rules_total: { snapshot: { rules: { ipv4: 5, ipv6: 3 } }, expected: { '': 8 } },
  netevd_policy_routing_in_sync: {
    snapshot: {
      ...twoLinks,
      policyRouting: [
        { link: 'eth0', isInSync: true },
        { link: 'eth1', isInSync: false },
      ],
    },
    expected: { '{interface="eth0"}': 1, '{interface="eth1"}': 0 },
  },
  netevd_policy_routing_repairs_total: {
    feed: (metrics) => {
      metrics.routingRepaired('eth1');
      metrics.routingRepaired('eth1');
    },
    snapshot: { ...twoLinks, policyRouting: [{ link: 'eth0', isInSync: true }] },
    expected: { '{interface="eth0"}': 0, '{interface="eth1"}': 2 },
  },
  netevd_source_up: {
    snapshot: { sourcesUp: new Set(['kernel', 'dhclient']) },
    expected: { '{source="kernel"}': 1, '{source="dhclient"}': 1, '{source="NetworkManager"}': 0 },
  },
  netevd_resyncs_total: {
    feed: (metrics) => {
      metrics.resyncStarted('kernel', 'overrun');
      metrics.resyncStarted('kernel', 'requested');
      metrics.resyncStarted('kernel', 'requested');
    },
    expected: {
      '{source="kernel",cause="overrun"}': 1,
      '{source="kernel",cause="requested"}': 2,
      '{source="NetworkManager",cause="disconnected"}': 0,
    },
  },
  netevd_netlink_messages_total: {
    feed: (metrics) => {
      metrics.netlinkReceived('RTM_NEWROUTE', 40);
      metrics.netlinkReceived('RTM_NEWROUTE', 2);
    },
    expected: { '{message_type="RTM_NEWROUTE"}': 42, '{message_type="RTM_DELLINK"}': 0 },
  },
  netevd_netlink_errors_total: { feed: (metrics) => metrics.netlinkFailed(), expected: { '': 1 } },
  netevd_netlink_overruns_total: { feed: (metrics) => metrics.netlinkOverran(), expected: { '': 1 } },
  netevd_dbus_calls_total: {
    feed: (metrics) => {
      metrics.dbusCalled('org.freedesktop.resolve1', 'SetLinkDNS');
      metrics.dbusCalled('org.freedesktop.resolve1', 'SetLinkDNS');
    },
    expected: { '{service="org.freedesktop.resolve1",method="SetLinkDNS"}': 2 },
  },
  netevd_dbus_errors_total: { feed: (metrics) => metrics.dbusCallFailed(), expected: { '': 1 } },
  netevd_dbus_reconnects_total: { feed: (metrics) => metrics.dbusReconnected(), expected: { '': 1 } },
  netevd_history_write_failures_total: {
    feed: (metrics) => metrics.historyWriteFailed(),
    expected: { '': 1 },
  },
  netevd_stream_clients: {
    feed: (metrics) => {
      metrics.streamClientsChanged(3);
      metrics.streamClientsChanged(2);
    },
    expected: { '': 2 },
  },
  netevd_stream_gaps_total: {
    feed: (metrics) => metrics.streamGapSent('slow-reader'),
    expected: { '{cause="slow-reader"}': 1, '{cause="expired"}': 0 },
  },
  netevd_http_requests_total: {
    feed: (metrics) => {
      metrics.httpAnswered('/health', 503);
      metrics.httpAnswered('/health', 200);
      metrics.httpAnswered('/health', 200);
    },
    expected: {
      '{path="/health",code="200"}': 2,
      '{path="/health",code="503"}': 1,
      '{path="/metrics",code="200"}': 0,
    },
  },
  process_cpu_seconds_total: { expected: { '': 2 } },
  process_resident_memory_bytes: { expected: { '': 8192 } },
  process_virtual_memory_bytes: { expected: { '': 4096 } },
  process_virtual_memory_max_bytes: { expected: { '': Number.POSITIVE_INFINITY } },
  process_start_time_seconds: { expected: { '': 1010 } },
  process_open_fds: { expected: { '': 9 } },
  process_max_fds: { expected: { '': 64 } },
};

describe('collect: values', () => {
  for (const [name, { feed, snapshot, expected }] of Object.entries(cases)) {
    test(`${name} has the expected value`, () => {
      const { clock, metrics, scrape } = start();
      feed?.(metrics, clock);
      const samples = scrape({ ...quiet, ...snapshot });
      for (const [rest, value] of Object.entries(expected)) {
        expect([rest, samples.get(`${name}${rest}`)]).toEqual([rest, value]);
      }
    });
  }
});

describe('collect: at the start', () => {
  test('every metric without labels is exported, and every counter is 0', () => {
    const samples = start().scrape();
    const counters = Object.entries(catalogue).filter(([, { type }]) => type === 'counter');
    for (const [name, { labels }] of Object.entries(catalogue)) {
      const isHistogram = catalogue[name as MetricName].type === 'histogram';
      if (labels.length === 0)
        expect([name, samples.has(isHistogram ? `${name}_count` : name)]).toEqual([name, true]);
    }
    for (const [name] of counters.filter(([counter]) => !counter.startsWith('process_'))) {
      for (const [sample, value] of samples)
        if (sample.startsWith(name)) expect([sample, value]).toEqual([sample, 0]);
    }
  });

  test('series with known labels are 0: sources, causes, types, messages, routes of the API', () => {
    const samples = start().scrape();
    const count = (name: string): number =>
      [...samples.keys()].filter((key) => key.startsWith(`${name}{`)).length;
    expect(count('netevd_source_up')).toBe(sources.length);
    expect(count('netevd_resyncs_total')).toBe(sources.length * 7);
    expect(count('netevd_event_duration_seconds_count')).toBe(hookDirectories.length);
    expect(count('netevd_netlink_messages_total')).toBe(8);
    expect(count('netevd_interfaces')).toBe(operationalStates.length);
    expect(count('netevd_stream_gaps_total')).toBe(streamGapCauses.length);
    expect(count('netevd_http_requests_total')).toBe(2);
  });

  test('known scripts have counters', () => {
    const { metrics, scrape } = start();
    metrics.scriptsFound([{ directory: 'routable', script: '10-log' }]);
    const keys = [...scrape().keys()].filter(
      (key) => key.includes('routable.d/10-log') && !key.includes('le='),
    );
    expect(keys).toHaveLength(1 + 2 + 3);
  });
});

describe('collect: links', () => {
  const stateSeries = (samples: Map<string, number>, name: string): number =>
    [...samples.keys()].filter((key) =>
      key.startsWith(`netevd_interface_state_changes_total{interface="${name}"`),
    ).length;

  test('a link has a series for each state from its first scrape', () => {
    const samples = start().scrape({ ...quiet, links: [link('eth0')] });
    expect(stateSeries(samples, 'eth0')).toBe(operationalStates.length);
  });

  test('links beyond a thousand share one series and are counted', () => {
    const { metrics, scrape } = start();
    const links = Array.from({ length: linkLimit + 5 }, (_, index) => link(`eth${index}`));
    scrape({ ...quiet, links });
    for (const { name } of links) metrics.eventFound('carrier', name, 'kernel');
    const samples = scrape({ ...quiet, links });
    expect(samples.get('netevd_events_total{type="carrier",interface="eth999",backend="kernel"}')).toBe(1);
    expect(samples.get('netevd_events_total{type="carrier",interface="other",backend="kernel"}')).toBe(5);
    expect(samples.get('netevd_interfaces_total')).toBe(linkLimit + 5);
    expect([...samples.keys()].filter((key) => key.startsWith('netevd_interface_info')).length).toBe(
      linkLimit,
    );
    const named = new Set([...samples.keys()].flatMap((key) => /interface="([^"]+)"/.exec(key)?.[1] ?? []));
    expect(named.size).toBe(linkLimit + 1);
  });

  test('vanished links keep their series for five minutes in every metric', () => {
    const { clock, metrics, scrape } = start();
    const ofLink = (): number => [...scrape().keys()].filter((key) => key.includes('"veth0"')).length;
    scrape({ ...quiet, links: [link('veth0')], policyRouting: [{ link: 'veth0', isInSync: true }] });
    metrics.eventFound('link-removed', 'veth0', 'kernel');
    metrics.eventDispatched('link-removed', 'veth0');
    metrics.linkVanished('veth0');
    expect(ofLink()).toBe(operationalStates.length + 3);
    clock.advance(keepVanishedLinks - 1);
    expect(ofLink()).toBe(operationalStates.length + 3);
    clock.advance(1);
    expect(ofLink()).toBe(0);
  });

  test('vanished links free their places for new ones, also without a scrape', () => {
    const { clock, metrics, scrape } = start();
    for (let index = 0; index < 3 * linkLimit; index++) {
      metrics.eventFound('link-added', `veth${index}`, 'kernel');
      metrics.linkVanished(`veth${index}`);
      clock.advance(keepVanishedLinks / linkLimit);
    }
    const samples = scrape();
    expect(
      samples.get('netevd_events_total{type="link-added",interface="other",backend="kernel"}'),
    ).toBeUndefined();
    const named = [...samples.keys()].filter((key) =>
      key.startsWith('netevd_events_total{type="link-added"'),
    );
    expect(named.length).toBeLessThanOrEqual(linkLimit);
    expect(named).toContain(`netevd_events_total{type="link-added",interface="veth2999",backend="kernel"}`);
  });
});

describe('collect: scripts', () => {
  test('scripts beyond two hundred share one series', () => {
    const { metrics, scrape } = start();
    for (let index = 0; index < scriptLimit + 3; index++) {
      endScript(metrics, `s${index}`, { kind: 'exited', code: 1 });
    }
    const samples = scrape();
    expect(samples.get('netevd_script_failures_total{script="routable.d/s199",exit_code="1"}')).toBe(1);
    expect(samples.get('netevd_script_failures_total{script="other",exit_code="1"}')).toBe(3);
    const named = new Set([...samples.keys()].flatMap((key) => /script="([^"]+)"/.exec(key)?.[1] ?? []));
    expect(named.size).toBe(scriptLimit + 1);
  });

  test('removed scripts lose their series and are not counted as refused', () => {
    const { metrics, scrape } = start();
    endScript(metrics, 'old', { kind: 'refused' });
    metrics.scriptsFound([{ directory: 'routable', script: 'new' }]);
    const samples = scrape();
    expect([...samples.keys()].some((key) => key.includes('/old'))).toBe(false);
    expect(samples.get('netevd_hooks_refused')).toBe(0);
  });

  test('refused scripts are counted for one day', () => {
    const { clock, metrics, scrape } = start();
    endScript(metrics, 'x', { kind: 'refused' });
    clock.advance(24 * 3_600_000);
    expect(scrape().get('netevd_hooks_refused')).toBe(1);
    clock.advance(1);
    expect(scrape().get('netevd_hooks_refused')).toBe(0);
  });
});

test('a scrape without /proc has all other metrics', () => {
  const { metrics } = start();
  const text = new TextDecoder().decode(encodeMetrics(metrics.collect(quiet, undefined)));
  expect(text).toContain('netevd_uptime_seconds 0\n');
  expect(text).not.toContain('process_');
});
