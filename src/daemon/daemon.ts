/** The running daemon, from its first state to its end, and its control. */

import { enginePolicy } from '../config/engine-policy.ts';
import { type Config, formatProblem } from '../config/index.ts';
import { type Instant, millis, type Timestamp } from '../core/model/ids.ts';
import { releaseMemory } from '../platform/memory-tuning.ts';
import type { ActivityFeed } from '../ports/activity-observer.ts';
import type { Logger } from '../ports/logger.ts';
import { warnAboutConfig, warnAboutFixedSettings } from './config-warnings.ts';
import type { Control } from './control.ts';
import { describeBriefly, describeDaemon, writeDiagnostics } from './diagnostics.ts';
import { Heartbeat } from './heartbeat.ts';
import { MemoryRelease } from './memory-release.ts';
import { type ReloadResult, readAgain, reloadProblem } from './reload.ts';
import { Services } from './services/services.ts';
import { shutDown } from './shutdown.ts';
import { aborted } from './start/abort.ts';
import type { DaemonParts } from './wiring/daemon-parts.ts';
import { hookSettings, leaseFiles } from './wiring/policy.ts';
import { type Wiring, wireDaemon } from './wiring/wire-daemon.ts';

/** How long the first dump of the kernel waits for networkd's states. Without D-Bus it does not wait. */
const managersTimeout = millis(150);

/** How often a start that lasts asks for more time. */
const extendInterval = millis(3000);

export class Daemon implements Control, AsyncDisposable {
  readonly #parts: DaemonParts;
  readonly #stack: AsyncDisposableStack;
  readonly #startedAt: Instant;
  readonly #startedAtWall: Timestamp;
  readonly #wiring: Wiring;
  readonly #memory: MemoryRelease;
  #config: Config;
  #services: Services | undefined;
  #isStopping = false;

  private constructor(parts: DaemonParts, stack: AsyncDisposableStack) {
    this.#parts = parts;
    this.#stack = stack;
    this.#config = parts.config;
    this.#startedAt = parts.clock.now();
    this.#startedAtWall = parts.clock.wall();
    this.#memory = new MemoryRelease(() => releaseMemory(parts.native));
    this.#wiring = wireDaemon(parts, stack);
  }

