/**
 * The composition root: builds each part from a configuration, connects them around the loop, and takes them down again in
 * reverse order. It decides nothing.
 */
import { join } from 'node:path';
import { type Config, sectionsChanged } from '../config/index.ts';
import type { Finding } from '../core/effect.ts';
import { Engine, type EnginePolicy } from '../core/engine.ts';
import type { HookDirectory } from '../core/model/event.ts';
import type { Fact } from '../core/model/fact.ts';
import { type IfIndex, type Instant, millis } from '../core/model/ids.ts';
import { withdrawn } from '../core/routing/policy.ts';
import type { HookRunner } from '../effects/hooks/hook-runner.ts';
import { TableNamesFile } from '../effects/routes/table-names-file.ts';
import { ActivityLog } from '../observe/activity-log/activity-log.ts';
import { releaseMemory } from '../platform/memory-tuning.ts';
import { ProcRunningProcesses } from '../platform/running-processes.ts';
import type { Logger } from '../ports/logger.ts';
import type { DhclientSource } from '../sources/dhclient/dhclient-source.ts';
import type { RtnetlinkSource } from '../sources/rtnetlink/rtnetlink-source.ts';
import type { RunJournal } from '../store/journal/run-journal.ts';
import { warnAboutConfig, warnAboutFixedSettings } from './config-warnings.ts';
import { describeBriefly, describeDaemon, writeDiagnostics } from './diagnostics.ts';
import { type EffectHandlers, Loop } from './loop.ts';
import { MemoryRelease } from './memory-release.ts';
import { readConfigAgain } from './read-config-again.ts';
import { aborted } from './start/abort.ts';
import { openJournal } from './start/open-journal.ts';
import { lockState } from './start/state-directory.ts';
import {
  buildBusSources,
  buildHookRunner,
  buildKernelSource,
  buildLeaseSource,
  buildNameResolution,
  buildRouteChanger,
  type RouteChanger,
} from './wiring/build.ts';
import type { BusSources } from './wiring/bus-sources.ts';
import type { DaemonParts } from './wiring/daemon-parts.ts';
import { dryHookLanes, type HookLanes, hookLanes } from './wiring/hook-lanes.ts';
import type { NameResolution } from './wiring/name-resolution.ts';
import { enginePolicy, hookSettings, leaseFiles } from './wiring/policy.ts';

/** How often logs are flushed, storms summed up and the service manager told that we live, at least. */
const beatInterval = millis(1000);
/** The same where nothing happens: to wake up is most of what an idle daemon costs. */
const quietBeatInterval = millis(5000);
/** So long the first reading of the kernel waits for what the managers have to say: without a bus, not at all. */
const managersTimeout = millis(150);
/** How long a stop waits for the kernel to take back rules and routes. */
const withdrawalTimeout = millis(3000);

export class Daemon implements AsyncDisposable {
  readonly #parts: DaemonParts;
  readonly #log: Logger;
  readonly #stack: AsyncDisposableStack;
  readonly #activityLog: ActivityLog;
  readonly #startedAt: Instant;
  readonly #journal: RunJournal;
  readonly #engine: Engine;
  readonly #loop: Loop;
  readonly #source: RtnetlinkSource;
  readonly #managers: BusSources;
  readonly #leases: DhclientSource;
  readonly #nameResolution: NameResolution;
  readonly #hooks: HookRunner;
  readonly #hookLanes: HookLanes;
  readonly #routes: RouteChanger;
  readonly #tableNames: TableNamesFile;
  readonly #housekeeping: MemoryRelease;
  #config: Config;
  #policy: EnginePolicy;
  #isStopping = false;

