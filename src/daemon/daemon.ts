/**
 * The composition root: builds each part from a configuration, connects them around the loop, and takes them down again in
 * reverse order. It decides nothing.
 */
import { join } from 'node:path';
import {
  type Config,
  type Feature,
  formatProblem,
  readConfig,
  sectionsChanged,
  unsupported,
} from '../config/index.ts';
import type { Finding, HookRunOrder } from '../core/effect.ts';
import { Engine, type EnginePolicy } from '../core/engine.ts';
import type { HookRun } from '../core/hook-run.ts';
import { type Instant, millis } from '../core/ids.ts';
import { emptyOwnershipMemory, planOwnershipWarnings } from '../core/plan/ownership-warnings.ts';
import type { RoutingEffect, RoutingOutcome } from '../core/plan/policy-routing/effect.ts';
import type { RoutingNotice } from '../core/plan/policy-routing/notices.ts';
import { withdrawn } from '../core/plan/policy-routing/policy.ts';
import type { ResolverNotice } from '../core/plan/resolver/notices.ts';
import type { State } from '../core/state.ts';
import { HookRunner } from '../effects/hooks/runner.ts';
import { DryRouteRunner } from '../effects/routes/dry-run.ts';
import { RouteRunner } from '../effects/routes/runner.ts';
import { TableNamesFile } from '../effects/routes/table-names-file.ts';
import type { Notifier } from '../observe/notify.ts';
import type { OpenLog } from '../observe/open-log.ts';
import { ownershipLine } from '../observe/ownership-notices.ts';
import { resolverLine } from '../observe/resolver-notices.ts';
import { noticeLine } from '../observe/routing-notices.ts';
import { Story, write } from '../observe/story.ts';
import { readLinkStatistics } from '../platform/link-statistics.ts';
import type { Native } from '../platform/native.ts';
import { KernelNetlinkChannel } from '../platform/netlink.ts';
import { NativeProcessSpawner } from '../platform/process-spawner.ts';
import { ProcRunningProcesses } from '../platform/running-processes.ts';
import { SystemFiles } from '../platform/watched-files.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { OpenNetlinkChannel } from '../ports/netlink-channel.ts';
import type { RunningProcesses } from '../ports/running-processes.ts';
import { DhclientSource } from '../sources/dhclient/dhclient-source.ts';
import { RtnetlinkSource } from '../sources/rtnetlink/rtnetlink-source.ts';
import type { RunBook } from '../store/run-book.ts';
import { aborted } from './abort.ts';
import { BusSources } from './bus-sources.ts';
import { describeNetwork, writeDiagnostics } from './diagnostics.ts';
import { openBook } from './inheritance.ts';
import { type EffectHandlers, Loop } from './loop.ts';
import { dryNameResolution, type NameResolution, nameResolution } from './name-resolution.ts';
import { enginePolicy, hookSettings, leaseFiles } from './policy.ts';
import type { Identity } from './start-up.ts';
import { lockState } from './state-directory.ts';

export interface DaemonParts {
  readonly configFile: string;
  readonly config: Config;
  /** Log level of the command line; it wins over the configuration's. */
  readonly logLevel: Config['system']['logLevel'] | undefined;
  readonly dryRun: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly identity: Identity;
  readonly native: Native;
  readonly clock: Clock;
  readonly openLog: OpenLog;
  readonly notifier: Notifier;
  /** Aborted where the daemon is to stop, perhaps before it has started. */
  readonly abort: AbortSignal;
}

/** What is built into this version, for the warning about keys that nothing heeds. */
const features: readonly Feature[] = [
  'systemd-networkd',
  'NetworkManager',
  'dhclient',
  'resolved',
  'hostnamed',
  'policy-routing',
  'filters',
];

/** How often logs are flushed, storms summed up and the service manager told that we live, at least. */
const beatInterval = millis(1000);
/** So long the first reading of the kernel waits for what the managers have to say: without a bus, not at all. */
const managersPatience = millis(150);
/** How long a stop waits for the kernel to take back rules and routes. */
const withdrawalPatience = millis(3000);

interface RouteChanger {
  run(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]>;
}

export class Daemon implements AsyncDisposable {
  readonly #parts: DaemonParts;
  readonly #log: Logger;
  readonly #stack: AsyncDisposableStack;
  readonly #story = new Story();
  readonly #startedAt: Instant;
  readonly #processes: RunningProcesses;
  readonly #book: RunBook;
  readonly #engine: Engine;
  readonly #loop: Loop;
  readonly #source: RtnetlinkSource;
  readonly #managers: BusSources;
  readonly #leases: DhclientSource;
  readonly #nameResolution: NameResolution;
  readonly #hooks: HookRunner;
  readonly #routes: RouteChanger;
  readonly #tableNames: TableNamesFile;
  readonly #openChannel: OpenNetlinkChannel;
  readonly #counters = { events: 0, hooks: 0, failedHooks: 0, resyncs: 0 };
  #config: Config;
  #policy: EnginePolicy;
  #ownership = emptyOwnershipMemory;
  #isStopping = false;

