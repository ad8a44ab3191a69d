/** Options that several commands share. */
import { InvalidArgumentError, Option } from 'commander';
import { type OutputFormat, outputFormats } from './render/output.ts';

/** Receives the exit code of a command. */
export type Done = (result: number | Promise<number>) => Promise<void>;

export const configOption = (): Option => new Option('-c, --config <file>', 'configuration file');

export const formatOption = (preset: OutputFormat): Option =>
  new Option('-o, --format <format>', 'text, table, json or yaml')
    .default(preset)
    .argParser((text: string): OutputFormat => {
      const format = outputFormats.find((known) => known === text);
      if (format === undefined) throw new InvalidArgumentError(`expected ${outputFormats.join(', ')}`);
      return format;
    });
