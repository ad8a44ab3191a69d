/** `netevd test SCRIPT`: really runs a script, as the daemon would run it, and shows what became of it. */
import { type Config, readConfig } from '../../config/index.ts';
import { nearestHookDirectory, parseHookDirectory } from '../../core/hooks/directories.ts';
import { hookInput } from '../../core/hooks/environment.ts';
import { succeeded } from '../../core/hooks/hook-run.ts';
import { type IpAddress, parseIp } from '../../core/model/address.ts';
import { type HookDirectory, hookDirectories } from '../../core/model/event-table.ts';
import { isInterfaceName } from '../../core/model/interface-name.ts';
import type { State } from '../../core/model/state.ts';
import { inspectFile } from '../../effects/hooks/inspect.ts';
import { runScript, type Script } from '../../effects/hooks/script.ts';
import type { Supervision } from '../../effects/hooks/supervise.ts';
import { ExitCode } from '../../exit-code.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HookRunJournal } from '../../ports/hook-run-journal.ts';
import type { ProcessSpawner } from '../../ports/process-spawner.ts';
import { type HookTrial, trialText, trialValue } from '../render/hook-trial.ts';
import { type CommandIo, type OutputFormat, present } from '../render/output.ts';
import { reportProblems } from '../render/problems.ts';
import { findScript } from './find-script.ts';
import { type HookUser, hookUser, type LookupUser } from './hook-user.ts';
import { makeSampleEvent } from './sample-event.ts';

export interface TestOptions {
  readonly script: string;
  readonly config: string;
  readonly format: OutputFormat;
  /** A link, real or not; absent: the machine's best. */
  readonly interface?: string;
  /** Name of a hook directory, with or without `.d`; absent: that of the script's own directory, else `routable`. */
  readonly event?: string;
  /** In place of the link's addresses. */
  readonly ip: readonly string[];
}

/** What the command needs of the machine. */
export interface TestCommandParts {
  readonly spawner: ProcessSpawner;
  readonly clock: Clock;
  readonly cwd: string;
  readonly lookup: LookupUser;
  readKernel(): Promise<State>;
  /** Becomes the user for good; called only by root, for another user. */
  become(user: HookUser): void;
  /** Calls back when the person at the terminal wants it to end. */
  onInterrupt(run: () => void): void;
}

/** 0 where the script ended with 0, 1 where it did not, 2 for what cannot be tried, 78 where the configuration is broken. */
export async function runTestCommand(
  options: TestOptions,
  io: CommandIo,
  world: TestCommandParts,
): Promise<number> {
  const parsed = readConfig({ file: options.config, env: io.env });
  if (!parsed.ok) return reportProblems(parsed.problems, io);
  const wish = wishOf(options, parsed.config, world.cwd);
  if ('problem' in wish) {
    io.stderr.write(`netevd test: ${wish.problem}\n`);
    return ExitCode.usage;
  }
  const trial = await tryScript(wish, parsed.config, io, world);
  if ('problem' in trial) {
    io.stderr.write(`netevd test: ${trial.problem}\n`);
    return ExitCode.failed;
  }
  present(io, options.format, {
    value: trialValue(trial),
    text: (paint) => trialText(trial, paint),
    table: (paint) => trialText(trial, paint),
  });
  return succeeded(trial.run) ? ExitCode.ok : ExitCode.failed;
}

interface Wish {
  readonly path: string;
  readonly directory: HookDirectory;
  readonly link: string | undefined;
  readonly addresses: readonly IpAddress[];
}
type Problem = { readonly problem: string };

function wishOf(options: TestOptions, config: Config, cwd: string): Wish | Problem {
  const found = findScript(options.script, config.hooks.directory, cwd);
  if ('problem' in found) return found;
  const own = parseHookDirectory(found.path.split('/').at(-2) ?? '');
  const directory = options.event === undefined ? (own ?? 'routable') : parseHookDirectory(options.event);
  if (directory === undefined) return { problem: unknownEvent(options.event ?? '') };
  const { interface: link } = options;
  if (link !== undefined && !isInterfaceName(link))
    return { problem: `'${link}' cannot be the name of a link` };
  const texts = options.ip.flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== '');
  const addresses = texts.map(parseIp).filter((address) => address !== undefined);
  const wrong = texts.find((text) => parseIp(text) === undefined);
  if (wrong !== undefined) return { problem: `'${wrong}' is not an IP address (without a prefix length)` };
  return { path: found.path, directory, link, addresses };
}

function unknownEvent(text: string): string {
  const near = nearestHookDirectory(text);
  const hint = near === undefined ? `there are ${hookDirectories.join(', ')}` : `did you mean ${near}?`;
  return `there is no event '${text}': ${hint}`;
}

async function tryScript(
  wish: Wish,
  config: Config,
  io: CommandIo,
  world: TestCommandParts,
): Promise<HookTrial | Problem> {
  const user = hookUser(config.system.user, world.lookup, io.env);
  const inspected = inspectFile(wish.path, user.trust);
  const { directory, link, addresses } = wish;
  const at = world.clock.wall();
  const machine = await world.readKernel();
  const test = makeSampleEvent(
    { directory, addresses, at, ...(link === undefined ? {} : { link }) },
    machine,
  );
  const surroundings = {
    home: user.home,
    user: user.name,
    emitJson: config.backends.systemdNetworkd.emitJson,
    ...(io.env['LANG'] === undefined ? {} : { lang: io.env['LANG'] }),
    ...(io.env['TZ'] === undefined ? {} : { timezone: io.env['TZ'] }),
  };
  const input = hookInput(test, surroundings);
  if (!input.ok) return { problem: `the name of the link '${link ?? ''}' cannot be shown to a script` };
  if (process.geteuid?.() === 0 && user.uid !== 0) world.become(user);
  const { environment, json } = input;
  const script = {
    event: test.event,
    name: inspected.name,
    path: wish.path,
    retry: false,
    environment,
    json,
  };
  const run = await runOnce(script, config, world);
  if (typeof run === 'string') return { problem: 'interrupted' };
  return { inspected, test, user, environment, json, run };
}

/** Nothing of the script is left behind that had to be told to end. */
async function runOnce(
  script: Script,
  { hooks }: Config,
  world: TestCommandParts,
): ReturnType<typeof runScript> {
  const started: Supervision[] = [];
  const outcome = await runScript(script, hooks, {
    spawner: world.spawner,
    clock: world.clock,
    journal: noLedger,
    // What the daemon would say is shown beside the outcome; here the operator has said that it is to run.
    judge: () => ({ kind: 'runs' }),
    isStopping: () => false,
    supervise: (supervision) => {
      started.push(supervision);
      world.onInterrupt(() => supervision.terminate('stopped'));
    },
  });
  for (const supervision of started) supervision.kill();
  await Promise.all(started.map(({ finished }) => finished));
  return outcome;
}

const noLedger: HookRunJournal = {
  starting: () => undefined,
  started: () => undefined,
  withdrawn: () => undefined,
  finished: () => undefined,
};
