/** The command line: which commands exist, their options and help. Each command has its own file. */
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { defaultConfigPath } from '../config/index.ts';
import { nearest } from '../core/model/nearest.ts';
import { ExitCode } from '../exit-code.ts';
import type { GlobalOptions } from '../global-options.ts';
import { NativeLoadError } from '../platform/native.ts';
import { version } from './about.ts';
import { addCompletionCommands } from './completion-commands.ts';
import type { DaemonView } from './daemon-view.ts';
import { formatHelp, withExamples } from './help-text.ts';
import { addHookCommands } from './local/hook-commands.ts';
import { addMigrateCommand } from './local/migrate-commands.ts';
import type { RecordFacts } from './local/record-command.ts';
import { addRecordingCommands } from './local/recording-commands.ts';
import { addRoutingCommands } from './local/routing-commands.ts';
import { runValidate } from './local/validate-command.ts';
import { runVersion } from './local/version-command.ts';
import {
  addSharedOptions,
  configOption,
  type Done,
  finishCommands,
  formatOption,
  inheritOptions,
} from './options.ts';
import type { RemoteWorld } from './remote/session.ts';
import { addRemoteCommands } from './remote-commands.ts';
import { type ColourChoice, type CommandIo, type OutputFormat, withSafeOutput } from './render/output.ts';

/** Starts the daemon; resolves with the exit code once it has ended. */
export type RunDaemon = (options: GlobalOptions) => Promise<number>;

/** Opens what the commands of the daemon use of the machine. */
export type OpenWorld = (configFile: string) => Promise<RemoteWorld>;

const realWorld =
  (env: CommandIo['env']): OpenWorld =>
  async (configFile) =>
    (await import('./remote-world.ts')).remoteWorld(configFile, env);

/**
 * Parses `args` (without the program's own name), runs the command, and resolves with the exit code. Never throws on
 * input. `openWorld`: that of the machine if absent. `record`: the recorder of the daemon's sources.
 */
export async function runProgram(
  args: readonly string[],
  rawIo: CommandIo,
  runDaemon: RunDaemon,
  openWorld?: OpenWorld,
  record: RecordFacts = withoutRecorder,
): Promise<number> {
  const io = withSafeOutput(rawIo);
  let code: number = ExitCode.ok;
  const done = async (result: number | Promise<number>): Promise<void> => {
    code = await result;
  };
  const program = buildProgram({
    args,
    io,
    runDaemon,
    record,
    done,
    ...(openWorld === undefined ? {} : { openWorld }),
  });
  const unknown = unknownCommand(program, args);
  try {
    if (unknown !== undefined) return refuse(noCommand(unknown.name, unknown.parent), args, io);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof NativeLoadError) {
      io.stderr.write(`netevd: ${error.message} (NETEVD_START_NATIVE)\n`);
      return ExitCode.failed;
    }
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return ExitCode.ok;
    if (error.code === 'commander.help') return ExitCode.usage;
    return refuse(usageText(error.message), args, io);
  }
  return code;
}

/** For programs that describe commands and run none. */
const withoutRecorder: RecordFacts = () => Promise.reject(new Error('this program has no recorder'));

/** Names of all commands, in the order of the help. */
export const commandNames = (): readonly string[] =>
  describeProgram()
    .commands.map((command) => command.name())
    .filter((name) => name !== 'complete');

/** The program without an output, to read its commands, options and examples. */
export function describeProgram(): Command {
  const silent = { write: () => undefined };
  return buildProgram({
    args: [],
    io: { stdout: silent, stderr: silent, isTerminal: false, env: {} },
    runDaemon: async () => ExitCode.ok,
    record: withoutRecorder,
    done: async () => undefined,
  });
}

interface ProgramParts {
  readonly args: readonly string[];
  readonly io: CommandIo;
  readonly runDaemon: RunDaemon;
  readonly record: RecordFacts;
  readonly done: Done;
  readonly openWorld?: OpenWorld;
}

function buildProgram(parts: ProgramParts): Command {
  const { args, io: given, runDaemon, done, openWorld: open = realWorld(given.env) } = parts;
  const program = new Command('netevd');
  const io = withColour(given, program);
  describe(program, io);
  const globals = (): GlobalOptions => {
    const { config, dryRun, verbose } = program.opts<GlobalOptions>();
    return { config, dryRun, verbose };
  };
  const configFile = (): string => globals().config;
  program.action(() => done(runDaemon(globals())));
  program
    .command('start')
    .description('Run the daemon in the foreground (same as no command)')
    .action(() => done(runDaemon(globals())));
  const openWorld = (): Promise<RemoteWorld> => open(configFile());
  addRemoteCommands(program, { io, done, args, openWorld });
  const openDaemon = async (file: string): Promise<DaemonView> =>
    (await import('./daemon-view.ts')).daemonView(await open(file));
  addHookCommands(program, io, done, configFile, openDaemon);
  addRoutingCommands(program, io, done, configFile);
  addInspection(program, io, done, configFile);
  addMigrateCommand(program, io, done, configFile);
  addRecordingCommands(program, io, { done, record: parts.record, configFile });
  addCompletionCommands(program, { io, done, openWorld });
  addHelp(program, io, done, args);
  finishCommands(program);
  program.hook('preAction', (_, command) => inheritOptions(program, command));
  return program;
}

