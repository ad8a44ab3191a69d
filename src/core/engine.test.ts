import { describe, expect, test } from 'bun:test';
import { CollectingEngine, findingsOf as findings, sampleEpoch } from '../testing/collecting-engine.ts';
import { samplePolicy } from '../testing/routing-bench.ts';
import { sampleEnginePolicy } from '../testing/sample-policy.ts';
import {
  sampleAddress,
  sampleEvent,
  sampleLease,
  sampleLinkObject,
  sampleNetworkdLink,
  sampleRoute,
} from '../testing/sample-state.ts';
import type { Effect } from './effect.ts';
import type { EngineOptions, EnginePolicy, Moment } from './engine-options.ts';
import type { HookRunOrder } from './hooks/hook-order.ts';
import { emptyState } from './model/empty-state.ts';
import type { Fact, KernelSnapshot } from './model/fact.ts';
import { generation, ifIndex, instant, millis, seq, timestamp } from './model/ids.ts';
import type { LinkObject } from './model/kernel-objects.ts';
import { LinkFlag, OperStatus } from './model/kernel-objects.ts';
import { reduce } from './reduce/reduce.ts';
import type { ResolverOutcome } from './resolver/call.ts';
import { callCommand } from './resolver/call-command.ts';
import type { RoutingOutcome } from './routing/plan/routing-effect.ts';

const policy = (over: Partial<EnginePolicy> = {}): EnginePolicy =>
  sampleEnginePolicy({ selection: { isMonitored: (name) => name === 'eth0' }, ...over });
const at = (now: number): Moment => ({ now: instant(now), wall: timestamp(1_790_000_000_000 + now) });
const up = sampleLinkObject();
/** Keeps the host routable when eth0 is not. */
const other = sampleLinkObject({ index: ifIndex(9), name: 'eth9' });
const otherAddress = sampleAddress('198.51.100.9', { ifindex: ifIndex(9) });
const down = sampleLinkObject({ flags: LinkFlag.up, operStatus: OperStatus.down });
const snapshot = (
  links: readonly LinkObject[] = [up],
  over: Partial<KernelSnapshot> = {},
): KernelSnapshot => ({
  drivers: new Map(),
  routes: [],
  rules: [],
  ...over,
  links: [other, ...links],
  addresses: [otherAddress, ...(over.addresses ?? [])],
});
const read = (...args: Parameters<typeof snapshot>): Fact => ({
  kind: 'kernelRead',
  snapshot: snapshot(...args),
});
const engine = (over: Partial<EngineOptions> = {}): CollectingEngine =>
  new CollectingEngine({ policy: policy(), ...over });

const orders = (effects: readonly Effect[]): HookRunOrder[] =>
  effects.flatMap((effect) => (effect.kind === 'runHooks' ? [effect.order] : []));
/** The directory of each event, with its flags: `carrier initial`. */
const eventLabels = (effects: readonly Effect[]): string[] =>
  findings(effects).flatMap(({ events }) =>
    events.map(({ directory, initial, resync }) =>
      [directory, initial ? 'initial' : '', resync ? 'resync' : ''].filter(Boolean).join(' '),
    ),
  );
/** An engine that has read the kernel and whose hooks have all run. */
function started(over: Partial<EngineOptions> = {}, first: Fact = read()): CollectingEngine {
  const made = engine(over);
  let waiting = orders(made.observe([first], at(0)));
  while (waiting.length > 0) waiting = waiting.flatMap(({ lane }) => orders(made.hooksFinished(lane, at(0))));
  return made;
}

describe('Engine: a carrier loss that networkd does not report', () => {
  test('a carrier loss that networkd does not report causes reads of networkd with back-off', () => {
    const made = started();
    const links = new Map([[up.index, sampleNetworkdLink()]]);
    made.observe([{ kind: 'networkdAppeared' }, { kind: 'networkdRead', host: {}, links }], at(0));
    made.observe(
      [
        { kind: 'linkObserved', link: down },
        { kind: 'linkObserved', link: up },
      ],
      at(10),
    );
    const readTimes: number[] = [];
    for (
      let wakeAt = made.nextWakeAt();
      wakeAt !== undefined && wakeAt < 20_000;
      wakeAt = made.nextWakeAt()
    ) {
      for (const { kind } of made.wake(at(wakeAt))) if (kind === 'readNetworkd') readTimes.push(wakeAt);
    }
    expect(readTimes).toEqual([2010, 6010, 14_010]);
  });
});

