/** Two hosts as their metrics show them: one on which everything goes wrong, and one on which all is well. */
import { type Instant, type Millis, millis, type Timestamp } from '../../src/core/model/ids.ts';
import { MetricsCollector } from '../../src/observe/metrics/collect.ts';
import { type MetricsSnapshot, streamGapCauses } from '../../src/observe/metrics/input.ts';
import type { ProcessFiles } from '../../src/ports/process-files.ts';
import { encodeMetrics } from '../../src/wire/prometheus/text.ts';

const clock = {
  now: (): Instant => performance.now() as Instant,
  wall: (): Timestamp => Date.now() as Timestamp,
};
const about = { version: '1.2.3', runtime: 'bun 1.4.5', routes: ['/metrics', '/health'] };
const exited = (code: number): { kind: 'exited'; code: number } => ({ kind: 'exited', code });
const seconds = (count: number): Millis => millis(count * 1000);

export class SimulatedHost {
  readonly #isWell: boolean;
  readonly #metrics = new MetricsCollector(about, clock);
  #round = 0;

  constructor(isWell: boolean) {
    this.#isWell = isWell;
    const script = { directory: 'routable', script: '10-ddns' } as const;
    this.#metrics.scriptsFound([script, { directory: 'carrier', script: '20-log' }]);
  }

  /** The text of a scrape; each one finds that more has happened. */
  scrape(): Uint8Array<ArrayBuffer> {
    const round = this.#round++;
    // The first scrape sees a host on which nothing has happened yet.
    if (round > 0) this.#happenAnywhere();
    if (round > 0 && !this.#isWell) this.#goWrong();
    return encodeMetrics(this.#metrics.collect(this.#snapshot(), this.#files(round)));
  }

  #happenAnywhere(): void {
    const metrics = this.#metrics;
    metrics.eventFound('routable', 'eth0', 'systemd-networkd');
    metrics.linkStateChanged('eth0', 'routable');
    metrics.eventDispatched('routable', 'eth0');
    metrics.eventCoalesced();
    metrics.eventDone('routable', millis(14));
    const run = { directory: 'routable', script: '10-ddns', duration: millis(12) } as const;
    metrics.scriptRan({ ...run, outcome: exited(0) });
    metrics.hookStarted(millis(2));
    metrics.netlinkReceived('RTM_NEWADDR', 7);
    metrics.dbusCalled('org.freedesktop.network1', 'Describe');
    metrics.httpAnswered('/metrics', 200);
    metrics.streamClientsChanged(1);
  }

  #goWrong(): void {
    const metrics = this.#metrics;
    metrics.linkStateChanged('eth1', 'no-carrier');
    const run = { directory: 'carrier', script: '20-log', duration: seconds(20) } as const;
    metrics.scriptRan({ ...run, outcome: exited(3) });
    metrics.hookStarted(millis(400));
    metrics.scriptRan({ ...run, script: '30-mine', outcome: { kind: 'refused' } });
    metrics.eventSuperseded();
    metrics.routingRepaired('eth1');
    metrics.resyncStarted('kernel', 'overrun');
    metrics.netlinkOverran();
    metrics.netlinkFailed();
    metrics.dbusCallFailed();
    metrics.dbusReconnected();
    metrics.historyWriteFailed();
    for (const cause of streamGapCauses) metrics.streamGapSent(cause);
    metrics.httpAnswered('', 404);
    metrics.configReloaded(false);
  }

  #snapshot(): MetricsSnapshot {
    const ether = { type: 'ether', driver: 'e1000e', owner: 'systemd-networkd' } as const;
    return {
      uptime: millis(performance.now()),
      links: [
        { ...ether, name: 'eth0', index: 2, state: 'routable' },
        { ...ether, name: 'eth1', index: 3, state: this.#isWell ? 'routable' : 'no-carrier' },
      ],
      routes: [
        { table: 254, family: 'ipv4', count: 4 },
        { table: 203, family: 'ipv4', count: 2 },
      ],
      policyTables: new Set([203]),
      rules: { ipv4: 5, ipv6: 3 },
      policyRouting: [{ link: 'eth1', isInSync: this.#isWell }],
      hooksQueued: this.#isWell ? 0 : 60,
      // The sick one loses its sources after a while: an alert is about those that were there.
      sourcesUp: new Set(this.#isWell || this.#round < 4 ? ['kernel', 'NetworkManager'] : []),
    };
  }

  /** The sick one's process is another every third scrape. */
  #files(round: number): ProcessFiles {
    const started = this.#isWell ? 100 : 100 * (1 + Math.floor(round / 3));
    return {
      stat: `7 (netevd) S ${'0 '.repeat(10)}${round} 1 ${'0 '.repeat(6)}${started} 4096000`,
      status: 'VmRSS:\t 24000 kB\n',
      limits: 'Max open files 1024 524288 files\nMax address space unlimited unlimited bytes\n',
      openFiles: this.#isWell ? 20 : 900,
      bootTime: 1_790_000_000,
    };
  }
}
