/** The commands `netevd record` and `netevd replay`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Millis } from '../../core/model/ids.ts';
import { SystemClock } from '../../platform/clock.ts';
import { loadNative } from '../../platform/native.ts';
import { withExamples } from '../help-text.ts';
import { configOption, type Done, formatOption } from '../options.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';
import type { LookupUser } from './hook-user.ts';
import type { RecordFacts, RecordOptions } from './record-command.ts';
import type { ReplayOptions } from './replay-command.ts';
import { unitUser } from './unit-user.ts';

export interface RecordingCommandParts {
  readonly done: Done;
  readonly record: RecordFacts;
  /** The file of the options before the command. */
  readonly configFile: () => string;
}

interface RecordFlags {
  readonly config?: string;
  readonly seconds?: number;
  readonly redact: boolean;
}

interface ReplayFlags {
  readonly config?: string;
  readonly hooks?: string;
  readonly realTime: boolean;
  readonly format: OutputFormat;
}

export function addRecordingCommands(program: Command, io: CommandIo, parts: RecordingCommandParts): void {
  addRecord(program, io, parts);
  addReplay(program, io, parts);
}

function addRecord(
  program: Command,
  io: CommandIo,
  { done, record, configFile }: RecordingCommandParts,
): void {
  const command = program
    .command('record')
    .description('Record what kernel and managers report to a file, for netevd replay and bug reports')
    .argument('<file>', 'new file; JSON lines')
    .option('--seconds <n>', 'stop after this time (default: at Ctrl-C)', parseSeconds)
    .option('--redact', 'replace addresses, names and DHCP values by stand-ins', false)
    .addOption(configOption())
    .action((file: string, { config = configFile(), seconds, redact }: RecordFlags) =>
      done(runRecord({ file, config, seconds, redact }, io, record)),
    );
  withExamples(command, 'netevd record trouble.jsonl --redact --seconds 600');
}

function addReplay(program: Command, io: CommandIo, { done, configFile }: RecordingCommandParts): void {
  const command = program
    .command('replay')
    .description('Show what netevd would do with a recording; runs no hook and changes nothing')
    .argument('<file>', 'recording of netevd record')
    .option('--hooks <directory>', 'hook directory instead of the configured one')
    .option('--real-time', 'in the tempo of the recording instead of at once', false)
    .addOption(configOption())
    .addOption(formatOption('text'))
    .action((file: string, { config = configFile(), hooks, realTime, format }: ReplayFlags) =>
      done(runReplay({ file, config, hooks, realTime, format }, io)),
    );
  withExamples(command, 'netevd replay trouble.jsonl', 'netevd replay trouble.jsonl --hooks ./hooks -o json');
}

async function runRecord(options: RecordOptions, io: CommandIo, record: RecordFacts): Promise<number> {
  return (await import('./record-command.ts')).runRecordCommand(options, io, record);
}

async function runReplay(options: ReplayOptions, io: CommandIo): Promise<number> {
  const { runReplayCommand } = await import('./replay-command.ts');
  const lookup: LookupUser = (name) => loadNative().lookupUser(name);
  return runReplayCommand(options, io, { user: { lookup, unitUser: unitUser() }, wait });
}

function wait(time: Millis): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  new SystemClock().schedule(time, resolve);
  return promise;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0) || seconds > 86_400 * 7)
    throw new InvalidArgumentError('expected seconds, up to a week');
  return seconds;
}
