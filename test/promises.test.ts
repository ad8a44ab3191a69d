/** What documents, catalogue, unit, sample configuration and messages name exists: commands, keys, endpoints, files. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandNames } from '../src/cli/program.ts';
import { publishedSchema } from '../src/config/schema/json-schema.ts';

const root = join(import.meta.dir, '..');

function below(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !/(^|\/)(fixtures|decisions)\//.test(name))
    .map((name) => join(folder, name));
}

/** Files that operators read. */
const documents = [
  'README.md',
  'SECURITY.md',
  ...below('docs', /\.md$/),
  ...below('packaging', /\.(md|catalog|service|yaml|conf|rules|sh)$/),
];
/** Files whose string literals operators read: messages, help, fixes. */
const sources = below('src', /(?<!\.test)\.ts$/).filter((name) => !name.startsWith('src/testing/'));

/** The parts of a document that are commands or names: code spans, fenced and indented blocks. */
function codeOf(text: string): string {
  const fenced = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, code]) => code);
  const indented = text.split('\n').filter((line) => /^ {4}\S/.test(line));
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  return [...fenced, ...indented, ...spans].join('\n');
}

const isMarkdown = (name: string): boolean => /\.(md|catalog)$/.test(name);
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const stringsOf = (source: string): string =>
  [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(([, a, b]) => a ?? b).join('\n');

const commandPattern = /(?<![\w/.@-])netevd ([a-z][a-z-]+)\b/g;

describe('every command that is named exists', () => {
  const commands = new Set(commandNames());
  const unknownIn = (text: string): string[] =>
    [...text.matchAll(commandPattern)].map(([, word]) => word ?? '').filter((word) => !commands.has(word));

  test('in documents and packaging', () => {
    const unknown = documents.flatMap((name) => {
      const text = isMarkdown(name)
        ? codeOf(read(name))
        : read(name).replaceAll(/^\s*#.*$/gm, (line) => codeOf(line));
      return unknownIn(text).map((word) => `${name}: netevd ${word}`);
    });
    expect(unknown).toEqual([]);
  });

  test('in messages and help', () => {
    const unknown = sources.flatMap((name) => {
      const quoted = [...stringsOf(read(name)).matchAll(/["'`]netevd [^"'`]*["'`]|try: (sudo )?netevd \S+/g)];
      return quoted.flatMap(([text]) => unknownIn(text).map((word) => `${name}: netevd ${word}`));
    });
    expect(unknown).toEqual([]);
  });

  test('and the check finds one that does not', () => {
    expect(unknownIn(codeOf('run `netevd frobnicate` or `netevd hooks`'))).toEqual(['frobnicate']);
  });
});

/** Dotted paths of every key of the configuration. */
function keysOf(schema: object, path = ''): string[] {
  const { properties = {}, items } = schema as { properties?: Record<string, object>; items?: object };
  const own = Object.entries(properties).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [at, ...keysOf(value, at)];
  });
  return items === undefined ? own : [...own, ...keysOf(items, path), ...keysOf(items, `${path}[]`)];
}

describe('every configuration key that is named exists', () => {
  const keys = new Set(keysOf(publishedSchema()));
  const sections = new Set([...keys].filter((key) => !key.includes('.')));
  const unknownIn = (text: string): string[] =>
    [...text.matchAll(/`((?:[a-z_]+)(?:\.[a-z_*]+)+)`/g)]
      .map(([, key]) => key ?? '')
      .filter((key) => sections.has(key.split('.')[0] ?? ''))
      .filter((key) => !keys.has(key) && !key.endsWith('*') && !/\.(d|md|yaml|conf|service)$/.test(key));

  test('in documents', () => {
    const unknown = documents
      .filter(isMarkdown)
      .flatMap((name) => unknownIn(read(name)).map((key) => `${name}: ${key}`));
    expect(unknown).toEqual([]);
  });

  test('and the check finds one that does not', () => {
    expect(unknownIn('set `hooks.colour` or `hooks.directory`')).toEqual(['hooks.colour']);
  });
});