  /** Builds and starts all parts; resolves when the first state is complete. Leaves nothing behind if it fails. */
  static async start(parts: DaemonParts): Promise<Daemon> {
    const stack = new AsyncDisposableStack();
    try {
      const daemon = new Daemon(parts, stack);
      await daemon.#start();
      return daemon;
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  }

  /** All activity, for observers. */
  get feed(): ActivityFeed {
    return this.#wiring.feed;
  }

  reload(): ReloadResult {
    const { notifier, native } = this.#parts;
    notifier.reloading('reading the configuration', native.monotonicMicros());
    const read = readAgain(this.#parts, this.#config);
    for (const warning of read.warnings) this.#log.warn(formatProblem(warning));
    const problems = read.ok ? [] : read.problems.map(reloadProblem);
    const changed = read.ok ? read.changed : [];
    if (read.ok) this.#adopt(read.config, changed);
    else this.#wiring.loop.reloadRefused(problems);
    notifier.ready(this.#statusText());
    return { ok: read.ok, changed, problems };
  }

  resync(): void {
    this.#wiring.loop.observe([{ kind: 'sourceLostSync', source: 'kernel', cause: 'requested' }]);
    this.#wiring.managers.readNetworkd();
  }

  /** Stops the sources, keeps waiting events, gives running hooks their grace period, and keeps or removes routing. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#wiring.loop.lifecycle('stopping');
    this.#wiring.feed.flush();
    await this.#services?.sayBye();
    await shutDown({
      clock: this.#parts.clock,
      log: this.#log,
      notifier: this.#parts.notifier,
      loop: this.#wiring.loop,
      hooks: this.#wiring.hooks,
      config: this.#config,
    });
    await this[Symbol.asyncDispose]();
  }

  /** Kills every running hook. */
  kill(): void {
    this.#wiring.hooks.kill();
  }

  diagnose(): void {
    const { runtimeDirectory } = this.#config.system;
    const subject = {
      snapshot: this.#wiring.loop.snapshot(),
      runningHooks: this.#wiring.hooks.running,
      socket: this.#wiring.kernel.stats(),
      passedOver: this.#wiring.kernel.passedOver,
      uptime: millis(this.#parts.clock.now() - this.#startedAt),
      counters: this.#wiring.activityLog.counters,
      log: this.#parts.openLog.log.counters(),
      identity: this.#parts.identity,
    };
    const written = writeDiagnostics(runtimeDirectory, describeDaemon(subject));
    const where = written.ok
      ? `written to ${written.path}`
      : `cannot write to ${runtimeDirectory} (${written.code})`;
    this.#log.info(`diagnostics: ${describeBriefly(subject)}; ${where}`, {
      component: 'diagnostics',
      ...(written.ok ? { path: written.path } : { errno: written.code }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  get #log(): Logger {
    return this.#parts.openLog.log.logger;
  }

  async #start(): Promise<void> {
    const { identity, notifier, abort, clock } = this.#parts;
    for (const shortcoming of identity.shortcomings) {
      this.#log.warn(shortcoming, { messageId: 'privilegeMissing' });
    }
    warnAboutConfig(this.#config, this.#parts, this.#log);
    this.#wiring.kernel.start();
    this.#wiring.managers.start();
    await this.#wiring.managers.initialReports(managersTimeout);
    this.#wiring.leases.start(leaseFiles(this.#config));
    this.#wiring.loop.start();
    await this.#firstReading(abort);
    const heartbeat = new Heartbeat({
      clock,
      watchdogInterval: () => notifier.beatInterval,
      beat: (now) => this.#beat(now),
    });
    this.#stack.use(heartbeat);
    heartbeat.start();
    if (abort.aborted) return;
    this.#wiring.startSucceeded();
    this.#log.info(this.#readyText(), { messageId: 'daemonReady' });
    this.#wiring.loop.lifecycle('ready');
    notifier.ready(this.#statusText());
    this.#services = this.#startServices();
  }

  #startServices(): Services {
    const services = new Services({
      parts: this.#parts,
      wiring: this.#wiring,
      control: this,
      startedAt: this.#startedAt,
      startedAtWall: this.#startedAtWall,
    });
    this.#stack.use(services);
    return services;
  }

  /** A kernel with very many routes takes its time, which is no hang: the service manager is told as long as it lasts. */
  async #firstReading(abort: AbortSignal): Promise<void> {
    const { notifier, clock } = this.#parts;
    let timer: Disposable | undefined;
    const extend = (): void => {
      notifier.extendTimeout(millis(3 * extendInterval));
      timer = clock.schedule(extendInterval, extend);
    };
    timer = clock.schedule(extendInterval, extend);
    await Promise.race([aborted(abort), this.#wiring.loop.until(() => this.#wiring.loop.isReady)]);
    timer[Symbol.dispose]();
  }

  #adopt(config: Config, changed: readonly string[]): void {
    warnAboutConfig(config, this.#parts, this.#log);
    warnAboutFixedSettings(this.#config, config, this.#log);
    this.#config = config;
    const { openLog, logLevel, identity, env } = this.#parts;
    openLog.log.setLevel(logLevel ?? config.system.logLevel);
    openLog.setFormat(config.system.logFormat);
    this.#wiring.hooks.configure(hookSettings(config, identity, env));
    this.#wiring.directories.configure(config.hooks.directory);
    this.#wiring.loop.reloaded(enginePolicy(config), changed);
    this.#wiring.leases.configure(leaseFiles(config));
    this.#services?.configure(config);
  }

  #beat(now: Instant): boolean {
    const { notifier, openLog } = this.#parts;
    notifier.beat(now);
    // Retries a failed write.
    this.#wiring.journal.flush();
    // inotify does not see every change of a directory.
    this.#wiring.directories.invalidate();
    this.#wiring.activityLog.wake(this.#wiring.loop.snapshot().state, now);
    openLog.log.tick();
    return this.#memory.beat(this.#wiring.kernel.stats()?.datagrams ?? 0, now);
  }

  #readyText(): string {
    const took = Math.round(this.#parts.clock.now() - this.#startedAt);
    const mode = this.#parts.dryRun ? '; dry run: no hook runs, nothing is changed' : '';
    return `ready after ${took} ms, ${this.#statusText()}${mode}`;
  }

  #statusText(): string {
    const { state, selection } = this.#wiring.loop.snapshot();
    const watched = [...state.links.values()].filter(({ name }) => selection.isMonitored(name)).length;
    return `watching ${watched} of ${state.links.size} links`;
  }
}