describe('Engine: start', () => {
  test('the first wake requests a complete kernel dump, the second requests nothing', () => {
    const made = engine();
    expect(made.wake(at(0))).toEqual([{ kind: 'readKernel', request: { kind: 'everything' } }]);
    expect(made.wake(at(1))).toEqual([]);
    expect(made.isReady).toBe(false);
  });

  test('a report of a manager before the first kernel dump publishes no event', () => {
    const made = engine();
    const links = new Map([[ifIndex(2), sampleNetworkdLink()]]);
    expect(eventLabels(made.observe([{ kind: 'networkdRead', host: {}, links }], at(0)))).toEqual([]);
    expect(made.isReady).toBe(false);
  });

  test('the initial events include the states that managers reported before the kernel dump', () => {
    const made = engine();
    const links = new Map([[ifIndex(2), sampleNetworkdLink({ administrative: 'unmanaged' })]]);
    made.observe([{ kind: 'networkdRead', host: { OperationalState: 'routable' }, links }], at(0));
    const effects = made.observe([read()], at(1));
    expect(eventLabels(effects)).toContain('unmanaged initial');
    expect(findings(effects)[0]?.changes.map(({ kind }) => kind)).toContain('hostChanged');
    expect(findings(effects)[0]?.silentUpdate?.networkd).toHaveLength(1);
  });

  test('event numbers continue after the last run, and event ids contain the epoch', () => {
    const [finding] = findings(engine({ lastSeq: seq(41) }).observe([read()], at(0)));
    expect(finding?.events.map(({ id, seq: number }) => [id, number])).toEqual([
      [`${sampleEpoch}/42`, 42],
    ] as never);
  });

  test('the first report of a manager is initial within 10 s after the start, and an event later', () => {
    for (const [later, expected] of [
      [9_000, ['unmanaged initial']],
      [11_000, ['unmanaged', 'manager']],
    ] as const) {
      const made = started();
      const links = new Map([
        [ifIndex(2), sampleNetworkdLink({ administrative: 'unmanaged', operational: 'carrier' })],
      ]);
      const effects = made.observe(
        [{ kind: 'networkdRead', host: { OperationalState: 'carrier' }, links }],
        at(later),
      );
      expect(eventLabels(effects)).toEqual([...expected]);
    }
  });

  test('the second report of a manager is not initial', () => {
    const made = started();
    const networkdReport = (administrative: 'unmanaged' | 'configured'): Fact => ({
      kind: 'networkdRead',
      host: {},
      links: new Map([[ifIndex(2), sampleNetworkdLink({ administrative, operational: 'carrier' })]]),
    });
    made.observe([networkdReport('unmanaged')], at(10));
    expect(eventLabels(made.observe([networkdReport('configured')], at(20)))).toEqual(['configured']);
  });
});

describe('Engine: restart', () => {
  const known = reduce(emptyState('auto'), read([up]));
  const eth0 = {
    index: ifIndex(2),
    name: 'eth0',
    generation: known.kernel.links.get(ifIndex(2))?.generation ?? generation(0),
  };
  const pendingOf = (number: number): NonNullable<EngineOptions['recovered']>['pending'][number] => ({
    event: sampleEvent({ seq: seq(number), directory: 'carrier', link: eth0 }),
    resume: { done: new Set(['/d/10-x']), uncertain: new Set() },
  });

  test('a difference from the recovered state is an initial event', () => {
    const made = engine({ recovered: { state: known, pending: [] } });
    expect(eventLabels(made.observe([read([down])], at(0)))).toEqual(['no-carrier initial']);
    expect(
      eventLabels(engine({ recovered: { state: known, pending: [] } }).observe([read()], at(0))),
    ).toEqual([]);
  });

  test('pending events of an earlier run run first, one at a time', () => {
    const recovered = { state: known, pending: [pendingOf(7), pendingOf(8)] };
    const made = engine({ lastSeq: seq(8), recovered });
    const ran: number[] = [];
    let waiting = orders(made.observe([read([down])], at(0)));
    while (waiting.length > 0) {
      ran.push(...waiting.map(({ event }) => Number(event.seq)));
      waiting = waiting.flatMap(({ lane }) => orders(made.hooksFinished(lane, at(0))));
    }
    expect(ran).toEqual([7, 8, 9]);
  });

  test('pending events run even with on_start: never', () => {
    const made = engine({
      policy: policy({ onStart: 'never' }),
      recovered: { state: known, pending: [pendingOf(7)] },
    });
    const effects = made.observe([read([down])], at(0));
    expect(eventLabels(effects)).toEqual([]);
    expect(orders(effects).map(({ event, payload }) => [event.seq, payload.resume?.done])).toEqual([
      [seq(7), new Set(['/d/10-x'])],
    ]);
  });

  test('hooks of a pending event see a link that has since disappeared', () => {
    const made = engine({ recovered: { state: known, pending: [pendingOf(7)] } });
    const [order] = orders(made.observe([read([])], at(0)));
    expect(order?.payload.state.links.get(ifIndex(2))?.name).toBe('eth0');
  });
});

