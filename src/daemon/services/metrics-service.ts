/** The metrics of the daemon: counted as things happen, the rest read when somebody asks. */
import packageFile from '../../../package.json' with { type: 'json' };
import type { Instant } from '../../core/model/ids.ts';
import { millis } from '../../core/model/ids.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { linkName } from '../../core/view/link-name.ts';
import { ActivityMetrics } from '../../observe/metrics/activity-metrics.ts';
import { MetricsCollector } from '../../observe/metrics/collect.ts';
import type { MetricsInput } from '../../observe/metrics/input.ts';
import { SnapshotReader } from '../../observe/metrics/read-snapshot.ts';
import type { CallCounts } from '../../platform/bus/call-counts.ts';
import { runtimeName } from '../../platform/identifiers.ts';
import { ProcProcessFiles } from '../../platform/process-files.ts';
import type { ActivityObserver } from '../../ports/activity-observer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HistoryStats } from '../../ports/history.ts';
import { MessageType } from '../../wire/netlink/constants.ts';
import { encodeMetrics } from '../../wire/prometheus/text.ts';

export interface MetricsServiceParts {
  readonly clock: Clock;
  readonly startedAt: Instant;
  readonly routes: readonly string[];
  readonly snapshot: () => Snapshot;
  readonly historyStats: () => HistoryStats;
  /** Counted where they happen, and read at each scrape. */
  readonly notifications: ReadonlyMap<number, number>;
  readonly busCalls: CallCounts;
}

/** The notifications of rtnetlink(7) that the metrics tell apart. */
const notificationNames: ReadonlyMap<number, string> = new Map([
  [MessageType.newLink, 'RTM_NEWLINK'],
  [MessageType.delLink, 'RTM_DELLINK'],
  [MessageType.newAddress, 'RTM_NEWADDR'],
  [MessageType.delAddress, 'RTM_DELADDR'],
  [MessageType.newRoute, 'RTM_NEWROUTE'],
  [MessageType.delRoute, 'RTM_DELROUTE'],
  [MessageType.newRule, 'RTM_NEWRULE'],
  [MessageType.delRule, 'RTM_DELRULE'],
]);

export class MetricsService {
  readonly #parts: MetricsServiceParts;
  readonly #collector: MetricsCollector;
  readonly #reader: SnapshotReader;
  readonly #files = new ProcProcessFiles();
  /** What has been counted so far, of figures that are kept elsewhere. */
  readonly #counted = new Map<string, number>();

  constructor(parts: MetricsServiceParts) {
    this.#parts = parts;
    const { clock, routes } = parts;
    const about = { version: packageFile.version, runtime: runtimeName(), routes };
    this.#collector = new MetricsCollector(about, clock);
    this.#reader = new SnapshotReader(clock);
  }

  get input(): MetricsInput {
    return this.#collector;
  }

  /** Counts the activity. */
  observer(): ActivityObserver {
    const { snapshot } = this.#parts;
    return new ActivityMetrics(this.#collector, {
      isWatched: (link) => snapshot().selection.isMonitored(link),
      nameOf: (index) => linkName(snapshot().state, index),
    });
  }

  /** The text of one scrape. */
  scrape(): Uint8Array {
    const { clock, startedAt, snapshot } = this.#parts;
    this.#countWhatIsKeptElsewhere();
    const read = this.#reader.read(snapshot(), millis(clock.now() - startedAt));
    return encodeMetrics(this.#collector.collect(read, this.#files.read()));
  }

  #countWhatIsKeptElsewhere(): void {
    const { historyStats, notifications, busCalls } = this.#parts;
    const collector = this.#collector;
    this.#follow('history', historyStats().failures, () => collector.historyWriteFailed());
    this.#follow('dbus errors', busCalls.errors, () => collector.dbusCallFailed());
    this.#follow('dbus reconnects', busCalls.reconnects, () => collector.dbusReconnected());
    for (const { service, method, count } of busCalls.methods) {
      this.#follow(`dbus ${service} ${method}`, count, () => collector.dbusCalled(service, method));
    }
    for (const [type, count] of notifications) {
      const name = notificationNames.get(type);
      if (name === undefined) continue;
      collector.netlinkReceived(name, count - (this.#counted.get(name) ?? 0));
      this.#counted.set(name, count);
    }
  }

  /** Calls `countOne` once for each that is new. */
  #follow(key: string, total: number, countOne: () => void): void {
    for (let counted = this.#counted.get(key) ?? 0; counted < total; counted++) countOne();
    this.#counted.set(key, total);
  }
}
