/**
 * What the daemon offers beside its work: history, metrics, audit log, API. All of it is built after READY and hears of what
 * happened before from the feed's queue; nothing of it is ever waited for.
 */
import { readFileSync } from 'node:fs';
import type { ApiContext } from '../../api/context.ts';
import { Router } from '../../api/router.ts';
import { StreamHub } from '../../api/stream/stream-hub.ts';
import { endpointTable } from '../../api/table.ts';
import { type Config, configValues } from '../../config/index.ts';
import { type Instant, millis, type Timestamp } from '../../core/model/ids.ts';
import type { RecordPosition } from '../../core/records/stored-record.ts';
import type { ConfigAnswer } from '../../core/view/types/config.ts';
import { RecordFeed } from '../../observe/records/record-feed.ts';
import { recallStatus } from '../../observe/status/recall.ts';
import { RunOutputs } from '../../observe/status/run-outputs.ts';
import { StatusTracker } from '../../observe/status/status-tracker.ts';
import type { History } from '../../ports/history.ts';
import { errnoOf } from '../../store/journal/journal-file.ts';
import type { Control } from '../control.ts';
import type { DaemonParts } from '../wiring/daemon-parts.ts';
import type { Wiring } from '../wiring/wire-daemon.ts';
import { apiContext } from './api-context.ts';
import { AuditService } from './audit-service.ts';
import { Doors } from './doors.ts';
import { openHistoryService } from './history-service.ts';
import { MetricsService } from './metrics-service.ts';
import { openapiText } from './openapi.ts';

export interface ServicesParts {
  readonly parts: DaemonParts;
  readonly wiring: Wiring;
  readonly control: Control;
  readonly startedAt: Instant;
  readonly startedAtWall: Timestamp;
}

/** How long streams may take for what waits for them when the daemon stops. */
const farewellTime = millis(200);

export class Services implements AsyncDisposable {
  readonly #given: ServicesParts;
  readonly #history: History;
  readonly #audit: AuditService;
  readonly #streams: StreamHub;
  readonly #doors: Doors;
  readonly #recall: Disposable;
  #config: Config;
  #configAnswer: ConfigAnswer;

  constructor(given: ServicesParts) {
    this.#given = given;
    const { parts, wiring } = given;
    const { clock, openLog, native, configFile, dryRun } = parts;
    const log = openLog.log.logger;
    this.#config = parts.config;
    this.#configAnswer = this.#readConfigAnswer();
    const snapshot = () => wiring.loop.snapshot();
    this.#history = openHistoryService({
      config: parts.config.events,
      clock,
      log,
      dryRun,
      isBusy: () => snapshot().load.running > 0 && snapshot().load.waiting > 0,
      beginEpoch: (epoch) => wiring.loop.beginEpoch(epoch),
    });
    const endpoints = endpointTable();
    const metrics = new MetricsService({
      clock,
      startedAt: given.startedAt,
      routes: [...new Set(endpoints.map(({ path }) => path))],
      snapshot,
      historyStats: () => this.#history.stats(),
    });
    this.#streams = new StreamHub({
      clock,
      history: () => this.#history,
      onCount: (count) => metrics.input.streamClientsChanged(count),
      onGap: (cause) => metrics.input.streamGapSent(cause === 'other-epoch' ? 'other-instance' : cause),
    });
    this.#audit = new AuditService({ clock, log, configFile });
    const tracker = new StatusTracker(clock);
    const outputs = new RunOutputs(wiring.epoch);
    const context = this.#context({ metrics, tracker, outputs });
    const router = new Router({ context, endpoints, policy: () => this.#doors.policy() });
    this.#doors = new Doors({ clock, log, native, handler: router.handle });
    this.#recall = this.#openObservers({ metrics, tracker, outputs });
    if (!dryRun) this.#audit.configure(this.#config.audit);
    void this.#doors.configure(this.#config);
  }

  /** The configuration that applies from now on. */
  configure(config: Config): void {
    this.#config = config;
    this.#configAnswer = this.#readConfigAnswer();
    if (!this.#given.parts.dryRun) this.#audit.configure(config.audit);
    void this.#doors.configure(config);
  }

  /** Tells the streams that it is over. What happens until the end of the daemon is still kept. */
  async sayBye(): Promise<void> {
    this.#streams.end('stopping');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#given.parts.clock.schedule(farewellTime, resolve);
    if (this.#streams.count > 0) await promise;
  }

  /** The last one: whoever records must have done so. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#doors[Symbol.asyncDispose]();
    this.#recall[Symbol.dispose]();
    this.#given.wiring.feed.flush();
    this.#audit[Symbol.dispose]();
    this.#history[Symbol.dispose]();
  }

  #context(own: {
    readonly metrics: MetricsService;
    readonly tracker: StatusTracker;
    readonly outputs: RunOutputs;
  }): ApiContext {
    const { parts, wiring, control, startedAt, startedAtWall } = this.#given;
    return apiContext({
      ...own,
      parts,
      wiring,
      control,
      startedAt: startedAtWall,
      startedAtInstant: startedAt,
      config: () => this.#config,
      configAnswer: () => this.#configAnswer,
      history: this.#history,
      streams: this.#streams,
      audit: this.#audit,
      openapi: openapiText,
    });
  }

  /** Delivers what has waited since the start. Returns what reads back the records of earlier daemons. */
  #openObservers({
    metrics,
    tracker,
    outputs,
  }: {
    readonly metrics: MetricsService;
    readonly tracker: StatusTracker;
    readonly outputs: RunOutputs;
  }): Disposable {
    const { parts, wiring } = this.#given;
    const { clock, openLog } = parts;
    const history = this.#history;
    wiring.counts.open(metrics.observer());
    wiring.metrics.input = metrics.input;
    wiring.records.open(
      new RecordFeed({
        clock,
        log: openLog.log.logger,
        epoch: wiring.epoch,
        nameOf: wiring.nameOf,
        sinks: [{ record: (stored) => history.append(stored) }, tracker, this.#audit, this.#streams],
        watchers: [tracker, outputs],
      }),
    );
    const before: RecordPosition = { epoch: wiring.epoch, seq: wiring.lastSeq + 1 };
    const stateOf = (index: Parameters<typeof wiring.nameOf>[0]) =>
      wiring.loop.snapshot().state.links.get(index)?.operational;
    return recallStatus({ clock, history, tracker, stateOf, before });
  }

  #readConfigAnswer(): ConfigAnswer {
    const { configFile, clock, env, logLevel } = this.#given.parts;
    const text = textOf(configFile);
    const context = { text: text ?? '', file: configFile, env, isVerbose: logLevel !== undefined };
    return {
      file: text === undefined ? null : configFile,
      loaded_at: new Date(clock.wall()).toISOString(),
      values: configValues(this.#config, context),
    };
  }
}

/** Undefined where there is no file. It was read a moment ago for the configuration itself. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}
