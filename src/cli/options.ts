/** Options that several commands have. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ColourChoice, colourChoices, type OutputFormat, outputFormats } from './render/output.ts';

/** Takes the result of a command: its exit code. */
export type Done = (result: number | Promise<number>) => Promise<void>;

const notEmpty = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('expected a path');
  return text;
};

/** Parses one of some words. */
const oneOf =
  <T extends string>(choices: readonly T[]) =>
  (text: string): T => {
    const choice = choices.find((known) => known === text);
    if (choice === undefined) throw new InvalidArgumentError(`expected ${choices.join(', ')}`);
    return choice;
  };

/** Parses a whole number from `min`. */
export const wholeNumber =
  (min: number, what: string) =>
  (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= min)) throw new InvalidArgumentError(`expected ${what}`);
    return number;
  };

/** The file that a command reads in place of the usual one. */
export const configOption = (): Option =>
  new Option('-c, --config <file>', 'configuration file').argParser(notEmpty);

/** `-o` of one command; `preset` if neither the command nor the program has it. */
export const formatOption = (preset: OutputFormat): Option => formatChoice().default(preset);

const formatChoice = (): Option =>
  new Option('-o, --format <format>', 'text, table, json or yaml')
    .argParser(oneOf<OutputFormat>(outputFormats))
    .helpGroup('Output:');

const colourOption = (): Option =>
  new Option('--color <when>', 'auto, always or never')
    .argParser(oneOf<ColourChoice>(colourChoices))
    .helpGroup('Output:');

const parseFields = (text: string): readonly string[] =>
  text
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '');

/** Options of the commands that ask the daemon. */
const remoteOptions = (): readonly Option[] => [
  formatOption('text'),
  new Option('--fields <keys>', 'only these, in this order: name,state')
    .argParser(parseFields)
    .helpGroup('Output:'),
  new Option('--no-header', 'without titles and totals').helpGroup('Output:'),
  ...connectionOptions(),
];

/** Where the daemon is. */
export const connectionOptions = (): readonly Option[] => [
  new Option('--endpoint <url>', 'unix:/path, http://host:port or https://host:port').helpGroup(
    'Connection:',
  ),
  new Option('--token-file <file>', 'file with the token (default: $NETEVD_TOKEN)').helpGroup('Connection:'),
];

/** Options that may stand before any command; what a command was given itself is stronger. */
export function addSharedOptions(program: Command): void {
  const fields = new Option('--fields <keys>').argParser(parseFields).hideHelp();
  const noHeader = new Option('--no-header').hideHelp();
  for (const option of [formatChoice(), colourOption(), fields, noHeader, ...connectionOptions()]) {
    program.addOption(option);
  }
}

const sharedKeys = ['format', 'color', 'fields', 'header', 'endpoint', 'tokenFile'] as const;

/** Hands options that stand before the command to the command, if it has such an option and was not given it. */
export function inheritOptions(program: Command, command: Command): void {
  for (const key of sharedKeys) {
    const isKnown = command.options.some((option) => option.attributeName() === key);
    if (!isKnown || command.getOptionValueSource(key) === 'cli') continue;
    if (program.getOptionValueSource(key) === 'cli') command.setOptionValue(key, program.getOptionValue(key));
  }
}

const remote = new WeakSet<Command>();

/** Marks a command that asks the daemon. Its shared options are added last, so that its own come first in the help. */
export const markRemote = (command: Command): void => void remote.add(command);

/** Adds the shared options to every command, and refuses surplus arguments. */
export function finishCommands(parent: Command): void {
  for (const command of parent.commands) {
    command.allowExcessArguments(false).exitOverride().configureOutput(parent.configureOutput());
    if (remote.has(command)) for (const option of remoteOptions()) command.addOption(option);
    command.addOption(colourOption());
    finishCommands(command);
  }
}