describe('Engine: running', () => {
  test('two opposite facts of one batch cause two events', () => {
    const made = started();
    const effects = made.observe(
      [
        { kind: 'linkObserved', link: down },
        { kind: 'linkObserved', link: up },
      ],
      at(10),
    );
    expect(eventLabels(effects)).toEqual(['no-carrier', 'carrier']);
  });

  test('an event is published before its hooks run', () => {
    const kinds = started()
      .observe([{ kind: 'linkObserved', link: down }], at(10))
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['publish', 'runHooks']);
  });

  test('a repeated fact has no effects', () => {
    expect(started().observe([{ kind: 'linkObserved', link: up }], at(10))).toEqual([]);
  });

  test('new state without a change is published as a silent update', () => {
    const [finding] = findings(
      started().observe([{ kind: 'linkObserved', link: { ...up, promiscuity: 1 } }], at(10)),
    );
    expect(finding).toMatchObject({
      changes: [],
      events: [],
      silentUpdate: { objects: [{ promiscuity: 1 }] },
    });
  });

  test('a loss of sync requests a dump, and the differences that it finds are resync events', () => {
    const made = started();
    const effects = made.observe([{ kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' }], at(5000));
    expect(effects).toMatchObject([
      {
        kind: 'publish',
        activity: { kind: 'sourceChanged', source: 'kernel', to: 'stale', cause: 'overrun' },
      },
      { kind: 'readKernel', request: { kind: 'everything' } },
    ]);
    expect(eventLabels(made.observe([read([down])], at(5010)))).toEqual(['no-carrier resync']);
    expect(eventLabels(made.observe([read([down])], at(5020)))).toEqual([]);
  });

  test('complete kernel dumps are at least one second apart', () => {
    const made = started();
    const lost: Fact = { kind: 'sourceLostSync', source: 'kernel', cause: 'overrun' };
    const dumpRequests = (effects: readonly Effect[]): number =>
      effects.filter(({ kind }) => kind === 'readKernel').length;
    expect(dumpRequests(made.observe([lost], at(5000)))).toBe(1);
    made.observe([read()], at(5010));
    expect(dumpRequests(made.observe([lost], at(5020)))).toBe(0);
    expect(made.nextWakeAt()).toBe(instant(6000));
    expect(dumpRequests(made.wake(at(6000)))).toBe(1);
  });

  test('a different report of a manager that came back is a resync event', () => {
    const made = started();
    const networkdReport = (administrative: 'unmanaged' | 'configured'): Fact => ({
      kind: 'networkdRead',
      host: {},
      links: new Map([[ifIndex(2), sampleNetworkdLink({ administrative, operational: 'carrier' })]]),
    });
    made.observe(
      [networkdReport('configured'), { kind: 'networkdVanished' }, { kind: 'networkdAppeared' }],
      at(10),
    );
    expect(eventLabels(made.observe([networkdReport('configured')], at(20)))).toEqual([]);
    made.observe([{ kind: 'networkdVanished' }], at(30));
    expect(eventLabels(made.observe([networkdReport('unmanaged')], at(40)))).toEqual(['unmanaged resync']);
  });

  test('hooks of link-removed see the link as it was', () => {
    const made = started();
    const [order] = orders(made.observe([{ kind: 'linkVanished', index: ifIndex(2) }], at(10)));
    expect(order?.event.directory).toBe('link-removed');
    expect(order?.payload.state.links.get(ifIndex(2))?.name).toBe('eth0');
  });

  test('a new link with the index of a removed one has its own lane', () => {
    const made = started();
    const [removal] = orders(made.observe([{ kind: 'linkVanished', index: ifIndex(2) }], at(10)));
    const other = { ...up, name: 'eth0' };
    const effects = made.observe([{ kind: 'linkObserved', link: other }], at(10));
    // The new link has the name of the old one, and so it waits for the hooks of that.
    expect(orders(effects)).toEqual([]);
    const [appearance] = orders(made.hooksFinished(removal?.lane ?? '', at(20)));
    expect(appearance?.event.directory).toBe('link-added');
    expect(appearance?.lane).not.toBe(removal?.lane);
  });

  test('address events are debounced, state events run at once', () => {
    const made = started();
    const effects = made.observe([{ kind: 'addressObserved', address: sampleAddress('192.0.2.1') }], at(10));
    expect(eventLabels(effects)).toEqual(['routable', 'configured', 'address-added']);
    const [first] = orders(effects);
    expect(first?.event.directory).toBe('routable');
    const lane = first?.lane ?? '';
    const [second] = orders(made.hooksFinished(lane, at(11)));
    expect(second?.event.directory).toBe('configured');
    expect(orders(made.hooksFinished(lane, at(12)))).toEqual([]);
    expect(made.nextWakeAt()).toBe(instant(60));
    expect(orders(made.wake(at(60)))[0]?.event.directory).toBe('address-added');
  });

  test('a link that is not monitored is in the state and causes no events', () => {
    const made = started({}, read([sampleLinkObject({ index: ifIndex(1), name: 'lo' })]));
    const link = sampleLinkObject({ index: ifIndex(1), name: 'lo', mtu: 9000 });
    const [finding] = findings(made.observe([{ kind: 'linkObserved', link }], at(10)));
    expect([finding?.changes.length, finding?.events]).toEqual([1, []]);
  });

  test('the effects of a fact come before those of the next fact', () => {
    const made = started();
    const facts = [down, up].map((link): Fact => ({ kind: 'linkObserved', link }));
    const kinds = made.observe(facts, at(10)).map(({ kind }) => kind);
    expect(kinds).toEqual(['publish', 'runHooks', 'publish']);
  });

  test('an event without hooks is published with a number and is not queued', () => {
    const made = started();
    made.observe([{ kind: 'hookDirectoriesRead', directories: new Set(['carrier']) }], at(5));
    const [lost] = findings(made.observe([{ kind: 'linkObserved', link: down }], at(10)));
    const [gained] = findings(made.observe([{ kind: 'linkObserved', link: up }], at(20)));
    const ids = (finding: typeof lost): unknown =>
      finding?.events.map(({ id, directory }) => [directory, finding.withoutHooks?.has(id) ?? false]);
    expect(ids(lost)).toEqual(expect.arrayContaining([['no-carrier', true]]));
    expect(ids(gained)).toEqual(expect.arrayContaining([['carrier', false]]));
    expect(made.snapshot.load.waiting + made.snapshot.load.running).toBe(1);
    expect(gained?.events[0]?.seq).toBe(seq((lost?.events.at(-1)?.seq ?? 0) + 1));
  });

  test('the finding lists events that a full queue drops', () => {
    const made = started({
      policy: policy({ limits: { debounce: millis(0), maxParallel: 1, queueLimit: 2 } }),
    });
    const flap = [down, up, down, up, down, up].map((link): Fact => ({ kind: 'linkObserved', link }));
    const superseded = findings(made.observe(flap, at(10))).flatMap((finding) => finding.superseded);
    // The first event runs already, so the queue cannot drop it.
    expect(superseded.map(({ event }) => event.directory)).toEqual(['carrier', 'no-carrier', 'carrier']);
  });
});

describe('Engine: gateways of managers', () => {
  const nextHop = { ifindex: ifIndex(2), weight: 1, flags: 0 };
  const network = sampleRoute({
    destination: sampleAddress('192.168.1.0').address,
    prefixLength: 24,
    nextHops: [nextHop],
  });
  const kernel = read([up], { addresses: [sampleAddress('192.168.1.100')], routes: [network] });
  const networkdReport: Fact = {
    kind: 'networkdRead',
    host: {},
    links: new Map([[ifIndex(2), sampleNetworkdLink()]]),
  };
  const routed = policy({ routing: samplePolicy({ links: ['eth0'] }) });
  const defaults = (effects: readonly Effect[]): number =>
    effects
      .flatMap((effect) => (effect.kind === 'changeRouting' ? effect.effects : []))
      .filter((effect) => effect.kind === 'addRoute' && effect.route.prefixLength === 0).length;

  test('a recovered gateway makes no route until the manager reports it again', () => {
    const remembered = [kernel, networkdReport, { kind: 'networkdVanished' } as const].reduce(
      reduce,
      emptyState('auto'),
    );
    const recovered = { ...remembered, networkd: { ...remembered.networkd, freshness: 'stale' as const } };
    const made = engine({ policy: routed, recovered: { state: recovered, pending: [] } });
    const first = made.observe([kernel], at(0));
    expect(defaults(first)).toBe(0);
    const requested = first.flatMap((effect) => (effect.kind === 'changeRouting' ? effect.effects : []));
    made.routingFinished(
      requested.map((effect) => ({ effect, result: { kind: 'done' } })),
      at(5),
    );
    expect(defaults(made.observe([networkdReport], at(10)))).toBe(1);
  });

  test('a gateway that was reported in this run makes a route while the manager is away', () => {
    const made = engine({ policy: routed });
    made.observe([networkdReport], at(0));
    made.observe([{ kind: 'networkdVanished' }], at(1));
    expect(defaults(made.observe([kernel], at(2)))).toBe(1);
  });
});

describe('Engine: reload of the configuration', () => {
  test('a new configuration keeps the events that wait', () => {
    const made = started();
    const [first] = orders(made.observe([{ kind: 'linkObserved', link: down }], at(10)));
    made.observe([{ kind: 'linkObserved', link: up }], at(11));
    expect(made.snapshot.load).toEqual({ waiting: 1, running: 1 });
    made.configure(policy({ selection: { isMonitored: () => false } }), at(12));
    expect(made.snapshot.load).toEqual({ waiting: 1, running: 1 });
    expect(orders(made.hooksFinished(first?.lane ?? '', at(13)))[0]?.event.directory).toBe('carrier');
  });

  test('a new configuration applies to the next fact', () => {
    const made = started();
    made.configure(policy({ selection: { isMonitored: () => false } }), at(12));
    expect(eventLabels(made.observe([{ kind: 'linkObserved', link: down }], at(13)))).toEqual([]);
  });

  test('a new configuration publishes the states of a manager that the old one ignored', () => {
    const made = started({ policy: policy({ backend: 'kernel' }) });
    const links = new Map([
      [ifIndex(2), sampleNetworkdLink({ administrative: 'unmanaged', operational: 'carrier' })],
    ]);
    expect(eventLabels(made.observe([{ kind: 'networkdRead', host: {}, links }], at(20_000)))).toEqual([]);
    expect(eventLabels(made.configure(policy(), at(20_001)))).toEqual(['unmanaged']);
  });

  test('a new configuration makes policy routing plan again', () => {
    const routes = [
      sampleRoute(),
      sampleRoute({
        destination: sampleAddress('192.168.1.0').address,
        prefixLength: 24,
        nextHops: [{ ifindex: ifIndex(2), weight: 1, flags: 0 }],
      }),
    ];
    const made = started({}, read([up], { addresses: [sampleAddress('192.168.1.100')], routes }));
    const effects = made.configure(policy({ routing: samplePolicy({ links: ['eth0'] }) }), at(10));
    expect(effects.map(({ kind }) => kind)).toEqual(['changeRouting']);
    expect(made.isRoutingIdle).toBe(false);
    const planned = effects.flatMap((effect) => (effect.kind === 'changeRouting' ? effect.effects : []));
    const outcomes = planned.map((effect): RoutingOutcome => ({ effect, result: { kind: 'done' } }));
    expect(made.routingFinished(outcomes, at(11)).filter(({ kind }) => kind === 'changeRouting')).toEqual([]);
    // Acknowledged, but the notifications have not come: a removal could not see them yet.
    expect(made.isRoutingIdle).toBe(false);
    const observed = planned.flatMap((effect): Fact[] =>
      'rule' in effect
        ? [{ kind: 'ruleObserved', rule: effect.rule }]
        : [{ kind: 'routeObserved', route: effect.route, how: 'add' }],
    );
    made.observe(observed, at(12));
    expect(made.isRoutingIdle).toBe(true);
  });
});

describe('Engine: name resolution from leases', () => {
  const lease = sampleLease();
  const resolver = { useDns: true, useDomain: false, useHostname: false, isMonitored: () => true };
  const kernelDump = read([up], { addresses: [sampleAddress('192.168.1.100')] });
  const leased: Fact = { kind: 'leasesRead', active: [lease] };
  const commands = (effects: readonly Effect[]): string[] =>
    effects.flatMap((effect) => (effect.kind === 'callResolver' ? effect.calls.map(callCommand) : []));
  const dns = `resolvectl dns eth0 ${lease.dns.join(' ')}`;

  test('name servers of a lease are set after the kernel dump and reverted with the lease', () => {
    const made = engine({ policy: policy({ resolver }) });
    expect(commands(made.observe([leased], at(0)))).toEqual([]);
    const effects = made.observe([kernelDump], at(1));
    expect(commands(effects)).toEqual([dns]);
    expect(commands(made.observe([leased], at(2)))).toEqual([]);
    made.resolverFinished(callsOf(effects), at(3));
    expect(commands(made.observe([{ kind: 'leasesRead', active: [] }], at(4)))).toEqual([
      'resolvectl revert eth0',
    ]);
  });

  test('leases cause no resolver calls if the configuration pushes nothing', () => {
    const made = engine({});
    made.observe([leased], at(0));
    expect(commands(made.observe([kernelDump], at(1)))).toEqual([]);
  });

  test('a refused resolver call is reported and retried, and repeated when the service returns', () => {
    const made = engine({ policy: policy({ resolver }) });
    made.observe([leased], at(0));
    const [first] = callsOf(made.observe([kernelDump], at(1)));
    const result = { kind: 'failed', error: 'org.freedesktop.DBus.Error.AccessDenied', text: '' } as const;
    const effects = made.resolverFinished(first === undefined ? [] : [{ ...first, result }], at(2));
    expect(effects.flatMap((effect) => (effect.kind === 'publish' ? [effect.activity.kind] : []))).toEqual([
      'resolverChanged',
      'resolverNoticed',
    ]);
    expect(made.nextWakeAt()).toBe(instant(60_002));
    expect(commands(made.wake(at(60_002)))).toEqual([dns]);
    made.resolverFinished(first === undefined ? [] : [first], at(60_003));
    expect(commands(made.resolverReturned('resolve1', at(60_004)))).toEqual([dns]);
  });

  test('name servers that an earlier run set are reverted if their lease has ended', () => {
    const baseline = started({ policy: policy({ resolver }) }, kernelDump).snapshot.state;
    const state = reduce(baseline, leased);
    const made = engine({ policy: policy({ resolver }), recovered: { state, pending: [] } });
    made.observe([{ kind: 'leasesRead', active: [] }], at(0));
    expect(commands(made.observe([kernelDump], at(1)))).toEqual(['resolvectl revert eth0']);
  });

  const callsOf = (effects: readonly Effect[]): readonly ResolverOutcome[] =>
    effects.flatMap((effect) =>
      effect.kind === 'callResolver'
        ? effect.calls.map((call) => ({ call, result: { kind: 'done' } as const }))
        : [],
    );
});

describe('Engine: the name that a hook gets', () => {
  test('is that of the moment in which the hook starts', () => {
    const monitored = policy({
      selection: { isMonitored: () => true },
      limits: { debounce: millis(0), maxParallel: 1, queueLimit: 256 },
    });
    const made = started({ policy: monitored });
    const born = sampleLinkObject({ index: ifIndex(7), name: 'eth7' });
    const running = orders(made.observe([{ kind: 'linkObserved', link: born }], at(1)));
    expect(running.map(({ event }) => event.link?.name)).toEqual(['eth7']);
    made.observe([{ kind: 'linkObserved', link: { ...born, name: 'enp7s0' } }], at(2));
    const [next] = orders(made.hooksFinished(running[0]?.lane ?? '', at(3)));
    expect(next?.event.link?.name).toBe('enp7s0');
  });
});
