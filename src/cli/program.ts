/** The command line: commands, options and help. Each command has its own file. */
import { Command, CommanderError } from 'commander';
import { defaultConfigPath } from '../config/index.ts';
import { nearest } from '../core/model/nearest.ts';
import { ExitCode } from '../exit-code.ts';
import type { GlobalOptions } from '../global-options.ts';
import { NativeLoadError } from '../platform/native.ts';
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

/**
 * Parses `args` (without the program's own name), runs the command, and resolves with the exit code. Never
 * throws on input.
 */
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
    if (error instanceof NativeLoadError) {
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
    .description('Watch the network and run hooks when it changes. Without a command: run the daemon.')
    .option('-c, --config <file>', 'configuration file', defaultConfigPath)
    .option('-v, --verbose', 'log more: once debug, twice trace', (_, count: number) => count + 1, 0)
    .option('--dry-run', 'log what would be done; run no hook and change nothing', false)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(see netevd --help)')
    .enablePositionalOptions()
    .exitOverride();
  const globals = (): GlobalOptions => program.opts<GlobalOptions>();
  program.allowExcessArguments().action(() => {
    const [unknown] = program.args;
    return done(unknown === undefined ? runDaemon(globals()) : refuseCommand(unknown, program, io));
  });
  program
    .command('start')
    .description('Run the daemon in the foreground (same as no command)')
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
  io.stderr.write(`netevd: unknown command '${name}'${hint} (see netevd --help)\n`);
  return ExitCode.usage;
}

function addInspection(program: Command, io: CommandIo, done: Done, globals: () => GlobalOptions): void {
  program
    .command('validate')
    .description('Validate the configuration and list all problems')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action((options: { config?: string; format: OutputFormat }) =>
      done(runValidate({ config: options.config ?? globals().config, format: options.format }, io)),
    );
  program
    .command('version')
    .description('Print version, runtime and kernel')
    .addOption(formatOption('text'))
    .action((options: { format: OutputFormat }) => done(runVersion(options.format, io)));
}
