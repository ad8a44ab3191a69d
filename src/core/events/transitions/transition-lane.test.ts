/** The lane as the engine drives it: from facts to the events that hooks get. */
import { describe, expect, test } from 'bun:test';
import { CollectingEngine, findingsOf } from '../../../testing/collecting-engine.ts';
import { sampleEnginePolicy } from '../../../testing/sample-policy.ts';
import {
  ip,
  sampleAddress,
  sampleLease,
  sampleLinkObject,
  sampleNetworkdLink,
  sampleRoute,
} from '../../../testing/sample-state.ts';
import type { Effect } from '../../effect.ts';
import type { EngineOptions, Moment } from '../../engine-options.ts';
import { JournalFold } from '../../journal/fold.ts';
import { restoreState } from '../../journal/restore-state.ts';
import type { NetworkEvent } from '../../model/event.ts';
import type { HookDirectory } from '../../model/event-table.ts';
import { eventEntry } from '../../model/event-table.ts';
import type { Fact } from '../../model/fact.ts';
import { type Instant, ifIndex, instant, timestamp } from '../../model/ids.ts';
import {
  AddressFlag,
  type AddressObject,
  LinkFlag,
  OperStatus,
  type RouteObject,
} from '../../model/kernel-objects.ts';
import { textOf } from '../../model/transition.ts';

const at = (now: number): Moment => ({ now: instant(now), wall: timestamp(1_790_000_000_000 + now) });
const eth0 = sampleLinkObject();
const address = (text: string, over: Partial<AddressObject> = {}) => sampleAddress(text, over);
const via = (gateway: string, over: Partial<RouteObject> = {}): RouteObject =>
  sampleRoute({ nextHops: [{ ifindex: eth0.index, gateway: ip(gateway), weight: 1, flags: 0 }], ...over });
const added = (text: string, over: Partial<AddressObject> = {}): Fact => ({
  kind: 'addressObserved',
  address: address(text, over),
});
const removed = (text: string, over: Partial<AddressObject> = {}): Fact => ({
  kind: 'addressVanished',
  address: address(text, over),
});
const routed = (gateway: string): Fact => ({ kind: 'routeObserved', route: via(gateway), how: 'add' });
const unrouted = (gateway: string): Fact => ({ kind: 'routeVanished', route: via(gateway) });
const leased = (...active: Parameters<typeof sampleLease>[0][]): Fact => ({
  kind: 'leasesRead',
  active: active.map((over) => sampleLease(over)),
});

const read = (
  addresses: readonly AddressObject[] = [address('192.168.1.100')],
  routes: readonly RouteObject[] = [via('192.168.1.1')],
): Fact => ({
  kind: 'kernelRead',
  snapshot: { drivers: new Map(), links: [eth0], addresses, routes, rules: [] },
});

const transitionsOf = (effects: readonly Effect[]): NetworkEvent[] =>
  findingsOf(effects)
    .flatMap(({ events }) => events)
    .filter(({ directory }) => eventEntry(directory).kind === 'transition');

/** `gateway gateway: 192.0.2.1 → 192.0.2.9`, with the first value of each side. */
function label(event: NetworkEvent): string {
  const side = (name: 'before' | 'after'): string => {
    const values = event.transition?.[name];
    if (values === null || values === undefined) return 'none';
    return textOf(Object.values(values)[0]) || '-';
  };
  return `${event.link?.name ?? 'host'} ${event.directory} ${event.name}: ${side('before')} → ${side('after')}`;
}

/** An engine after the start, and a way to feed it. */
class Machine {
  readonly engine: CollectingEngine;
  readonly events: NetworkEvent[] = [];
  readonly effects: Effect[] = [];

  constructor(over: Partial<EngineOptions> = {}, first: Fact = read()) {
    this.engine = new CollectingEngine({ policy: sampleEnginePolicy(), ...over });
    this.#take(this.engine.observe([first], at(0)));
  }

  /** Observes facts, each at its time, and lets every time in between pass. */
  observe(now: number, ...facts: Fact[]): this {
    this.pass(now);
    this.#take(this.engine.observe(facts, at(now)));
    return this;
  }

  pass(until: number): this {
    for (let due = this.engine.nextWakeAt(); due !== undefined && due <= until; due = this.#next(due)) {
      this.#take(this.engine.wake(at(due)));
    }
    return this;
  }

