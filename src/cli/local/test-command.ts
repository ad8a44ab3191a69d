/** `netevd test SCRIPT`: runs a script as the daemon would and shows the result. */
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
import type { DaemonView } from '../daemon-view.ts';
import { type HookTrial, trialText, trialValue } from '../render/hook-trial.ts';
import { type CommandIo, type OutputFormat, present } from '../render/output.ts';
import { reportProblems } from '../render/problems.ts';
import { findScript } from './find-script.ts';
import { type HookUser, type HookUserParts, hookUser } from './hook-user.ts';
import { withManagerView } from './manager-view.ts';
import { makeSampleEvent, type SampleEvent, type SampleEventRequest } from './sample-event.ts';

export interface TestOptions {
  readonly script: string;
  readonly config: string;
  readonly format: OutputFormat;
  /** A link, existing or not; absent: the link of the machine in the best state. */
  readonly interface?: string;
  /**
   * Name of a hook directory, with or without `.d`; absent: that of the script's own directory, else
   * `routable`.
   */
  readonly event?: string;
  /** Addresses instead of the link's own. */
  readonly ip: readonly string[];
}

/** What the command needs of the machine. */
export interface TestCommandParts extends HookUserParts {
  readonly daemon: Pick<DaemonView, 'link'>;
  readonly spawner: ProcessSpawner;
  readonly clock: Clock;
  readonly cwd: string;
  readKernel(): Promise<State>;
  /** Becomes the user for good; root calls this for another user only. */
  become(user: HookUser): void;
  /** Calls back when the operator presses Ctrl-C. */
  onInterrupt(run: () => void): void;
}

/**
 * Exit code: 0 if the script ended with 0, 1 if not, 2 for wrong arguments, 78 for an invalid configuration.
 */
export async function runTestCommand(
  options: TestOptions,
  io: CommandIo,
  parts: TestCommandParts,
): Promise<number> {
  const parsed = readConfig({ file: options.config, env: io.env });
  if (!parsed.ok) return reportProblems(parsed.problems, io);
  const plan = trialPlan(options, parsed.config, parts.cwd);
  if ('problem' in plan) {
    io.stderr.write(`netevd test: ${plan.problem}\n`);
    return ExitCode.usage;
  }
  const trial = await tryScript(plan, parsed.config, io, parts);
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

interface TrialPlan {
  readonly path: string;
  readonly directory: HookDirectory;
  readonly link: string | undefined;
  readonly addresses: readonly IpAddress[];
}
type TrialProblem = { readonly problem: string };

function trialPlan(options: TestOptions, config: Config, cwd: string): TrialPlan | TrialProblem {
  const found = findScript(options.script, config.hooks.directory, cwd);
  if ('problem' in found) return found;
  const own = parseHookDirectory(found.path.split('/').at(-2) ?? '');
  const directory = options.event === undefined ? (own ?? 'routable') : parseHookDirectory(options.event);
  if (directory === undefined) return { problem: unknownEvent(options.event ?? '') };
  const { interface: link } = options;
  if (link !== undefined && !isInterfaceName(link)) return { problem: `'${link}' is not a valid link name` };
  const texts = options.ip.flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== '');
  const addresses = texts.map(parseIp).filter((address) => address !== undefined);
  const wrong = texts.find((text) => parseIp(text) === undefined);
  if (wrong !== undefined) return { problem: `'${wrong}' is not an IP address without a prefix length` };
  return { path: found.path, directory, link, addresses };
}

function unknownEvent(text: string): string {
  const near = nearestHookDirectory(text);
  const hint = near === undefined ? `expected one of ${hookDirectories.join(', ')}` : `did you mean ${near}?`;
  return `unknown event '${text}'; ${hint}`;
}

async function tryScript(
  plan: TrialPlan,
  config: Config,
  io: CommandIo,
  parts: TestCommandParts,
): Promise<HookTrial | TrialProblem> {
  const user = hookUser(config.system.user, parts, io.env);
  const inspected = inspectFile(plan.path, user.trust);
  const { directory, link, addresses } = plan;
  const at = parts.clock.wall();
  const wanted = { directory, addresses, at, ...(link === undefined ? {} : { link }) };
  const test = await withDaemonView(wanted, await parts.readKernel(), parts.daemon);
  const context = {
    home: user.home,
    user: user.name,
    emitJson: config.backends.systemdNetworkd.emitJson,
    ...(io.env['LANG'] === undefined ? {} : { lang: io.env['LANG'] }),
    ...(io.env['TZ'] === undefined ? {} : { timezone: io.env['TZ'] }),
  };
  const input = hookInput(test, context);
  if (!input.ok) return { problem: `'${link ?? ''}': this link name cannot be passed to a script` };
  if (process.geteuid?.() === 0 && user.uid !== 0) parts.become(user);
  const { environment, json } = input;
  const script = {
    event: test.event,
    name: inspected.name,
    path: plan.path,
    retry: false,
    environment,
    json,
  };
  const run = await runOnce(script, config, parts);
  if (typeof run === 'string') return { problem: 'interrupted' };
  return { inspected, test, user, environment, json, run };
}

/** The event with what the daemon knows of its link from the network manager, if the daemon runs. */
async function withDaemonView(
  request: SampleEventRequest,
  machine: State,
  daemon: TestCommandParts['daemon'],
): Promise<SampleEvent> {
  const test = makeSampleEvent(request, machine);
  const { link } = test.event;
  if (link === undefined || test.isSampleLink) return test;
  const answer = await daemon.link(link.name);
  if (!answer.ok) return test;
  return makeSampleEvent({ ...request, link: link.name }, withManagerView(link.index, answer.value, machine));
}

/** Leaves no process of a terminated script behind. */
async function runOnce(
  script: Script,
  { hooks }: Config,
  parts: TestCommandParts,
): ReturnType<typeof runScript> {
  const started: Supervision[] = [];
  const outcome = await runScript(script, hooks, {
    spawner: parts.spawner,
    clock: parts.clock,
    journal: noJournal,
    // The verdict is shown beside the result; here the operator has asked for the run.
    judge: () => ({ kind: 'runs' }),
    isStopping: () => false,
    supervise: (supervision) => {
      started.push(supervision);
      parts.onInterrupt(() => supervision.terminate('stopped'));
    },
  });
  for (const supervision of started) supervision.kill();
  await Promise.all(started.map(({ finished }) => finished));
  return outcome;
}

const noJournal: HookRunJournal = {
  starting: () => undefined,
  started: () => undefined,
  withdrawn: () => undefined,
  finished: () => undefined,
};