  private constructor(parts: DaemonParts, stack: AsyncDisposableStack) {
    this.#parts = parts;
    this.#stack = stack;
    this.#config = parts.config;
    this.#policy = enginePolicy(parts.config);
    this.#log = parts.openLog.log.logger;
    this.#startedAt = parts.clock.now();
    this.#openChannel = (options) => new KernelNetlinkChannel(options, parts.native);
    const { runtimeDirectory, backend } = parts.config.system;
    if (!parts.dryRun) stack.use(lockState(runtimeDirectory, parts.native));
    const { clock, dryRun: readOnly } = parts;
    this.#processes = new ProcRunningProcesses(clock);
    const helpers = { clock, processes: this.#processes, log: this.#log };
    const { book, ...inherited } = stack.use(
      openBook({ directory: runtimeDirectory, backend, readOnly }, helpers),
    );
    this.#book = book;
    this.#engine = new Engine({ policy: this.#policy, ...inherited });
    this.#hooks = this.#buildHooks();
    this.#routes = this.#buildRoutes();
    this.#tableNames = new TableNamesFile(join(runtimeDirectory, 'rt_tables.conf'));
    this.#loop = stack.use(new Loop(this.#engine, parts.clock, this.#handlers()));
    this.#source = stack.use(this.#buildSource());
    this.#managers = stack.use(this.#buildManagers());
    this.#nameResolution = stack.use(this.#buildNameResolution());
    this.#leases = stack.use(this.#buildLeases(inherited.inheritance?.state));
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
    const { configFile, env, notifier, native } = this.#parts;
    notifier.reloading('reading the configuration', native.monotonicMicros());
    const parsed = readConfig({ file: configFile, env });
    for (const problem of parsed.warnings) this.#log.warn(formatProblem(problem));
    if (parsed.ok) this.#adopt(parsed.config);
    else {
      for (const problem of parsed.problems) this.#log.error(formatProblem(problem));
      const mistakes = parsed.problems.length === 1 ? '1 mistake' : `${parsed.problems.length} mistakes`;
      this.#log.error(`${configFile} has ${mistakes}: the old configuration stays`, {
        messageId: 'configRejected',
      });
    }
    notifier.ready(this.#statusText());
    return parsed.ok;
  }

