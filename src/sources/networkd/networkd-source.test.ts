import { beforeEach, describe, expect, test } from 'bun:test';
import type { Fact } from '../../core/model/fact.ts';
import { ifIndex } from '../../core/model/ids.ts';
import { FakeBus } from '../../testing/fake-bus.ts';
import { FakeNetworkd, networkdLinkPath, networkdName } from '../../testing/fake-networkd.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RecordingLogger } from '../../testing/recording-logger.ts';
import { NetworkdSource } from './networkd-source.ts';

const routable = {
  OperationalState: 'routable',
  AdministrativeState: 'configured',
  CarrierState: 'carrier',
  AddressState: 'routable',
  IPv4AddressState: 'routable',
  IPv6AddressState: 'off',
  OnlineState: '',
};
const described = { DNS: [{ Family: 2, Address: [192, 0, 2, 53] }], NetworkFile: '/etc/n/1.network' };

let bus: FakeBus;
let networkd: FakeNetworkd;
let clock: ManualClock;
let log: RecordingLogger;
let facts: Fact[];
let source: NetworkdSource;

beforeEach(() => {
  bus = new FakeBus();
  networkd = new FakeNetworkd(bus);
  clock = new ManualClock();
  log = new RecordingLogger();
  facts = [];
  source = new NetworkdSource({ bus, clock, log, sink: (reported) => facts.push(...reported) });
});

/** The facts since the last call. */
function newFacts(): Fact[] {
  return facts.splice(0);
}

/** The links of the initial read among the new facts. */
function linksRead(): Readonly<Record<string, unknown>> {
  const read = newFacts().find((fact) => fact.kind === 'networkdRead');
  if (read?.kind !== 'networkdRead') throw new Error('nothing was read');
  return Object.fromEntries(read.links);
}

function started(): void {
  networkd.add(2, routable, described);
  networkd.start();
  source.start();
  newFacts();
}

const observed = (link: object, index = 2): object => ({ kind: 'networkdLinkObserved', index, link });
const details = {
  dns: ['192.0.2.53'],
  domains: [],
  ntp: [],
  gateways: [],
  networkFile: '/etc/n/1.network',
  linkFile: '',
  lease4: null,
  lease6: null,
};

