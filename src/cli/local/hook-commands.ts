/** The commands `netevd hooks` and `netevd test`. */
import type { Command } from 'commander';
import { loadNative } from '../../platform/native.ts';
import type { DaemonView } from '../daemon-view.ts';
import { withExamples } from '../help-text.ts';
import { configOption, type Done, formatOption } from '../options.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';
import type { LookupUser } from './hook-user.ts';
import { type HooksOptions, runHooksCommand } from './hooks-command.ts';
import { runTestCommand, type TestOptions } from './test-command.ts';
import { testCommandParts } from './test-command-parts.ts';
import { unitUser } from './unit-user.ts';

/** Connects to the daemon of a configuration file. */
export type OpenDaemon = (configFile: string) => Promise<DaemonView>;

interface HooksFlags {
  readonly config?: string;
  readonly format: OutputFormat;
}

interface TestFlags extends HooksFlags {
  readonly interface?: string;
  readonly eventType?: string;
  readonly ip: readonly string[];
}

/** `configFile` returns the file of the options before the command. */
export function addHookCommands(
  program: Command,
  io: CommandIo,
  done: Done,
  configFile: () => string,
  openDaemon: OpenDaemon,
): void {
  const hooks = program
    .command('hooks')
    .description('List all hooks and why each runs or does not')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action(({ config = configFile(), format }: HooksFlags) =>
      done(runHooks({ config, format }, io, openDaemon)),
    );
  withExamples(hooks, 'netevd hooks', 'netevd hooks -o table');
  const test = program
    .command('test')
    .description('Run a script as the daemon would, with a sample event')
    .argument('<script>', 'a path, a path below the hook directory, or the name of a hook')
    .option('-i, --interface <name>', 'link of the event, existing or not')
    .option(
      '-t, --event-type <event>',
      "event: the name of a hook directory (default: the script's, else routable)",
    )
    .option('--ip <address>', 'address of the link instead of its own; can be repeated', collect, [])
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action((script: string, flags: TestFlags) => {
      const { config = configFile(), format, ip, interface: link, eventType: event } = flags;
      const options = {
        script,
        config,
        format,
        ip,
        ...(link !== undefined && { interface: link }),
        ...(event !== undefined && { event }),
      };
      return done(runTest(options, io, openDaemon));
    });
  withExamples(
    test,
    'netevd test 10-log',
    'netevd test no-carrier.d/10-alert -i eth0',
    'netevd test ./new-hook -t address-added --ip 192.0.2.7',
  );
}

async function runHooks(options: HooksOptions, io: CommandIo, openDaemon: OpenDaemon): Promise<number> {
  const daemon = await openDaemon(options.config);
  const lookup: LookupUser = (name) => loadNative().lookupUser(name);
  return await runHooksCommand(options, io, { daemon, lookup, unitUser: unitUser() });
}

async function runTest(options: TestOptions, io: CommandIo, openDaemon: OpenDaemon): Promise<number> {
  const daemon = await openDaemon(options.config);
  return await runTestCommand(options, io, testCommandParts(loadNative(), io, daemon));
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
