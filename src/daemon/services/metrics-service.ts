/** The metrics of the daemon: counted as things happen, the rest read when somebody asks. */
import packageFile from '../../../package.json' with { type: 'json' };
import type { Instant } from '../../core/model/ids.ts';
import { millis } from '../../core/model/ids.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { ActivityMetrics } from '../../observe/metrics/activity-metrics.ts';
import { MetricsCollector } from '../../observe/metrics/collect.ts';
import type { MetricsInput } from '../../observe/metrics/input.ts';
import { SnapshotReader } from '../../observe/metrics/read-snapshot.ts';
import { runtimeName } from '../../platform/identifiers.ts';
import { ProcProcessFiles } from '../../platform/process-files.ts';
import type { ActivityObserver } from '../../ports/activity-observer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HistoryStats } from '../../ports/history.ts';
import { encodeMetrics } from '../../wire/prometheus/text.ts';

export interface MetricsServiceParts {
  readonly clock: Clock;
  readonly startedAt: Instant;
  readonly routes: readonly string[];
  readonly snapshot: () => Snapshot;
  readonly historyStats: () => HistoryStats;
}

export class MetricsService {
  readonly #parts: MetricsServiceParts;
  readonly #collector: MetricsCollector;
  readonly #reader: SnapshotReader;
  readonly #files = new ProcProcessFiles();
  #historyFailures = 0;

  constructor(parts: MetricsServiceParts) {
    this.#parts = parts;
    const { clock, routes } = parts;
    const about = { version: packageFile.version, revision: '', runtime: runtimeName(), routes };
    this.#collector = new MetricsCollector(about, clock);
    this.#reader = new SnapshotReader(clock);
  }

  get input(): MetricsInput {
    return this.#collector;
  }

  /** Counts the activity. */
  observer(): ActivityObserver {
    const { snapshot } = this.#parts;
    return new ActivityMetrics(this.#collector, (link) => snapshot().selection.isMonitored(link));
  }

  /** The text of one scrape. */
  scrape(): Uint8Array {
    const { clock, startedAt, snapshot, historyStats } = this.#parts;
    const { failures } = historyStats();
    for (; this.#historyFailures < failures; this.#historyFailures++) this.#collector.historyWriteFailed();
    const read = this.#reader.read(snapshot(), millis(clock.now() - startedAt));
    return encodeMetrics(this.#collector.collect(read, this.#files.read()));
  }
}