  labels(): string[] {
    return this.events.splice(0).map(label);
  }

  #next(after: Instant): Instant | undefined {
    const due = this.engine.nextWakeAt();
    return due !== undefined && due > after ? due : undefined;
  }

  #take(effects: readonly Effect[]): void {
    this.effects.push(...effects);
    this.events.push(...transitionsOf(effects));
  }
}

/** A machine some time after its start, without the events of the start. */
function running(over: Partial<EngineOptions> = {}, first?: Fact): Machine {
  const machine = new Machine(over, first).pass(20_000);
  machine.events.length = 0;
  return machine;
}

describe('a transition', () => {
  test('at boot nothing is one, except that the host is online', () => {
    const machine = new Machine().pass(10_000);
    expect(machine.labels()).toEqual(['host online online: offline → online']);
  });

  test('what a manager reports first at boot is none', () => {
    const machine = new Machine();
    const links = new Map([[eth0.index, sampleNetworkdLink()]]);
    machine.observe(100, leased({}), { kind: 'networkdAppeared' }, { kind: 'networkdRead', host: {}, links });
    machine.pass(5_000).events.shift();
    expect(machine.labels()).toEqual([]);
  });

  test('a renumbering is one event', () => {
    const machine = running().observe(30_000, removed('192.168.1.100'), routed('192.168.1.1'));
    machine.observe(30_020, added('192.168.1.7')).pass(31_000);
    expect(machine.labels()).toEqual(['eth0 address-changed address-changed: 192.168.1.100 → 192.168.1.7']);
  });

  test('waits until the value is still', () => {
    const machine = running();
    machine.observe(30_000, added('10.0.0.1')).observe(30_040, added('10.0.0.2'));
    expect(machine.pass(30_080).labels()).toEqual([]);
    expect(machine.pass(30_090).labels()).toHaveLength(1);
  });

  test('a value that never rests is reported after a second', () => {
    const machine = running();
    for (let now = 30_000; now < 31_010; now += 40) {
      machine.observe(now, added(`10.0.1.${(now - 30_000) / 40 + 1}`));
    }
    expect(machine.labels()).toHaveLength(1);
  });

  test('a value that returns in time is none', () => {
    const machine = running().observe(30_000, removed('192.168.1.100'));
    machine.observe(30_020, added('192.168.1.100')).pass(60_000);
    expect(machine.labels().filter((text) => text.includes('address-changed'))).toEqual([]);
  });

  test('a router advertisement that deprecates one prefix and announces another is one event', () => {
    const old = '2001:db8:a::1';
    const machine = running({}, read([address(old)], []));
    machine.observe(30_000, added(old, { flags: AddressFlag.deprecated }));
    machine.observe(30_000, added('2001:db8:b::1', { flags: AddressFlag.tentative }));
    machine.pass(31_500);
    expect(machine.labels()).toEqual([]);
    machine.observe(31_600, added('2001:db8:b::1')).pass(40_000);
    expect(machine.labels()).toEqual(['eth0 address-changed address-changed: 2001:db8:a::1 → 2001:db8:b::1']);
  });

  test('duplicate address detection that never ends does not hold a report back', () => {
    const machine = running().observe(30_000, added('2001:db8::1', { flags: AddressFlag.tentative }));
    machine.observe(30_000, removed('192.168.1.100')).pass(40_000);
    expect(machine.labels()).toContain('eth0 address-changed address-changed: 192.168.1.100 → none');
  });

  test('a gateway that a lease reports before the kernel is one event', () => {
    const machine = running({}, read([address('192.168.1.100')], []));
    machine.observe(30_000, leased({})).pass(30_500);
    machine.observe(31_000, routed('192.168.1.1')).pass(32_000);
    const gateways = machine.labels().filter((text) => text.startsWith('eth0 gateway'));
    expect(gateways).toEqual(['eth0 gateway gateway: none → 192.168.1.1']);
  });

  test('another gateway changes the gateway of the link and the way out of the host', () => {
    const machine = running().observe(30_000, unrouted('192.168.1.1'), routed('192.168.1.9')).pass(31_000);
    expect(machine.labels()).toEqual([
      'eth0 gateway gateway: 192.168.1.1 → 192.168.1.9',
      'host default-route changed: eth0 → eth0',
    ]);
  });

  test('without a default route the host is offline, and online again with one', () => {
    const machine = running().observe(30_000, unrouted('192.168.1.1')).pass(31_000);
    expect(machine.labels()).toEqual([
      'eth0 gateway gateway: 192.168.1.1 → none',
      'host default-route lost: eth0 → none',
      'host offline offline: online → offline',
    ]);
    machine.observe(32_000, routed('192.168.1.1')).pass(33_000);
    expect(machine.labels()).toEqual([
      'eth0 gateway gateway: none → 192.168.1.1',
      'host default-route gained: none → eth0',
      'host online online: offline → online',
    ]);
  });

  test('a lost carrier takes the host offline although the route stays', () => {
    const down = sampleLinkObject({ flags: LinkFlag.up, operStatus: OperStatus.down });
    const machine = running().observe(30_000, { kind: 'linkObserved', link: down }).pass(31_000);
    expect(machine.labels()).toEqual(['host offline offline: online → offline']);
  });

  test('is in the order of the topics: lease, prefix, addresses, gateway, DNS, host', () => {
    const machine = running({}, read([], []));
    machine.observe(30_000, leased({}, { family: 6, addresses: [], prefixes: ['2001:db8:f::/56'] }));
    machine.observe(30_000, added('192.168.1.100'), routed('192.168.1.1')).pass(31_000);
    expect(machine.events.map(({ directory }) => directory)).toEqual([
      'lease',
      'lease',
      'prefix',
      'address-changed',
      'gateway',
      'dns',
      'default-route',
      'online',
    ]);
  });
});

