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
  source = new NetworkdSource({ bus, clock, log, sink: (told) => facts.push(...told) });
});

/** What came since the last look. */
function news(): Fact[] {
  return facts.splice(0);
}

/** The links of the reading among the news. */
function reading(): Readonly<Record<string, unknown>> {
  const read = news().find((fact) => fact.kind === 'networkdRead');
  if (read?.kind !== 'networkdRead') throw new Error('nothing was read');
  return Object.fromEntries(read.links);
}

function started(): void {
  networkd.add(2, routable, described);
  networkd.start();
  source.start();
  news();
}

const observed = (link: object, index = 2): object => ({ kind: 'networkdLinkObserved', index, link });
const details = {
  dns: ['192.0.2.53'],
  domains: [],
  ntp: [],
  gateways: [],
  networkFile: '/etc/n/1.network',
  linkFile: '',
};

describe('a source of what networkd says', () => {
  test('reads host and links when networkd is there', () => {
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
    expect(news() as unknown).toEqual([
      { kind: 'networkdAppeared' },
      {
        kind: 'networkdRead',
        host: { OperationalState: 'routable', CarrierState: 'carrier', AddressState: 'routable' },
        links: new Map([[2, link]]),
      },
    ]);
  });

  test('says at once that networkd is not there, and that the bus is not', async () => {
    source.start();
    expect(news()).toEqual([{ kind: 'networkdVanished' }]);
    await source.firstWord;
    bus.disconnect();
    expect(news()).toEqual([{ kind: 'sourceLostSync', source: 'systemd-networkd', cause: 'disconnected' }]);
  });

  test('tells each state once, in the order in which it was said', () => {
    started();
    networkd.change(2, { CarrierState: 'no-carrier', OperationalState: 'no-carrier' });
    networkd.change(2, { CarrierState: 'carrier', OperationalState: 'carrier' });
    networkd.change(2, { AdministrativeState: 'configuring' });
    networkd.changeHost({ OperationalState: 'carrier' });
    expect(news() as unknown).toEqual([
      observed({ carrierState: 'no-carrier', operational: 'no-carrier' }),
      observed({ carrierState: 'carrier', operational: 'carrier' }),
      observed({ administrative: 'configuring' }),
      { kind: 'networkdHostObserved', host: { OperationalState: 'carrier' } },
    ]);
  });

  test('tells of an address together with the servers that came with it', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'routable', OperationalState: 'routable' });
    networkd.change(2, { AdministrativeState: 'configured' });
    expect(news()).toEqual([]);
    expect(networkd.waiting).toBe(1);
    networkd.describe(2, { ...described, DNS: [] });
    networkd.answer();
    expect(news() as unknown).toEqual([
      observed({ addressState: 'routable', operational: 'routable', ...details, dns: [] }),
      observed({ administrative: 'configured' }),
    ]);
    expect(clock.waiting).toBe(1);
  });

  test('waits for servers no longer than a moment, and tells them when they come', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'routable', OperationalState: 'routable' });
    clock.advance(49);
    expect(news()).toEqual([]);
    clock.advance(1);
    expect(news() as unknown).toEqual([observed({ addressState: 'routable', operational: 'routable' })]);
    networkd.answer();
    expect(news() as unknown).toEqual([observed(details)]);
  });

  test('lets nothing delay the loss of an address', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'off', IPv4AddressState: 'off', OperationalState: 'carrier' });
    expect(news() as unknown).toEqual([
      observed({ addressState: 'off', ipv4AddressState: 'off', operational: 'carrier' }),
    ]);
    networkd.describe(2, {});
    networkd.answer();
    expect(news() as unknown).toEqual([observed({ ...details, dns: [], networkFile: '' })]);
  });

  test('lets nothing delay the loss of a carrier', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'degraded', OperationalState: 'degraded' });
    networkd.change(2, { CarrierState: 'no-carrier', OperationalState: 'no-carrier' });
    expect(news() as unknown).toEqual([
      observed({ addressState: 'degraded', operational: 'degraded' }),
      observed({ carrierState: 'no-carrier', operational: 'no-carrier' }),
    ]);
  });

  test('asks for servers again a while after the kernel has told of addresses, once', () => {
    started();
    networkd.describe(2, { ...described, DNS: [{ Address: [192, 0, 2, 54] }] });
    for (let i = 0; i < 5; i++) source.doubtDetails(ifIndex(2));
    source.doubtDetails(ifIndex(77));
    const before = bus.calls.length;
    clock.advance(200);
    expect(bus.calls.length - before).toBe(1);
    expect(news() as unknown).toEqual([observed({ ...details, dns: ['192.0.2.54'] })]);
  });

  test('a link that comes is told as a whole, then by what changes', () => {
    started();
    networkd.add(7, { OperationalState: 'off', AdministrativeState: 'pending', CarrierState: 'off' });
    networkd.slow.add('GetAll');
    networkd.change(7, { OperationalState: 'off', CarrierState: 'off' });
    expect(news()).toEqual([]);
    networkd.change(7, { AdministrativeState: 'initialized' });
    networkd.change(7, { AdministrativeState: 'configuring' });
    expect(news() as unknown).toEqual([
      observed({ operational: 'off', carrierState: 'off', administrative: 'initialized' }, 7),
      observed({ administrative: 'configuring' }, 7),
    ]);
  });

  test('a link of which too little was said is asked for the rest', () => {
    started();
    networkd.add(7, {
      OperationalState: 'carrier',
      AdministrativeState: 'unmanaged',
      CarrierState: 'carrier',
    });
    networkd.change(7, { OperationalState: 'carrier' });
    expect(news() as unknown).toContainEqual(
      observed(expect.objectContaining({ operational: 'carrier', administrative: 'unmanaged' }) as object, 7),
    );
  });

  test('a link that lingers is forgotten: the next of its index is another', () => {
    started();
    networkd.change(2, { AdministrativeState: 'linger' });
    expect(news() as unknown).toEqual([observed({ administrative: 'linger' })]);
    networkd.slow.add('GetAll');
    networkd.change(2, { OperationalState: 'off', CarrierState: 'off' });
    expect(news()).toEqual([]);
    networkd.change(2, { AdministrativeState: 'initialized' });
    expect(news() as unknown).toEqual([
      observed({ operational: 'off', carrierState: 'off', administrative: 'initialized' }),
    ]);
  });

  test('reads a state that changed without its value', () => {
    started();
    networkd.add(2, { ...routable, AdministrativeState: 'failed' });
    networkd.change(2, {}, ['AdministrativeState']);
    expect(news() as unknown).toContainEqual(
      observed(expect.objectContaining({ administrative: 'failed' }) as object),
    );
  });

  test('what was said during a reading is told after it, and what the reading has already is not', () => {
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
    const [appeared, read, ...later] = news();
    expect(appeared?.kind).toBe('networkdAppeared');
    expect(read?.kind === 'networkdRead' && read.links.get(ifIndex(2))?.administrative).toBe('failed');
    expect(later as unknown).toEqual([
      { kind: 'networkdHostObserved', host: { OperationalState: 'degraded' } },
    ]);
    networkd.answer();
    expect(news() as unknown).toEqual([observed({ administrative: 'configured', ...details })]);
  });

  test('reads again when networkd is back', () => {
    started();
    networkd.stop();
    expect(news()).toEqual([{ kind: 'networkdVanished' }]);
    networkd.change(2, { AdministrativeState: 'configuring' });
    expect(news()).toEqual([]);
    networkd.start();
    expect(reading()).toHaveProperty('2.administrative', 'configuring');
    bus.disconnect();
    bus.connect();
    expect(news().map(({ kind }) => kind)).toEqual(['sourceLostSync', 'networkdAppeared', 'networkdRead']);
    bus.overrun(networkdName);
    bus.recover(networkdName);
    expect(news().map(({ kind }) => kind)).toEqual(['sourceLostSync', 'networkdAppeared', 'networkdRead']);
  });

  test('an answer of the networkd before says nothing about the present one', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'degraded', OperationalState: 'degraded' });
    networkd.slow.clear();
    networkd.start();
    news();
    networkd.answer();
    expect(news()).toEqual([]);
  });

  test('a reading that fails is tried again, more seldom each time, and is not taken for an empty one', () => {
    networkd.add(2, routable);
    networkd.broken.set('GetAll', 'netevd.TimedOut');
    networkd.start();
    source.start();
    expect(news().map(({ kind }) => kind)).toEqual(['networkdAppeared']);
    for (const delay of [1_000, 3_000, 10_000, 30_000, 30_000]) {
      const before = bus.calls.length;
      clock.advance(delay - 1);
      expect(bus.calls.length).toBe(before);
      clock.advance(1);
      expect(bus.calls.length).toBeGreaterThan(before);
    }
    expect(news()).toEqual([]);
    networkd.broken.clear();
    clock.advance(30_000);
    expect(reading()).toHaveProperty('2.operational', 'routable');
  });

  test('a link that went away while it was read is no failure', () => {
    networkd.add(2, routable);
    networkd.add(3, routable);
    networkd.slow.add('GetAll').add('Describe');
    networkd.start();
    source.start();
    networkd.answer(1);
    networkd.links.delete(3);
    networkd.answer();
    networkd.answer();
    expect(Object.keys(reading())).toEqual(['2']);
  });

  test('a link that networkd has given nothing to is not asked for servers', () => {
    networkd.add(2, { ...routable, AdministrativeState: 'unmanaged' }, described);
    networkd.start();
    source.start();
    expect(reading()).toHaveProperty('2.dns', []);
    expect(bus.calls.map(({ member }) => member)).not.toContain('Describe');
  });

  test('a link without a description has its states all the same', () => {
    networkd.add(2, routable);
    networkd.broken.set('Describe', 'org.freedesktop.DBus.Error.UnknownMethod');
    networkd.start();
    source.start();
    expect(reading()).toHaveProperty('2.dns', []);
    networkd.change(2, { AddressState: 'off', OperationalState: 'carrier' });
    expect(news() as unknown).toEqual([observed({ addressState: 'off', operational: 'carrier' })]);
  });

  test('words that nobody knows are left out, and logged once', () => {
    started();
    for (let i = 0; i < 3; i++) {
      networkd.change(2, { OperationalState: '../../../tmp/x', AdministrativeState: 'failed' });
    }
    expect(news() as unknown).toEqual([
      observed({ administrative: 'failed', ...details }),
      observed({ administrative: 'failed', ...details }),
      observed({ administrative: 'failed', ...details }),
    ]);
    expect(log.messages('warn')).toEqual([
      "systemd-networkd says 'OperationalState=../../../tmp/x', which netevd does not know: it is left out",
    ]);
  });

  test.each([
    ['a path that is no label', '/org/freedesktop/network1/link/2'],
    ['a path below a link', `${networkdLinkPath(2)}/x`],
    ['index 0', '/org/freedesktop/network1/link/_30'],
    ['an index that is none', '/org/freedesktop/network1/link/_39999999999'],
    ['another object', '/org/freedesktop/network1/network/_32'],
  ])('is deaf to %s', (_what, path) => {
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
    expect(news()).toEqual([]);
  });

  test('is silent once it is disposed of', () => {
    started();
    networkd.slow.add('Describe');
    networkd.change(2, { AddressState: 'degraded', OperationalState: 'degraded' });
    source[Symbol.dispose]();
    networkd.answer();
    clock.advance(60_000);
    networkd.stop();
    expect(news()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});
