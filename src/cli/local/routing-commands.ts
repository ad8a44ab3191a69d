/** The commands `netevd routing`, `netevd routing explain` and `netevd routing flush`. */
import type { Command } from 'commander';
import { configOption, type Done, formatOption } from '../options.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';
import { runExplainCommand } from './explain-command.ts';
import { runFlushCommand } from './flush-command.ts';
import { runRoutingCommand } from './routing-command.ts';
import { flushParts, routingCommandParts } from './routing-command-parts.ts';

interface RoutingFlags {
  readonly config?: string;
  readonly format: OutputFormat;
}

interface ExplainFlags {
  readonly iif?: string;
  readonly mark?: string;
  readonly format: OutputFormat;
}

/** `configFile` returns the file of the options before the command. */
export function addRoutingCommands(
  program: Command,
  io: CommandIo,
  done: Done,
  configFile: () => string,
): void {
  const routing = program
    .command('routing')
    .description('Show the rules and routes of each link with its own routing table, and what is missing')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .enablePositionalOptions()
    .action(({ config = configFile(), format }: RoutingFlags) =>
      done(runRoutingCommand({ config, format }, io, routingCommandParts())),
    );
  routing
    .command('explain')
    .description('Show which rule and which route decide about a packet, and where it goes')
    .argument('<source>', 'source address of the packet')
    .argument('<destination>', 'destination address of the packet')
    .option('--iif <link>', 'link by which the packet arrives (default: this machine sends it)')
    .option('--mark <mark>', 'firewall mark of the packet')
    .addOption(formatOption('text'))
    .exitOverride()
    .configureOutput(program.configureOutput())
    .action((source: string, destination: string, flags: ExplainFlags) =>
      done(runExplainCommand({ source, destination, ...flags }, io, routingCommandParts())),
    );
  routing
    .command('flush')
    .description('Remove every rule and route of netevd. A running netevd restores them: stop it first')
    .addOption(formatOption('text'))
    .exitOverride()
    .configureOutput(program.configureOutput())
    .action(({ format }: { readonly format: OutputFormat }) => done(flush(format, io)));
}

async function flush(format: OutputFormat, io: CommandIo): Promise<number> {
  await using parts = flushParts();
  return await runFlushCommand({ format }, io, parts);
}
