/** `netevd migrate` on the command line. Its parts, and the TOML parser, are loaded when it runs. */
import type { Command } from 'commander';
import { configOption, type Done, formatOption } from '../options.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';

interface MigrateFlags {
  readonly from?: string;
  readonly apply?: boolean;
  readonly removeStaleRouting?: boolean;
  readonly config?: string;
  readonly format: OutputFormat;
}

/** `configFile` is that of the options before the command. */
export function addMigrateCommand(
  program: Command,
  io: CommandIo,
  done: Done,
  configFile: () => string,
): void {
  program
    .command('migrate')
    .description('Take over configuration and scripts from another program; says what it would do')
    .argument(
      '[source...]',
      'network-broker, netevd-rust, networkd-dispatcher, NetworkManager, ifupdown (default: those that are there)',
    )
    .option('--from <path>', 'where the files of the source are, in place of its usual directory')
    .option('--apply', 'do it; nothing is ever overwritten')
    .option('--remove-stale-routing', 'with --apply, remove rules and routes that a predecessor has left')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action((sources: string[], { config = configFile(), ...flags }: MigrateFlags) =>
      done(run(sources, { config, ...flags }, io)),
    );
}

async function run(
  sources: readonly string[],
  {
    from,
    apply = false,
    removeStaleRouting = false,
    config,
    format,
  }: MigrateFlags & { readonly config: string },
  io: CommandIo,
): Promise<number> {
  const [{ runMigrateCommand }, { realMigrateParts }] = await Promise.all([
    import('./migrate-command.ts'),
    import('./migrate-command-parts.ts'),
  ]);
  const options = {
    sources,
    apply,
    removeStaleRouting,
    config,
    format,
    ...(from === undefined ? {} : { from }),
  };
  return await runMigrateCommand(options, io, realMigrateParts());
}
