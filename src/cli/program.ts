/** The command line: what there is, its options and its help. Each command is a file of its own. */
import { Command, CommanderError } from 'commander';
import { defaultConfigPath } from '../config/index.ts';
import { nearest } from '../core/model/nearest.ts';
import { ExitCode } from '../exit-code.ts';
import type { GlobalOptions } from '../global-options.ts';
import { NativeUnavailable } from '../platform/native.ts';
import { version } from './about.ts';
import { addHookCommands } from './local/hook-commands.ts';
import { addMigrateCommand } from './local/migrate-commands.ts';
import { addRoutingCommands } from './local/routing-commands.ts';
import { runValidate } from './local/validate-command.ts';
import { runVersion } from './local/version-command.ts';
import { configOption, type Done, formatOption } from './options.ts';
import type { CommandIo, OutputFormat } from './render/output.ts';

/** Starts the daemon; resolves with the exit code once it has ended. */
export type RunDaemon = (options: GlobalOptions) => Promise<number>;

/** Parses `args` (without the program's own name), runs the command, and resolves with the exit code. Never throws on input. */
export async function runProgram(
  args: readonly string[],
  io: CommandIo,
  runDaemon: RunDaemon,
): Promise<number> {
  let code: number = ExitCode.ok;
  const done = async (result: number | Promise<number>): Promise<void> => {
    code = await result;
  };
  const program = buildProgram(io, runDaemon, done);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof NativeUnavailable) {
      io.stderr.write(`netevd: ${error.message} (NETEVD_START_NATIVE)\n`);
      return ExitCode.failed;
    }
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  return code;
}

function buildProgram(io: CommandIo, runDaemon: RunDaemon, done: Done): Command {
  const program = new Command('netevd')
    .description('Watches the network and runs your scripts when it changes. Without a command: the daemon.')
    .option('-c, --config <file>', 'configuration file', defaultConfigPath)
    .option('-v, --verbose', 'more in the log: once debug, twice trace', (_, count: number) => count + 1, 0)
    .option('--dry-run', 'watch, and say what would be done, but run no script and change nothing', false)
    .version(version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this help')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(netevd --help tells what there is)')
    .enablePositionalOptions()
    .exitOverride();
  const globals = (): GlobalOptions => program.opts<GlobalOptions>();
  program.allowExcessArguments().action(() => {
    const [unknown] = program.args;
    return done(unknown === undefined ? runDaemon(globals()) : refuseCommand(unknown, program, io));
  });
  program
    .command('start')
    .description('run the daemon in the foreground (the same as no command)')
    .action(() => done(runDaemon(globals())));
  addInspection(program, io, done, globals);
  addHookCommands(program, io, done, () => globals().config);
  addRoutingCommands(program, io, done, () => globals().config);
  addMigrateCommand(program, io, done, () => globals().config);
  for (const command of program.commands) command.exitOverride().configureOutput(program.configureOutput());
  return program;
}

function refuseCommand(name: string, program: Command, io: CommandIo): ExitCode {
  const near = nearest(
    name,
    program.commands.map((command) => command.name()),
  );
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  io.stderr.write(`netevd: there is no command '${name}'${hint} (netevd --help tells what there is)\n`);
  return ExitCode.usage;
}

function addInspection(program: Command, io: CommandIo, done: Done, globals: () => GlobalOptions): void {
  program
    .command('validate')
    .description('check the configuration file and say everything that is wrong with it')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action((options: { config?: string; format: OutputFormat }) =>
      done(runValidate({ config: options.config ?? globals().config, format: options.format }, io)),
    );
  program
    .command('version')
    .description('version, runtime and kernel')
    .addOption(formatOption('text'))
    .action((options: { format: OutputFormat }) => done(runVersion(options.format, io)));
}
