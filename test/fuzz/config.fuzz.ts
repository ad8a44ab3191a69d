/**
 * Feeds the configuration parser mutations of good and bad files, for as many seconds as the first argument says (10
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

const fixtures = join(import.meta.dir, '../fixtures/config');
const corpus = ['good', 'bad'].flatMap((folder) =>
  readdirSync(join(fixtures, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(fixtures, folder, name), 'utf8')),
);
const dictionary = [
  ': ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '&a ',
  '*a',
  '!!x ',
  '|\n',
  '>-\n',
  '\n',
  '\r\n',
  '\t',
  '  ',
]
  .concat([
    '#',
    '? ',
    '---\n',
    '...\n',
    '%YAML 1.2\n',
    '<<: ',
    '~',
    'null',
    'true',
    '.nan',
    '1e400',
    '0x1F',
    '-1',
  ])
  .concat([
    'network:\n',
    'filters:\n',
    'condition: ',
    '((((',
    '&&',
    '==',
    '[!',
    '\u0000',
    '\ud800',
    '\u2028',
    '\u001b',
  ])
  .concat(['__proto__: ', 'constructor: ', 'eth[', '/../', '::', '4294967296']);

/** Slowest single input that is still fine, in milliseconds, for the 16 KiB that one has at most. */
const patience = 2000;

/** xorshift32: the same seed gives the same run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutate(random: (below: number) => number): string {
  let text = corpus[random(corpus.length)] ?? '';
  for (let i = random(6); i >= 0; i--) {
    const from = random(text.length + 1);
    const to = Math.min(text.length, from + random(30));
    const word = dictionary[random(dictionary.length)] ?? '';
    const donor = corpus[random(corpus.length)] ?? '';
    const start = random(donor.length + 1);
    const choices = [
      text.slice(0, from) + text.slice(to),
      text.slice(0, from) + word + text.slice(from),
      text.slice(0, from) + String.fromCharCode(random(256)) + text.slice(from + 1),
      text.slice(0, from) + donor.slice(start, start + random(200)) + text.slice(from),
      `${text}\n${donor}`,
      text.slice(0, to) + text.slice(from, to).repeat(random(20)) + text.slice(to),
    ];
    text = choices[random(choices.length)] ?? '';
  }
  return text.slice(0, 16_384);
}

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

const seconds = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Date.now() % 0x7fffffff);
const random = randomFrom(seed);
const end = performance.now() + seconds * 1000;
let inputs = 0;
while (performance.now() < end) {
  const text = mutate(random);
  try {
    tryOne(text);
  } catch (error) {
    const reason = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`config: seed ${seed}, input ${inputs}: ${reason}\n${JSON.stringify(text)}\n`);
    process.exit(1);
  }
  inputs++;
}
process.stdout.write(`config: ${inputs} inputs in ${seconds} s, seed ${seed}\n`);
