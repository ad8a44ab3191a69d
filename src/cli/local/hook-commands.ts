/** The commands `netevd hooks` and `netevd test`. */
import type { Command } from 'commander';
import { loadNative } from '../../platform/native.ts';
import { configOption, type Done, formatOption } from '../options.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';
import { runHooksCommand } from './hooks-command.ts';
import { runTestCommand } from './test-command.ts';
import { testCommandParts } from './test-command-parts.ts';

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
export function addHookCommands(program: Command, io: CommandIo, done: Done, configFile: () => string): void {
  program
    .command('hooks')
    .description('List all hooks and why each runs or does not')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action(({ config = configFile(), format }: HooksFlags) =>
      done(runHooksCommand({ config, format }, io, (name) => loadNative().lookupUser(name))),
    );
  program
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
      return done(runTestCommand(options, io, testCommandParts(loadNative(), io)));
    });
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
