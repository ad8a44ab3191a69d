import { beforeEach, describe, expect, test } from 'bun:test';
import type { Fact } from '../../core/model/fact.ts';
import { ifIndex, millis } from '../../core/model/ids.ts';
import { CallCounts } from '../../platform/bus/call-counts.ts';
import { FakeBus } from '../../testing/fake-bus.ts';
import { FakeNetworkd } from '../../testing/fake-networkd.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { RecordingLogger } from '../../testing/recording-logger.ts';
import { sampleAddress } from '../../testing/sample-state.ts';
import { BusSources, type StartableBus } from './bus-sources.ts';

class ReadyBus extends FakeBus implements StartableBus {
  readonly isConnected = true;
  readonly counts = new CallCounts();
  start(): void {}
  [Symbol.dispose](): void {}
}

const routable = {
  OperationalState: 'routable',
  AdministrativeState: 'configured',
  CarrierState: 'carrier',
  AddressState: 'routable',
  IPv4AddressState: 'routable',
  IPv6AddressState: 'off',
  OnlineState: '',
};
const server = (last: number): object => ({ DNS: [{ Family: 2, Address: [192, 0, 2, last] }] });

let networkd: FakeNetworkd;
let clock: ManualClock;
let facts: Fact[];
let waiting: (() => void)[];
let sources: BusSources;

beforeEach(() => {
  const bus = new ReadyBus();
  networkd = new FakeNetworkd(bus);
  networkd.add(2, routable, server(53));
  networkd.start();
  clock = new ManualClock();
  facts = [];
  waiting = [];
  sources = new BusSources({
    bus,
    clock,
    log: new RecordingLogger(),
    sink: (told) => facts.push(...told),
    barrier: (done) => waiting.push(done),
  });
  sources.start();
});

const kinds = (): string[] => facts.map(({ kind }) => kind);
const passBarrier = (): void => {
  for (const done of waiting.splice(0)) done();
};

describe('BusSources', () => {
  test("networkd's first report is delivered when the initial reports are awaited, and not before", async () => {
    expect(kinds()).toEqual([]);
    await sources.initialReports(millis(1000));
    passBarrier();
    expect(kinds()).toContain('networkdRead');
  });

  test("a later report of networkd waits for the kernel's earlier messages", async () => {
    await sources.initialReports(millis(1000));
    passBarrier();
    facts.length = 0;
    networkd.change(2, { AdministrativeState: 'failed' });
    expect(kinds()).toEqual([]);
    passBarrier();
    expect(kinds()).toEqual(['networkdLinkObserved']);
  });

  test("a change of an address in the kernel causes a read of the link's servers from networkd", async () => {
    await sources.initialReports(millis(1000));
    passBarrier();
    const address = { ...sampleAddress('192.0.2.1'), ifindex: ifIndex(2) };
    for (const [kind, last] of [
      ['addressObserved', 54],
      ['addressVanished', 55],
    ] as const) {
      facts.length = 0;
      networkd.describe(2, server(last));
      sources.onKernelFacts([{ kind, address }]);
      clock.advance(1000);
      passBarrier();
      expect(facts as unknown).toMatchObject([
        { kind: 'networkdLinkObserved', link: { dns: [`192.0.2.${last}`] } },
      ]);
    }
  });
});