describe('a lease', () => {
  const lease = { expires: timestamp(1_790_000_100_000) };

  test('is bound, renewed, changed and expires', () => {
    const machine = running().observe(30_000, leased(lease)).pass(31_000);
    machine.observe(40_000, leased({ expires: timestamp(1_790_000_200_000) })).pass(41_000);
    machine
      .observe(50_000, leased({ expires: timestamp(1_790_000_200_000), dns: [ip('1.1.1.1')] }))
      .pass(51_000);
    machine.observe(300_000, leased()).pass(301_000);
    const leases = machine.events.filter(({ directory }) => directory === 'lease');
    expect(leases.map(({ name }) => name)).toEqual(['bound', 'renewed', 'changed', 'expired']);
    expect(leases.map(({ transition }) => transition?.changed.join(' '))).toEqual([
      'addresses subnet_mask gateway dns domain hostname',
      '',
      'dns',
      'addresses subnet_mask gateway dns domain hostname',
    ]);
    expect(leases.map(({ recordOnly }) => recordOnly === true)).toEqual([false, true, false, false]);
  });

  test('no hook runs for a renewal', () => {
    const machine = running().observe(30_000, leased(lease)).pass(31_000);
    const before = machine.effects.length;
    machine.observe(40_000, leased({ expires: timestamp(1_790_000_200_000) })).pass(41_000);
    const since = machine.effects.slice(before);
    expect(since.filter(({ kind }) => kind === 'runHooks')).toEqual([]);
    expect(transitionsOf(since).map(({ name }) => name)).toEqual(['renewed']);
  });

  test('of two messages within the debounce time is one event', () => {
    const machine = running().observe(30_000, leased(lease)).pass(31_000);
    machine.events.length = 0;
    machine
      .observe(40_000, leased())
      .observe(40_010, leased({ ...lease, gateways: [] }))
      .pass(41_000);
    expect(machine.events.filter(({ directory }) => directory === 'lease').map(({ name }) => name)).toEqual([
      'changed',
    ]);
  });
});

describe('a link that vanishes', () => {
  test('ends its transitions before link-removed', () => {
    const machine = running();
    const effects = machine.engine.observe([{ kind: 'linkVanished', index: eth0.index }], at(30_000));
    const directories = findingsOf(effects).flatMap(({ events }) => events.map(({ directory }) => directory));
    const own: HookDirectory[] = ['address-changed', 'gateway', 'link-removed'];
    expect(directories.filter((one) => own.includes(one))).toEqual(own);
  });

  test('one that is not monitored has no transitions', () => {
    const policy = sampleEnginePolicy({ selection: { isMonitored: (name) => name !== 'eth0' } });
    const machine = running({ policy })
      .observe(30_000, added('10.0.0.1'), unrouted('192.168.1.1'))
      .pass(31_000);
    expect(machine.labels().filter((text) => text.startsWith('eth0'))).toEqual([]);
  });
});