  /** Sources stop, what waits is kept, running hooks have their grace, routing stays or goes as configured. */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { killGrace } = this.#config.hooks;
    this.#parts.notifier.stopping('stopping');
    this.#loop.holdHooks();
    const { running } = this.#hooks;
    const hooks = running === 1 ? '1 running hook' : `${running} running hooks`;
    this.#log.info(running === 0 ? 'stopping' : `stopping: ${hooks} may take ${killGrace / 1000} s to end`, {
      messageId: 'daemonStopping',
    });
    this.#parts.notifier.extendTimeout(millis(2 * killGrace + withdrawalPatience));
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
    const value = { ...this.diagnostics(), network: describeNetwork(this.#engine.network) };
    const written = writeDiagnostics(runtimeDirectory, value);
    const where = written.ok
      ? `all of it is in ${written.path}`
      : `${runtimeDirectory} cannot be written to (${written.code})`;
    this.#log.info(`diagnostics: ${this.#gist()}; ${where}`, { component: 'diagnostics' });
  }

  /** What the daemon knows and does, for a person who looks for a fault. */
  diagnostics(): Readonly<Record<string, unknown>> {
    const { kernel, networkd, networkManager, leases, host } = this.#engine.network;
    const { doubts, freshness } = kernel;
    return {
      uptimeSeconds: Math.round((this.#parts.clock.now() - this.#startedAt) / 1000),
      lastSeq: this.#engine.lastSeq,
      counters: this.#counters,
      queue: this.#engine.load,
      runningHooks: this.#hooks.running,
      kernel: {
        freshness,
        doubts,
        links: kernel.links.size,
        routes: kernel.routes.size,
        rules: kernel.rules.size,
        socket: this.#source.stats(),
      },
      managers: {
        networkd: networkd.freshness,
        networkManager: networkManager.freshness,
        leases: leases.freshness,
      },
      host,
      memory: process.memoryUsage(),
      log: this.#parts.openLog.log.counters(),
      identity: this.#parts.identity,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #start(): Promise<void> {
    const { identity, notifier } = this.#parts;
    for (const remark of identity.shortcomings) this.#log.warn(remark, { messageId: 'privilegeMissing' });
    this.#remark(this.#config);
    this.#source.start();
    this.#managers.start();
    await this.#managers.firstWords(managersPatience);
    this.#leases.start(leaseFiles(this.#config));
    this.#loop.start();
    await Promise.race([aborted(this.#parts.abort), this.#loop.until(() => this.#engine.isReady)]);
    this.#beat();
    if (this.#parts.abort.aborted) return;
    this.#log.info(this.#readyText(), { messageId: 'daemonReady' });
    notifier.ready(this.#statusText());
  }

  #buildHooks(): HookRunner {
    const { native, clock, identity, env } = this.#parts;
    const parts = {
      spawner: new NativeProcessSpawner(native),
      clock,
      ledger: this.#book,
      processes: this.#processes,
      statistics: (index: Parameters<typeof readLinkStatistics>[1]) => readLinkStatistics(native, index),
    };
    return new HookRunner(parts, hookSettings(this.#config, identity, env));
  }

  #buildRoutes(): RouteChanger {
    const { clock, dryRun } = this.#parts;
    if (!dryRun) return this.#stack.use(new RouteRunner({ openChannel: this.#openChannel, clock }));
    return new DryRouteRunner(
      (command) => this.#log.info(`would run: ${command}`, { component: 'routing' }),
      (index) => this.#engine.network.kernel.links.get(index)?.object.name ?? `#${index}`,
    );
  }

  #buildSource(): RtnetlinkSource {
    const { native, clock } = this.#parts;
    return new RtnetlinkSource({
      openChannel: this.#openChannel,
      drivers: native,
      clock,
      log: this.#log,
      sink: (facts) => {
        for (const fact of facts) if (fact.kind === 'sourceLostSync') this.#tellLoss(fact.cause);
        this.#managers.heed(facts);
        this.#leases.heed(facts);
        this.#loop.observe(facts);
      },
    });
  }

  #buildManagers(): BusSources {
    const { clock, env } = this.#parts;
    return new BusSources({ clock, env, log: this.#log, sink: (facts) => this.#loop.observe(facts) });
  }

  #buildLeases(inherited: State | undefined): DhclientSource {
    const { clock, identity } = this.#parts;
    return new DhclientSource({
      files: new SystemFiles(),
      clock,
      log: this.#log.with({ component: 'dhclient' }),
      sink: (facts) => this.#loop.observe(facts),
      owners: identity.wasRoot ? [0] : [0, identity.uid],
      inherited: [...(inherited?.leases.held.values() ?? [])],
    });
  }

  #buildNameResolution(): NameResolution {
    if (this.#parts.dryRun) {
      return dryNameResolution((command) =>
        this.#log.info(`would run: ${command}`, { component: 'resolver' }),
      );
    }
    const { bus } = this.#managers;
    return nameResolution({ bus, onReturn: (service) => this.#loop.resolverReturned(service) });
  }

  #handlers(): EffectHandlers {
    const { dryRun } = this.#parts;
    return {
      record: (finding) => this.#record(finding),
      runHooks: (order) => (dryRun ? this.#sayHooks(order) : this.#runHooks(order)),
      readKernel: (reading) => this.#source.read(reading),
      readNetworkd: () => this.#managers.readNetworkd(),
      changeRouting: (effects) => this.#routes.run(effects),
      noticeRouting: (notices) => this.#tellNotices(notices),
      callResolver: (calls) => this.#nameResolution.run(calls),
      noticeResolver: (notices) => this.#tellResolver(notices),
      settled: () => {
        this.#book.flush();
        if (!dryRun) this.#nameTables();
      },
    };
  }

  #record(finding: Finding): void {
    this.#book.found(finding);
    this.#counters.events += finding.events.length;
    if (finding.resync) this.#counters.resyncs++;
    const { selection } = this.#policy;
    const chapter = { ...finding, isMonitored: (name: string) => selection.isMonitored(name) };
    write(this.#story.tell(chapter, this.#parts.clock.now()), this.#log);
  }

  async #runHooks(order: HookRunOrder): Promise<void> {
    const { event, payload } = order;
    this.#book.taken(order);
    const report = await this.#hooks.run({
      subject: { event, state: payload.state },
      onRun: (run) => this.#tellRun(run),
      ...payload.resume,
    });
    const link = event.link?.name;
    for (const [variable, count] of report.rejected) {
      const values = count === 1 ? '1 value' : `${count} values`;
      this.#log.warn(`${values} for ${variable} left out: not of its type`, {
        interface: link,
        messageId: 'valueRejected',
        repeatKey: `rejected ${variable} ${link ?? ''}`,
      });
    }
    if (!report.interrupted) this.#book.done(event.id);
  }

  /** `--dry-run`: what would run is said, and counts as having run. */
  async #sayHooks({ event }: HookRunOrder): Promise<void> {
    if (this.#hooks.hasHooks(event.directory)) {
      this.#log.info(`would run ${event.directory}.d`, {
        interface: event.link?.name,
        event: event.directory,
      });
    }
    this.#book.done(event.id);
  }

  #tellRun(run: HookRun): void {
    this.#counters.hooks++;
    if (run.outcome.kind !== 'exited' || run.outcome.code !== 0) this.#counters.failedHooks++;
    write(this.#story.tellRun(run, this.#parts.clock.now()), this.#log);
  }

  /** Names for ip(8); nothing depends on them. */
  #nameTables(): void {
    const written = this.#tableNames.update(this.#engine.tableNames);
    if (written.ok) return;
    this.#log.warn(`the names of routing tables cannot be written (${written.code})`, {
      component: 'routing',
      repeatKey: 'table-names',
    });
  }

  #tellNotices(notices: readonly RoutingNotice[]): void {
    for (const notice of notices) {
      const { level, message, fields } = noticeLine(notice);
      this.#log[level](message, { component: 'routing', ...fields });
    }
  }

  #tellResolver(notices: readonly ResolverNotice[]): void {
    for (const notice of notices) {
      const { message, fields } = resolverLine(notice);
      this.#log.warn(message, { component: 'resolver', ...fields });
    }
  }

  #tellLoss(cause: string): void {
    this.#log.warn(`messages of the kernel were lost (${cause}): everything is read again and compared`, {
      component: 'kernel',
      messageId: 'syncLost',
      repeatKey: 'sync-lost',
    });
  }

  #adopt(config: Config): void {
    const changed = sectionsChanged(this.#config, config);
    this.#remark(config);
    this.#warnFixed(config);
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
    using _timer = this.#parts.clock.schedule(withdrawalPatience, resolve);
    this.#loop.configure({ ...this.#policy, routing: withdrawn(this.#policy.routing) });
    await Promise.race([late, this.#loop.until(() => this.#engine.isRoutingSettled)]);
  }

  /** What is asked for and cannot be had. */
  #remark(config: Config): void {
    const { configFile, identity, dryRun } = this.#parts;
    for (const problem of unsupported(config, features, configFile)) this.#log.warn(formatProblem(problem));
    if (config.routing.policyRules.length === 0 || identity.mayChangeRouting || dryRun) return;
    this.#log.warn(
      'policy routing is off: without CAP_NET_ADMIN, rules and routes cannot be changed. Start netevd as root, or with AmbientCapabilities=CAP_NET_ADMIN',
      { component: 'routing', messageId: 'privilegeMissing' },
    );
  }

  /** What is settled at the start stays so until the next. */
  #warnFixed({ system }: Config): void {
    const now = this.#config.system;
    const late = 'has changed: it takes effect with the next start';
    if (now.user !== system.user) this.#log.warn(`system.user ${late}`);
    if (now.runtimeDirectory !== system.runtimeDirectory) this.#log.warn(`system.runtime_directory ${late}`);
  }

  /** From the loop itself, so that a loop that hangs falls silent. */
  #beat(): void {
    if (this.#stack.disposed) return;
    const { clock, notifier, openLog } = this.#parts;
    const now = clock.now();
    notifier.beat(now);
    // Where the disk refused, it is tried again.
    this.#book.flush();
    write(this.#story.wake(now), this.#log);
    this.#warnOfOwnership(now);
    openLog.log.tick();
    clock.schedule(millis(Math.min(beatInterval, (notifier.beatInterval ?? beatInterval) / 2)), () =>
      this.#beat(),
    );
  }

  #gist(): string {
    const { kernel } = this.#engine.network;
    const { waiting } = this.#engine.load;
    const seconds = Math.round((this.#parts.clock.now() - this.#startedAt) / 1000);
    const sizes = `${kernel.links.size} links, ${kernel.routes.size} routes, ${kernel.rules.size} rules`;
    const work = `${waiting} events wait, ${this.#hooks.running} hooks run`;
    return `up ${seconds} s, kernel ${kernel.freshness}, ${sizes}; event ${this.#engine.lastSeq}; ${work}`;
  }

  #warnOfOwnership(now: Instant): void {
    const { memory, notices } = planOwnershipWarnings(this.#ownership, this.#engine.network, now);
    this.#ownership = memory;
    for (const notice of notices) {
      const { message, fields } = ownershipLine(notice);
      this.#log.warn(message, { component: 'ownership', ...fields });
    }
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
}