  private constructor(parts: DaemonParts, stack: AsyncDisposableStack) {
    const { config, clock, dryRun, native } = parts;
    this.#parts = parts;
    this.#stack = stack;
    this.#config = config;
    this.#policy = enginePolicy(config);
    this.#log = parts.openLog.log.logger;
    this.#activityLog = new ActivityLog(this.#log, clock);
    this.#housekeeping = new MemoryRelease(() => releaseMemory(native));
    this.#startedAt = clock.now();
    const { runtimeDirectory, backend } = config.system;
    if (!dryRun) stack.use(lockState(runtimeDirectory, native));
    const processes = new ProcRunningProcesses(clock);
    const place = { directory: runtimeDirectory, backend, readOnly: dryRun };
    const { journal, ...recovered } = stack.use(openJournal(place, { clock, processes, log: this.#log }));
    this.#journal = journal;
    const hasHooks = (directory: HookDirectory): boolean => this.#hooks.hasHooks(directory);
    this.#engine = new Engine({ policy: this.#policy, ...recovered, hasHooks });
    this.#hooks = buildHookRunner(parts, { journal: journal, processes });
    this.#hookLanes = dryRun
      ? dryHookLanes({ hooks: this.#hooks, journal }, this.#log)
      : hookLanes({ hooks: this.#hooks, journal }, this.#activityLog);
    this.#routes = buildRouteChanger(parts, stack, (index) => this.#nameOf(index));
    this.#tableNames = new TableNamesFile(join(runtimeDirectory, 'rt_tables.conf'));
    this.#loop = stack.use(new Loop(this.#engine, clock, this.#handlers()));
    const observe = (facts: readonly Fact[]): void => this.#loop.observe(facts);
    this.#source = stack.use(buildKernelSource(parts, (facts) => this.#onKernelFacts(facts)));
    this.#managers = stack.use(buildBusSources(parts, observe, this.#source));
    this.#nameResolution = stack.use(
      buildNameResolution(parts, this.#managers.bus, (service) => this.#loop.resolverReturned(service)),
    );
    const heldLeases = recovered.recovered?.state.leases.held.values() ?? [];
    this.#leases = stack.use(buildLeaseSource(parts, observe, [...heldLeases]));
  }

  /** Builds everything and starts; resolves when the first picture is complete. On failure nothing is left behind. */
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

  /** Reads the configuration again. All of it is checked first; on any mistake the old one stays. */
  reload(): boolean {
    const { notifier, native } = this.#parts;
    notifier.reloading('reading the configuration', native.monotonicMicros());
    const config = readConfigAgain(this.#parts, this.#config, this.#log);
    if (config !== undefined) this.#adopt(config);
    notifier.ready(this.#statusText());
    return config !== undefined;
  }

  /** Sources stop, what waits is kept, running hooks have their grace, routing stays or goes as configured. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { killGrace } = this.#config.hooks;
    this.#parts.notifier.stopping('stopping');
    this.#loop.pauseHooks();
    const { running } = this.#hooks;
    const hooks = running === 1 ? '1 running hook' : `${running} running hooks`;
    this.#log.info(running === 0 ? 'stopping' : `stopping: ${hooks} may take ${killGrace / 1000} s to end`, {
      messageId: 'daemonStopping',
    });
    this.#parts.notifier.extendTimeout(millis(2 * killGrace + withdrawalTimeout));
    await this.#hooks.stop(killGrace);
    if (this.#config.routing.onStop === 'remove') await this.#withdrawRouting();
    await this[Symbol.asyncDispose]();
  }

  /** Ends every running hook at once. */
  kill(): void {
    this.#hooks.kill();
  }

  /** Writes all that the daemon knows into a file, and the gist of it into the log. */
  diagnose(): void {
    const { runtimeDirectory } = this.#config.system;
    const asked = {
      engine: this.#engine,
      hooks: this.#hooks,
      source: this.#source,
      uptime: millis(this.#parts.clock.now() - this.#startedAt),
      counters: this.#activityLog.counters,
      log: this.#parts.openLog.log.counters(),
      identity: this.#parts.identity,
    };
    const written = writeDiagnostics(runtimeDirectory, describeDaemon(asked));
    const where = written.ok
      ? `all of it is in ${written.path}`
      : `${runtimeDirectory} cannot be written to (${written.code})`;
    this.#log.info(`diagnostics: ${describeBriefly(asked)}; ${where}`, { component: 'diagnostics' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #start(): Promise<void> {
    const { identity, notifier } = this.#parts;
    for (const warning of identity.shortcomings) this.#log.warn(warning, { messageId: 'privilegeMissing' });
    warnAboutConfig(this.#config, this.#parts, this.#log);
    this.#source.start();
    this.#managers.start();
    await this.#managers.initialReports(managersTimeout);
    this.#leases.start(leaseFiles(this.#config));
    this.#loop.start();
    await Promise.race([aborted(this.#parts.abort), this.#loop.until(() => this.#engine.isReady)]);
    this.#beat();
    if (this.#parts.abort.aborted) return;
    this.#log.info(this.#readyText(), { messageId: 'daemonReady' });
    notifier.ready(this.#statusText());
  }

  #handlers(): EffectHandlers {
    const { dryRun } = this.#parts;
    return {
      record: (finding) => this.#record(finding),
      runHooks: (order) => this.#hookLanes.run(order),
      readKernel: (reading) => this.#source.read(reading),
      readNetworkd: () => this.#managers.readNetworkd(),
      changeRouting: (effects) => this.#routes.run(effects),
      noticeRouting: (notices) => this.#activityLog.noticedRouting(notices),
      callResolver: (calls) => this.#nameResolution.run(calls),
      noticeResolver: (notices) => this.#activityLog.noticedResolver(notices),
      stepEnded: () => {
        this.#hooks.lookAgain();
        this.#journal.flush();
        if (!dryRun) this.#nameTables();
      },
    };
  }

  #onKernelFacts(facts: readonly Fact[]): void {
    for (const fact of facts) if (fact.kind === 'sourceLostSync') this.#activityLog.lostSync(fact.cause);
    this.#managers.onKernelFacts(facts);
    this.#leases.onKernelFacts(facts);
    this.#loop.observe(facts);
  }

  #record(finding: Finding): void {
    this.#journal.found(finding);
    const { selection } = this.#policy;
    this.#activityLog.found(finding, (name) => selection.isMonitored(name));
  }

  /** Names for ip(8); nothing depends on them. */
  #nameTables(): void {
    const written = this.#tableNames.update(this.#engine.tableNames);
    if (!written.ok) this.#activityLog.leftTablesUnnamed(written.code);
  }

  #adopt(config: Config): void {
    const changed = sectionsChanged(this.#config, config);
    warnAboutConfig(config, this.#parts, this.#log);
    warnAboutFixedSettings(this.#config, config, this.#log);
    this.#config = config;
    this.#policy = enginePolicy(config);
    const { openLog, logLevel, identity, env } = this.#parts;
    openLog.log.setLevel(logLevel ?? config.system.logLevel);
    openLog.setFormat(config.system.logFormat);
    this.#hooks.configure(hookSettings(config, identity, env));
    this.#loop.configure(this.#policy);
    this.#leases.configure(leaseFiles(config));
    const what = changed.length === 0 ? 'nothing has changed' : `changed: ${changed.join(', ')}`;
    this.#log.info(`configuration read again, ${what}`, { messageId: 'configReloaded' });
  }

  /** Rules and routes of ours go; the answers are waited for, but not for ever. */
  async #withdrawRouting(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    using _timer = this.#parts.clock.schedule(withdrawalTimeout, resolve);
    this.#loop.configure({ ...this.#policy, routing: withdrawn(this.#policy.routing) });
    await Promise.race([late, this.#loop.until(() => this.#engine.isRoutingIdle)]);
  }

  /** From the loop itself, so that a loop that hangs falls silent. */
  #beat(): void {
    if (this.#stack.disposed) return;
    const { clock, notifier, openLog } = this.#parts;
    const now = clock.now();
    notifier.beat(now);
    // Where the disk refused, it is tried again.
    this.#journal.flush();
    this.#activityLog.wake(this.#engine.network, now);
    openLog.log.tick();
    const isBusy = this.#housekeeping.beat(this.#source.stats()?.datagrams ?? 0, now);
    const interval = isBusy ? beatInterval : quietBeatInterval;
    clock.schedule(millis(Math.min(interval, (notifier.beatInterval ?? interval) / 2)), () => this.#beat());
  }

  #readyText(): string {
    const took = Math.round(this.#parts.clock.now() - this.#startedAt);
    const mode = this.#parts.dryRun ? '; dry run: nothing is run or changed' : '';
    return `ready after ${took} ms, ${this.#statusText()}${mode}`;
  }

  #statusText(): string {
    const { links } = this.#engine.network;
    const watched = [...links.values()].filter(({ name }) => this.#policy.selection.isMonitored(name)).length;
    return `watching ${watched} of ${links.size} links`;
  }

  #nameOf(index: IfIndex): string {
    return this.#engine.network.kernel.links.get(index)?.object.name ?? `#${index}`;
  }
}
