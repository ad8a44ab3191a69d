/**
 * Feeds the configuration parser mutations of good and bad files, for as many seconds as the first argument (10
 * without one). Nothing may throw or hang, what is taken must be frozen and mean the same when written out, and what is
 * refused must say why on one printable line. `bun test/fuzz/config.fuzz.ts 60 [SEED]`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import {
  type Config,
  describeConfig,
  formatProblem,
  type ParsedConfig,
  parseConfig,
} from '../../src/config/index.ts';
import { isSame } from '../../src/config/sections.ts';
import { fuzz, mutatedText } from './fuzzer.ts';

const fixtures = join(import.meta.dir, '../fixtures/config');
const corpus = ['good', 'bad'].flatMap((folder) =>
  readdirSync(join(fixtures, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(fixtures, folder, name), 'utf8')),
);
// biome-ignore format: one group of words on a line
const dictionary = [
  ': ', '- ', '[', ']', '{', '}', '"', "'", '&a ', '*a', '!!x ', '|\n', '>-\n', '\n', '\r\n', '\t', '  ',
  '#', '? ', '---\n', '...\n', '%YAML 1.2\n', '<<: ', '~', 'null', 'true', '.nan', '1e400', '0x1F', '-1',
  'network:\n', 'filters:\n', 'condition: ', '((((', '&&', '==', '[!', '\u0000', '\ud800', '\u2028', '\u001b',
  '__proto__: ', 'constructor: ', 'eth[', '/../', '::', '4294967296',
];

/** Slowest single input that is still fine, in milliseconds, for the 16 KiB that one has at most. */
const patience = 2000;

const parse = (text: string): ParsedConfig => parseConfig(text, { file: 'fuzz', env: {} });

const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen));

function checkTaken(config: Config): void {
  if (!isFrozen(config)) throw new Error('a configuration that is not frozen');
  const again = parse(stringify(describeConfig(config)));
  if (!again.ok || !isSame(again.config, config)) throw new Error('a configuration that does not read back');
}

function tryOne(text: string): void {
  const started = performance.now();
  const parsed = parse(text);
  if (performance.now() - started > patience) throw new Error('too slow');
  if (!parsed.ok && parsed.problems.length === 0) throw new Error('refused without a reason');
  const lines = [...(parsed.ok ? [] : parsed.problems), ...parsed.warnings].map(formatProblem);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const bad = lines.find((line) => /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line));
  if (bad !== undefined) throw new Error(`a message that is not one line: ${JSON.stringify(bad)}`);
  if (parsed.ok) checkTaken(parsed.config);
}

fuzz({
  name: 'config',
  make: (random) => mutatedText({ corpus, dictionary }, random),
  tryOne,
  show: JSON.stringify,
});