/** Name, options and help of the program itself. */
function describe(program: Command, io: CommandIo): void {
  program
    .description('Watch the network and run hooks when it changes. Without a command: run the daemon.')
    .option('-c, --config <file>', 'configuration file', defaultConfigPath)
    .option('-v, --verbose', 'log more: once debug, twice trace', (_, count: number) => count + 1, 0)
    .option('--dry-run', 'log what would be done; run no hook and change nothing', false)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ formatHelp, minWidthToWrap: 30 })
    .configureOutput(outputOf(io))
    .enablePositionalOptions()
    .allowExcessArguments(false)
    .exitOverride();
  addSharedOptions(program);
  withExamples(
    program,
    'netevd status # what is wrong, and a summary',
    'netevd events -f # what happens now',
    'netevd hooks # which scripts run, and why others do not',
  );
}

/** Commander's messages: help to stdout; errors are written by `refuse`. */
const outputOf = (io: CommandIo): OutputConfiguration => ({
  writeOut: (text) => io.stdout.write(text),
  writeErr: (text) => io.stderr.write(text),
  outputError: () => undefined,
  getOutHelpWidth: () => helpWidth(io),
  getErrHelpWidth: () => helpWidth(io),
});

const helpWidth = ({ isTerminal, columns = 80 }: CommandIo): number =>
  isTerminal ? Math.min(Math.max(columns, 60), 120) : 80;

/** `--color` is known only when a command runs. */
function withColour(io: CommandIo, program: Command): CommandIo {
  let colour: ColourChoice | undefined;
  program.hook('preAction', (_, command) => {
    colour = command.opts<{ color?: ColourChoice }>().color ?? program.opts<{ color?: ColourChoice }>().color;
  });
  return {
    stdout: io.stdout,
    stderr: io.stderr,
    isTerminal: io.isTerminal,
    env: io.env,
    columns: io.columns,
    get colour(): ColourChoice {
      return colour ?? io.colour ?? 'auto';
    },
  };
}

/**
 * The first word that is no option and no value of one, if no command has this name; also below `list`, `show` and
 * `routing`.
 */
function unknownCommand(
  program: Command,
  args: readonly string[],
): { readonly name: string; readonly parent: Command } | undefined {
  let parent = program;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (word === '--') return undefined;
    if (!word.startsWith('-') || word === '-') {
      const command = parent.commands.find((known) => known.name() === word);
      if (command === undefined) return { name: word, parent };
      if (command.commands.length === 0) return undefined;
      parent = command;
      continue;
    }
    const option = parent.options.find(({ short, long }) => word === short || word === long);
    if (option === undefined && !word.includes('=') && parent !== program) return undefined;
    if (option?.required === true) at += 1;
  }
  return undefined;
}

/** A message of commander's in the words of this program. */
const usageText = (message: string): string =>
  message
    .replace(/^error: /, '')
    .replace(/\s*\(Did you mean (one of )?(.+?)\?\)$/s, '; did you mean $2?')
    .replace(/^command-argument value ('.*') is invalid for argument '.*?'\. /s, 'found $1, ')
    .replace(/ argument ('.*') is invalid\. /s, ': found $1, ')
    .replace(/\. Expected \d+ arguments? but got \d+: (.*)\.$/s, ': $1');

function noCommand(name: string, program: Command): string {
  const near = nearest(
    name,
    program.commands.map((command) => command.name()),
  );
  return `unknown command '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`;
}

/** Reports wrong usage: in JSON if JSON was requested. */
function refuse(message: string, args: readonly string[], io: CommandIo): ExitCode {
  const isJson = args.some(
    (word, at) =>
      /^(-ojson|--format=json)$/.test(word) || (/^(-o|--format)$/.test(word) && args[at + 1] === 'json'),
  );
  const text = message.replaceAll(/\s*\n\s*/g, ' ');
  if (isJson) {
    const error = { code: 'NETEVD_CLIENT_USAGE', message: text, details: null };
    io.stdout.write(`${JSON.stringify({ error })}\n`);
  } else io.stderr.write(`netevd: ${text} (see netevd --help)\n`);
  return ExitCode.usage;
}

function addInspection(program: Command, io: CommandIo, done: Done, configFile: () => string): void {
  const validate = program
    .command('validate')
    .description('Validate a configuration file and list all problems')
    .argument('[file]', 'the file (default: that of --config)')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action((file: string | undefined, options: { config?: string; format: OutputFormat }) =>
      done(runValidate({ config: file ?? options.config ?? configFile(), format: options.format }, io)),
    );
  withExamples(validate, 'netevd validate', 'netevd validate new.yaml -o json');
  program
    .command('version')
    .description('Print version, runtime and kernel')
    .addOption(formatOption('text'))
    .action((options: { format: OutputFormat }) => done(runVersion(options.format, io)));
}

function addHelp(program: Command, io: CommandIo, done: Done, args: readonly string[]): void {
  program
    .command('help')
    .description('Print the help of a command')
    .argument('[command...]', 'its name: list routes')
    .action((names: readonly string[]) => {
      let command: Command = program;
      for (const name of names) {
        const found = command.commands.find((one) => one.name() === name);
        if (found === undefined) return done(refuse(noCommand(name, command), args, io));
        command = found;
      }
      command.outputHelp();
      return done(ExitCode.ok);
    });
}
