/** `netevd routing` and `netevd routing explain` on the command line. */
import type { Command } from 'commander';
import { configOption, type Done, formatOption } from '../options.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';
import { runExplainCommand } from './explain-command.ts';
import { runRoutingCommand } from './routing-command.ts';
import { routingCommandParts } from './routing-command-parts.ts';

interface RoutingFlags {
  readonly config?: string;
  readonly format: OutputFormat;
}

interface ExplainFlags {
  readonly iif?: string;
  readonly mark?: string;
  readonly format: OutputFormat;
}

/** `configFile` is that of the options before the command. */
export function addRoutingCommands(
  program: Command,
  io: CommandIo,
  done: Done,
  configFile: () => string,
): void {
  const routing = program
    .command('routing')
    .description('say of each link with a table of its own which rules and routes it has, and which it lacks')
    .addOption(configOption())
    .addOption(formatOption('text'))
    .enablePositionalOptions()
    .action(({ config = configFile(), format }: RoutingFlags) =>
      done(runRoutingCommand({ config, format }, io, routingCommandParts())),
    );
  routing
    .command('explain')
    .description('say which rule and which route decide about a packet, and where it goes')
    .argument('<source>', 'the address that it comes from')
    .argument('<destination>', 'the address that it goes to')
    .option('--iif <link>', 'it came in by this link (default: this machine sends it)')
    .option('--mark <mark>', 'its firewall mark')
    .addOption(formatOption('text'))
    .exitOverride()
    .configureOutput(program.configureOutput())
    .action((source: string, destination: string, flags: ExplainFlags) =>
      done(runExplainCommand({ source, destination, ...flags }, io, routingCommandParts())),
    );
}