describe('a networkd source', () => {
  test('reads host and links when networkd runs', () => {
    networkd.add(2, routable, described);
    networkd.start();
    source.start();
    const link = {
      operational: 'routable',
      administrative: 'configured',
      carrierState: 'carrier',
      addressState: 'routable',
      ipv4AddressState: 'routable',
      ipv6AddressState: 'off',
      ...details,
    };
    expect(newFacts() as unknown).toEqual([
      { kind: 'networkdAppeared' },
      {
        kind: 'networkdRead',
        host: { OperationalState: 'routable', CarrierState: 'carrier', AddressState: 'routable' },
        links: new Map([[2, link]]),
      },
    ]);
  });

  test('reports at once that networkd or the bus is absent', async () => {
    source.start();
    expect(newFacts()).toEqual([{ kind: 'networkdVanished' }]);
    await source.initialReport;
    bus.disconnect();
    expect(newFacts()).toEqual([
      { kind: 'sourceLostSync', source: 'systemd-networkd', cause: 'disconnected' },
    ]);
  });

  test('reports each state once, in the order of the signals', () => {
    started();
    networkd.change(2, { CarrierState: 'no-carrier', OperationalState: 'no-carrier' });
    networkd.change(2, { CarrierState: 'carrier', OperationalState: 'carrier' });
    networkd.change(2, { AdministrativeState: 'configuring' });
    networkd.changeHost({ OperationalState: 'carrier' });
    expect(newFacts() as unknown).toEqual([
      observed({ carrierState: 'no-carrier', operational: 'no-carrier' }),
      observed({ carrierState: 'carrier', operational: 'carrier' }),
      observed({ administrative: 'configuring' }),
      { kind: 'networkdHostObserved', host: { OperationalState: 'carrier' } },
    ]);
  });

  test('reports an address together with the servers that came with it', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'routable', OperationalState: 'routable' });
    networkd.change(2, { AdministrativeState: 'configured' });
    expect(newFacts()).toEqual([]);
    expect(networkd.waiting).toBe(1);
    networkd.describe(2, { ...described, DNS: [] });
    networkd.answer();
    expect(newFacts() as unknown).toEqual([
      observed({ addressState: 'routable', operational: 'routable', ...details, dns: [] }),
      observed({ administrative: 'configured' }),
    ]);
    expect(clock.waiting).toBe(1);
  });

  test('waits for servers for 50 ms only, and reports later ones when they arrive', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'routable', OperationalState: 'routable' });
    clock.advance(49);
    expect(newFacts()).toEqual([]);
    clock.advance(1);
    expect(newFacts() as unknown).toEqual([observed({ addressState: 'routable', operational: 'routable' })]);
    networkd.answer();
    expect(newFacts() as unknown).toEqual([observed(details)]);
  });

  test('reports the loss of an address without delay', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'off', IPv4AddressState: 'off', OperationalState: 'carrier' });
    expect(newFacts() as unknown).toEqual([
      observed({ addressState: 'off', ipv4AddressState: 'off', operational: 'carrier' }),
    ]);
    networkd.describe(2, {});
    networkd.answer();
    expect(newFacts() as unknown).toEqual([observed({ ...details, dns: [], networkFile: '' })]);
  });

  test('reports the loss of a carrier without delay', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'degraded', OperationalState: 'degraded' });
    networkd.change(2, { CarrierState: 'no-carrier', OperationalState: 'no-carrier' });
    expect(newFacts() as unknown).toEqual([
      observed({ addressState: 'degraded', operational: 'degraded' }),
      observed({ carrierState: 'no-carrier', operational: 'no-carrier' }),
    ]);
  });

  test('asks for servers again once, 200 ms after the kernel reported addresses', () => {
    started();
    networkd.describe(2, { ...described, DNS: [{ Address: [192, 0, 2, 54] }] });
    for (let i = 0; i < 5; i++) source.refreshDetails(ifIndex(2));
    source.refreshDetails(ifIndex(77));
    const before = bus.calls.length;
    clock.advance(200);
    expect(bus.calls.length - before).toBe(1);
    expect(newFacts() as unknown).toEqual([observed({ ...details, dns: ['192.0.2.54'] })]);
  });

  test('reports a new link completely, then its changes', () => {
    started();
    networkd.add(7, { OperationalState: 'off', AdministrativeState: 'pending', CarrierState: 'off' });
    networkd.slow.add('GetAll');
    networkd.change(7, { OperationalState: 'off', CarrierState: 'off' });
    expect(newFacts()).toEqual([]);
    networkd.change(7, { AdministrativeState: 'initialized' });
    networkd.change(7, { AdministrativeState: 'configuring' });
    expect(newFacts() as unknown).toEqual([
      observed({ operational: 'off', carrierState: 'off', administrative: 'initialized' }, 7),
      observed({ administrative: 'configuring' }, 7),
    ]);
  });

  test('reads the missing states of a link', () => {
    started();
    networkd.add(7, {
      OperationalState: 'carrier',
      AdministrativeState: 'unmanaged',
      CarrierState: 'carrier',
    });
    networkd.change(7, { OperationalState: 'carrier' });
    expect(newFacts() as unknown).toContainEqual(
      observed(expect.objectContaining({ operational: 'carrier', administrative: 'unmanaged' }) as object, 7),
    );
  });

  test('forgets a lingering link: the next one with its index is another', () => {
    started();
    networkd.change(2, { AdministrativeState: 'linger' });
    expect(newFacts() as unknown).toEqual([observed({ administrative: 'linger' })]);
    networkd.slow.add('GetAll');
    networkd.change(2, { OperationalState: 'off', CarrierState: 'off' });
    expect(newFacts()).toEqual([]);
    networkd.change(2, { AdministrativeState: 'initialized' });
    expect(newFacts() as unknown).toEqual([
      observed({ operational: 'off', carrierState: 'off', administrative: 'initialized' }),
    ]);
  });

  test('reads a state that changed without its value', () => {
    started();
    networkd.add(2, { ...routable, AdministrativeState: 'failed' });
    networkd.change(2, {}, ['AdministrativeState']);
    expect(newFacts() as unknown).toContainEqual(
      observed(expect.objectContaining({ administrative: 'failed' }) as object),
    );
  });

  test('reports signals that arrive during a read after it, except those that the read includes', () => {
    networkd.add(2, { ...routable, AdministrativeState: 'configuring' }, described);
    networkd.slow.add('GetAll').add('ListLinks').add('Describe');
    networkd.start();
    source.start();
    networkd.answer(2);
    networkd.change(2, { AdministrativeState: 'failed' });
    networkd.answer(1);
    networkd.change(2, { AdministrativeState: 'configured' });
    networkd.changeHost({ OperationalState: 'degraded' });
    networkd.answer(1);
    const [appeared, read, ...later] = newFacts();
    expect(appeared?.kind).toBe('networkdAppeared');
    expect(read?.kind === 'networkdRead' && read.links.get(ifIndex(2))?.administrative).toBe('failed');
    expect(later as unknown).toEqual([
      { kind: 'networkdHostObserved', host: { OperationalState: 'degraded' } },
    ]);
    networkd.answer();
    expect(newFacts() as unknown).toEqual([observed({ administrative: 'configured', ...details })]);
  });

  test('reads again when networkd is back', () => {
    started();
    networkd.stop();
    expect(newFacts()).toEqual([{ kind: 'networkdVanished' }]);
    networkd.change(2, { AdministrativeState: 'configuring' });
    expect(newFacts()).toEqual([]);
    networkd.start();
    expect(linksRead()).toHaveProperty('2.administrative', 'configuring');
    bus.disconnect();
    bus.connect();
    expect(newFacts().map(({ kind }) => kind)).toEqual([
      'sourceLostSync',
      'networkdAppeared',
      'networkdRead',
    ]);
    bus.overrun(networkdName);
    bus.recover(networkdName);
    expect(newFacts().map(({ kind }) => kind)).toEqual([
      'sourceLostSync',
      'networkdAppeared',
      'networkdRead',
    ]);
  });

  test('ignores an answer of the networkd before a restart', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'degraded', OperationalState: 'degraded' });
    networkd.slow.clear();
    networkd.start();
    newFacts();
    networkd.answer();
    expect(newFacts()).toEqual([]);
  });

  test('tries a failed read again with longer delays, and does not report it as empty', () => {
    networkd.add(2, routable);
    networkd.broken.set('GetAll', 'netevd.TimedOut');
    networkd.start();
    source.start();
    expect(newFacts().map(({ kind }) => kind)).toEqual(['networkdAppeared']);
    for (const delay of [1_000, 3_000, 10_000, 30_000, 30_000]) {
      const before = bus.calls.length;
      clock.advance(delay - 1);
      expect(bus.calls.length).toBe(before);
      clock.advance(1);
      expect(bus.calls.length).toBeGreaterThan(before);
    }
    expect(newFacts()).toEqual([]);
    networkd.broken.clear();
    clock.advance(30_000);
    expect(linksRead()).toHaveProperty('2.operational', 'routable');
  });

  test('accepts that a link vanishes while it is read', () => {
    networkd.add(2, routable);
    networkd.add(3, routable);
    networkd.slow.add('GetAll').add('Describe');
    networkd.start();
    source.start();
    networkd.answer(1);
    networkd.links.delete(3);
    networkd.answer();
    networkd.answer();
    expect(Object.keys(linksRead())).toEqual(['2']);
  });

  test('does not describe a link that networkd does not configure', () => {
    networkd.add(2, { ...routable, AdministrativeState: 'unmanaged' }, described);
    networkd.start();
    source.start();
    expect(linksRead()).toHaveProperty('2.dns', []);
    expect(bus.calls.map(({ member }) => member)).not.toContain('Describe');
  });

  test('reports the states of a link that has no description', () => {
    networkd.add(2, routable);
    networkd.broken.set('Describe', 'org.freedesktop.DBus.Error.UnknownMethod');
    networkd.start();
    source.start();
    expect(linksRead()).toHaveProperty('2.dns', []);
    networkd.change(2, { AddressState: 'off', OperationalState: 'carrier' });
    expect(newFacts() as unknown).toEqual([observed({ addressState: 'off', operational: 'carrier' })]);
  });

  test('leaves out an unknown value and logs it once', () => {
    started();
    for (let i = 0; i < 3; i++) {
      networkd.change(2, { OperationalState: '../../../tmp/x', AdministrativeState: 'failed' });
    }
    expect(newFacts() as unknown).toEqual([
      observed({ administrative: 'failed', ...details }),
      observed({ administrative: 'failed', ...details }),
      observed({ administrative: 'failed', ...details }),
    ]);
    expect(log.fields('warn', 'messageId')).toEqual([['valueRejected']]);
  });

  test.each([
    ['a path without a label', '/org/freedesktop/network1/link/2'],
    ['a path below a link', `${networkdLinkPath(2)}/x`],
    ['index 0', '/org/freedesktop/network1/link/_30'],
    ['an index out of range', '/org/freedesktop/network1/link/_39999999999'],
    ['another object', '/org/freedesktop/network1/network/_32'],
  ])('ignores a signal from %s', (_what, path) => {
    started();
    bus.emit(networkdName, {
      path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'PropertiesChanged',
      values: ['org.freedesktop.network1.Link', new Map([['OperationalState', 'off']]), []],
    });
    bus.emit(networkdName, {
      path: networkdLinkPath(2),
      interface: 'org.freedesktop.DBus.Properties',
      member: 'PropertiesChanged',
      values: ['org.freedesktop.network1.Link', 'not a dictionary'],
    });
    expect(newFacts()).toEqual([]);
  });

  test('reports nothing after it was disposed of', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'degraded', OperationalState: 'degraded' });
    source[Symbol.dispose]();
    networkd.answer();
    clock.advance(60_000);
    networkd.stop();
    expect(newFacts()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});
