/** `netevd runner`: the mode that netevd-runner.service starts as root. From the command line to an exit code. */
import { resolve } from 'node:path';
import { type Config, formatProblem, readConfig } from '../config/index.ts';
import { type Millis, millis } from '../core/model/ids.ts';
import { directoryRefusal, fileRefusal } from '../core/model/path-trust.ts';
import { ExitCode } from '../exit-code.ts';
import { openLog } from '../observe/log/open-log.ts';
import { openByteSink, readLogEnvironment } from '../observe/log/standard-error.ts';
import { SystemClock } from '../platform/clock.ts';
import { loadNative, type Native } from '../platform/native.ts';
import { NativeProcessSpawner } from '../platform/process-spawner.ts';
import { walk } from '../platform/trust/path-walk.ts';
import type { Logger } from '../ports/logger.ts';
import { AcceptedRunsFile } from './accepted-runs-file.ts';
import { HookExecutor } from './executor.ts';
import { judgeHook, rootAlone } from './judge.ts';
import { listenDescriptor } from './listen-environment.ts';
import { RunnerServer } from './server.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface RunnerOptions {
  readonly config: string;
}

/** How long running hooks may take when the runner is stopped. Later they go on, and their output is lost. */
const drainPatience: Millis = millis(20_000);
/** Without systemd's `RUNTIME_DIRECTORY`. */
const defaultRuntimeDirectory = '/run/netevd-runner';

/** Runs until it is idle or `stop` resolves; resolves with the exit code. */
export async function runRunner(
  { config: file }: RunnerOptions,
  env: Environment,
  stop: Promise<void>,
): Promise<number> {
  const standardError = openByteSink();
  const say = (text: string): void =>
    void standardError.write(new TextEncoder().encode(`netevd runner: ${text}\n`));
  const descriptor = listenDescriptor(env, process.pid);
  if (descriptor === undefined) {
    say('is started by netevd-runner.socket, not by hand: systemctl enable --now netevd-runner.socket');
    return ExitCode.usage;
  }
  if (process.geteuid?.() !== 0) {
    say('runs as root alone (NETEVD_START_RUNNER)');
    return ExitCode.config;
  }
  const refusal = fileRefusal(walk(resolve(file)), rootAlone);
  if (refusal !== undefined) {
    say(
      `others can change its configuration: ${refusal.reason}; fix: ${refusal.remedy} (NETEVD_START_CONFIG_OWNER)`,
    );
    return ExitCode.config;
  }
  // No overrides: only root's file counts.
  const parsed = readConfig({ file, env: {} });
  if (!parsed.ok) {
    for (const problem of parsed.problems) say(formatProblem(problem));
    return ExitCode.config;
  }
  const clock = new SystemClock();
  const { system } = parsed.config;
  const places = { surroundings: readLogEnvironment(env), standardError };
  const log = openLog({ format: system.logFormat, level: system.logLevel, clock }, places);
  try {
    return await serve({ config: parsed.config, env, clock, log: log.log.logger, descriptor, stop });
  } finally {
    log.log.close();
  }
}

interface Surroundings {
  readonly config: Config;
  readonly env: Environment;
  readonly clock: SystemClock;
  readonly log: Logger;
  readonly descriptor: number;
  readonly stop: Promise<void>;
}

async function serve(surroundings: Surroundings): Promise<number> {
  const { config, env, log, descriptor, stop, clock } = surroundings;
  const native = loadNative();
  const daemon = native.lookupUser(config.system.user);
  if (daemon === null) {
    log.error(`user ${config.system.user} does not exist`, { errorCode: 'NETEVD_START_USER' });
    return ExitCode.config;
  }
  const directory = env['RUNTIME_DIRECTORY'] ?? defaultRuntimeDirectory;
  const refusal = directoryRefusal(walk(directory), rootAlone);
  if (refusal !== undefined) {
    log.error(`${refusal.reason}; fix: ${refusal.remedy}`, { errorCode: 'NETEVD_START_RUNNER' });
    return ExitCode.config;
  }
  using accepted = new AcceptedRunsFile(directory);
  const executor = buildExecutor(surroundings, native, accepted);
  const server = new RunnerServer({
    clock,
    log,
    uids: [...new Set([0, daemon.uid])],
    uidOf: (fd) => native.peerCredentials(fd).uid,
    request: (line) => executor.request(line),
    running: () => executor.running,
  });
  await server.listen(descriptor);
  log.info('ready', { component: 'runner' });
  await Promise.race([server.idle, stop]);
  await executor.drain(drainPatience);
  return ExitCode.ok;
}

function buildExecutor(
  { config, env, clock, log }: Surroundings,
  native: Native,
  accepted: AcceptedRunsFile,
): HookExecutor {
  const { hooks, system, backends } = config;
  const settings = { base: hooks.directory, user: system.user, lookupUser: native.lookupUser };
  return new HookExecutor(
    {
      spawner: new NativeProcessSpawner(native),
      clock,
      log,
      accepted,
      judge: ({ directory, name }) => judgeHook(directory, name, settings),
    },
    {
      timeout: hooks.timeout,
      killGrace: hooks.killGrace,
      outputLimit: hooks.outputLimit,
      context: {
        emitJson: backends.systemdNetworkd.emitJson,
        ...(env['LANG'] !== undefined && { lang: env['LANG'] }),
        ...(env['TZ'] !== undefined && { timezone: env['TZ'] }),
      },
    },
  );
}
