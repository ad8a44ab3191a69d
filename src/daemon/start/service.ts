/** The daemon as a process: from the options of the command line to the exit code, with signals in between. */

import { type Config, formatProblem } from '../../config/index.ts';
import type { PathRefusal } from '../../core/model/path-trust.ts';
import { ExitCode } from '../../exit-code.ts';
import type { GlobalOptions } from '../../global-options.ts';
import { type OpenLog, openLog } from '../../observe/log/open-log.ts';
import { openByteSink, readLogEnvironment } from '../../observe/log/standard-error.ts';
import { Notifier, parseNotifyEnvironment } from '../../observe/notify.ts';
import { SystemClock } from '../../platform/clock.ts';
import { ManagerSocket, systemdJournalSocket } from '../../platform/manager-sockets.ts';
import { endStartPhase } from '../../platform/memory-tuning.ts';
import { loadNative, type Native } from '../../platform/native.ts';
import type { LogLevel } from '../../ports/logger.ts';
import { runtimeSwitches, runtimeSwitchesText } from '../../runtime-environment.ts';
import { Daemon } from '../daemon.ts';
import { aborted } from './abort.ts';
import { type ConfigTrust, configTrust, readTrusted } from './config-trust.ts';
import { prepareProcess } from './prepare-process.ts';
import { refusable, StartRefused } from './start-refused.ts';

/** What the operating system requests of the daemon. */
export interface Signals {
  /** `atOnce` is called for a second request to stop, right before the process ends. */
  onStop(handler: () => void, atOnce: () => void): void;
  onReload(handler: () => void): void;
  onDiagnostics(handler: () => void): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs until a signal ends it; resolves with the exit code. */
export async function runService(
  options: GlobalOptions,
  env: Environment,
  signals: Signals,
): Promise<number> {
  const trust = configTrust();
  const { parsed, refusal } = readTrusted({ file: options.config, env }, trust);
  const standardError = openByteSink();
  if (!parsed.ok) {
    for (const problem of [...parsed.warnings, ...parsed.problems]) {
      standardError.write(new TextEncoder().encode(`${formatProblem(problem)}\n`));
    }
    return ExitCode.config;
  }
  const clock = new SystemClock();
  const level = levelOf(options.verbose);
  const { system } = parsed.config;
  const log = openLog(
    { format: system.logFormat, level: level ?? system.logLevel, clock },
    { surroundings: readLogEnvironment(env), standardError, journal: journalFor() },
  );
  const { logger } = log.log;
  for (const problem of parsed.warnings) {
    if (problem.severity === 'note') logger.info(formatProblem(problem));
    else logger.warn(formatProblem(problem));
  }
  try {
    if (refusal !== undefined) throw foreignConfig(refusal);
    return await serve(options, parsed.config, env, signals, { clock, log, level, trust });
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    logger.error(error.message, { errorCode: error.code });
    return error.exitCode;
  } finally {
    log.log.close();
  }
}

interface ServiceParts {
  readonly clock: SystemClock;
  readonly log: OpenLog;
  readonly level: LogLevel | undefined;
  readonly trust: ConfigTrust;
}

const foreignConfig = ({ reason, remedy }: PathRefusal): StartRefused =>
  new StartRefused(
    'NETEVD_START_CONFIG_OWNER',
    `netevd with privileges does not obey a configuration that others can change: ${reason}; fix: ${remedy}`,
    ExitCode.config,
  );

async function serve(
  options: GlobalOptions,
  config: Config,
  env: Environment,
  signals: Signals,
  { clock, log, level, trust }: ServiceParts,
): Promise<number> {
  // Installed first: a signal without a handler would end the process.
  const pendingSignals = new PendingSignals(signals);
  const switches = runtimeSwitches(env);
  if (switches.length > 0) {
    throw new StartRefused('NETEVD_START_ENVIRONMENT', runtimeSwitchesText(switches));
  }
  const daemon = await refusable(async () => {
    const native = nativeOrRefusal();
    const identity = prepareProcess(config, native, options.dryRun);
    return await Daemon.start({
      configFile: options.config,
      configTrust: trust,
      config,
      logLevel: level,
      dryRun: options.dryRun,
      env,
      identity,
      native,
      clock,
      openLog: log,
      notifier: notifierFor(env, log),
      abort: pendingSignals.stop,
    });
  });
  endStartPhase();
  pendingSignals.serve(daemon);
  await aborted(pendingSignals.stop);
  await daemon.stop();
  return ExitCode.ok;
}

/** Carries out the requests of signals: at once if the daemon runs, else as soon as it does. */
class PendingSignals {
  readonly #stop = new AbortController();
  #daemon: Daemon | undefined;
  #wantsReload = false;

  constructor(signals: Signals) {
    signals.onStop(
      () => this.#stop.abort(),
      () => this.#daemon?.kill(),
    );
    signals.onReload(() => {
      if (this.#daemon === undefined) this.#wantsReload = true;
      else this.#daemon.reload();
    });
    signals.onDiagnostics(() => this.#daemon?.diagnose());
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  serve(daemon: Daemon): void {
    this.#daemon = daemon;
    if (this.#wantsReload && !this.stop.aborted) daemon.reload();
  }
}

function nativeOrRefusal(): Native {
  try {
    return loadNative();
  } catch (cause) {
    throw new StartRefused('NETEVD_START_NATIVE', cause instanceof Error ? cause.message : String(cause));
  }
}

function levelOf(verbose: number): LogLevel | undefined {
  if (verbose === 0) return undefined;
  return verbose === 1 ? 'debug' : 'trace';
}

/** The addon may be missing. That is reported later, in a log format that needs no addon. */
function journalFor(): ManagerSocket | undefined {
  try {
    return new ManagerSocket(systemdJournalSocket);
  } catch {
    return undefined;
  }
}

function notifierFor(env: Environment, log: OpenLog): Notifier {
  const settings = parseNotifyEnvironment(env, process.pid);
  for (const problem of settings.problems) log.log.logger.warn(problem);
  const { address } = settings;
  if (address === undefined) return new Notifier(undefined, settings);
  const path = address.kind === 'path' ? address.path : `@${address.name}`;
  return new Notifier(new ManagerSocket(path), settings);
}