/** What a restarted daemon gets from the journal that these effects wrote. */
function restarted(effects: readonly Effect[], first: Fact, over: Partial<EngineOptions> = {}): Machine {
  const fold = new JournalFold();
  for (const { changes, events, silentUpdate, reported, initial } of findingsOf(effects)) {
    fold.add({
      kind: 'found',
      ...(initial && { initial }),
      changes,
      ...(silentUpdate !== undefined && { silentUpdate }),
      events,
      superseded: [],
      ...(reported !== undefined && { reported }),
    });
  }
  const snapshot = fold.snapshot();
  const { reported } = snapshot;
  const recovered = {
    state: restoreState(snapshot, 'auto'),
    pending: [],
    ...(reported !== undefined && { reported: new Map(reported) }),
  };
  return new Machine({ recovered, ...over }, first);
}

describe('after a restart of the daemon', () => {
  test('nothing is reported where nothing changed', () => {
    const machine = running().observe(30_000, leased({})).pass(31_000);
    const again = restarted(machine.effects, read()).observe(10, leased({})).pass(20_000);
    expect(again.labels()).toEqual([]);
  });

  test('the net difference is reported, marked as of the start', () => {
    const machine = running().observe(30_000, leased({})).pass(31_000);
    const again = restarted(machine.effects, read([address('192.168.1.7')], [via('192.168.1.9')]));
    again.observe(10, leased({ addresses: [ip('192.168.1.7')] })).pass(20_000);
    expect(again.events.every(({ initial }) => initial)).toBe(true);
    expect(again.labels()).toEqual([
      'eth0 lease changed: 192.168.1.100 → 192.168.1.7',
      'eth0 address-changed address-changed: 192.168.1.100 → 192.168.1.7',
      'eth0 gateway gateway: 192.168.1.1 → 192.168.1.9',
      'host default-route changed: eth0 → eth0',
    ]);
  });

  test('a value that had not been still when the daemon ended is reported', () => {
    const machine = running().observe(30_000, removed('192.168.1.100'), added('192.168.1.7'));
    expect(machine.labels()).toEqual([]);
    const again = restarted(machine.effects, read([address('192.168.1.7')])).pass(20_000);
    expect(again.labels()).toEqual(['eth0 address-changed address-changed: 192.168.1.100 → 192.168.1.7']);
  });

  test('with on_start never nothing is reported', () => {
    const machine = running();
    const policy = sampleEnginePolicy({ onStart: 'never' });
    const again = restarted(machine.effects, read([], []), { policy }).pass(20_000);
    expect(again.labels()).toEqual([]);
  });

  test('with on_start replay the host is online once more', () => {
    const policy = sampleEnginePolicy({ onStart: 'replay' });
    const again = restarted(running().effects, read(), { policy }).pass(20_000);
    expect(again.labels()).toEqual(['host online online: offline → online']);
  });
});

describe('after a loss of messages', () => {
  test('a dump that changes nothing is no transition, and the difference is marked', () => {
    const machine = running().observe(30_000, read()).pass(31_000);
    expect(machine.labels()).toEqual([]);
    machine.observe(32_000, read([address('192.168.1.7')])).pass(33_000);
    expect(machine.events.map(({ directory, resync }) => [directory, resync])).toEqual([
      ['address-changed', true],
    ]);
  });

  test('a manager that goes and returns unchanged is none', () => {
    const links = new Map([[ifIndex(2), sampleNetworkdLink()]]);
    const networkd: Fact[] = [{ kind: 'networkdAppeared' }, { kind: 'networkdRead', host: {}, links }];
    const machine = running()
      .observe(30_000, ...networkd)
      .pass(31_000);
    machine.events.length = 0;
    machine.observe(40_000, { kind: 'networkdVanished' }).pass(45_000);
    machine.observe(50_000, ...networkd).pass(55_000);
    expect(machine.labels()).toEqual([]);
  });
});
