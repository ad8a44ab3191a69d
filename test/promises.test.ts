/** What documents, unit files, scripts and messages name exists: commands, keys of the configuration, paths of the API. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandNames } from '../src/cli/program.ts';
import { legacyKeys } from '../src/config/legacy/legacy-keys.ts';
import type { AnyEntries } from '../src/config/schema/key.ts';
import { configKeys } from '../src/config/schema/keys.ts';

const root = join(import.meta.dir, '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

const below = (folder: string, pattern: RegExp): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name) && !/(^|\/)(fixtures|decisions)\//.test(name))
    .map((name) => join(folder, name));

/** Files that operators read. */
const pages = [
  'README.md',
  'SECURITY.md',
  ...below('docs', /\.md$/),
  ...below('packaging', /\.(md|catalog)$/),
];
/** Files that run commands, or show them in comments. */
const scripts = below('packaging', /\.(service|yaml|conf|rules|sh)$/);
/** Files whose strings operators read: messages, help, fixes. */
const sources = below('src', /(?<!\.test)\.ts$/).filter((name) => !name.startsWith('src/testing/'));

/** The code of a page: spans, fenced and indented blocks, without the comments of shell lines. */
function codeOf(text: string): string {
  const fenced = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
  const indented = text.split('\n').filter((line) => /^ {4}\S/.test(line));
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '');
  return [...fenced, ...indented, ...spans].join('\n').replaceAll(/\s#\s.*$/gm, '');
}

/** The commands of a script or unit: of `Exec…=`, after "try:" and in backticks. */
const commandsOf = (text: string): string =>
  [...text.matchAll(/^Exec\w+=\S*?(netevd .*)$|try: (?:sudo )?(netevd .*)$|`(netevd [^`]*)`/gm)]
    .map(([, first, second, third]) => first ?? second ?? third ?? '')
    .join('\n');

const stringsOf = (source: string): string =>
  [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map(([, a, b]) => a ?? b).join('\n');

describe('every command that is named exists', () => {
  const known = new Set([...commandNames(), 'complete']);
  const unknownIn = (text: string): readonly string[] =>
    [...text.matchAll(/(?<![\w/.@-])netevd ([a-z][a-z-]+)\b/g)]
      .map(([, word]) => word ?? '')
      .filter((word) => !known.has(word));
  const complaints = (files: readonly string[], part: (text: string) => string): readonly string[] =>
    files.flatMap((name) => unknownIn(part(read(name))).map((word) => `${name}: netevd ${word}`));

  test('in documents', () => {
    // "netevd reports a problem" is a message of an example.
    expect(complaints(pages, (text) => codeOf(text).replaceAll(/"[^"\n]*"/g, '""'))).toEqual([]);
  });

  test('in scripts, unit files and their comments', () => {
    expect(complaints(scripts, commandsOf)).toEqual([]);
  });

  test('in messages and help', () => {
    const quoted = (source: string): string =>
      [...stringsOf(source).matchAll(/["'`]netevd [^"'`]*["'`]|try: (sudo )?netevd \S+/g)]
        .map(([text]) => text)
        .join('\n');
    expect(complaints(sources, quoted)).toEqual([]);
  });

  test('and the check finds one that does not', () => {
    expect(unknownIn(codeOf('run `netevd frobnicate` or `netevd hooks`'))).toEqual(['frobnicate']);
    expect(unknownIn(commandsOf('ExecReload=/usr/bin/netevd valdate'))).toEqual(['valdate']);
  });
});

describe('every configuration key that is named exists', () => {
  const known = new Set([
    ...pathsOf(configKeys as AnyEntries, []),
    ...legacyKeys.flatMap(({ section, key }) => [section, `${section}.${key}`]),
    // Comes with the configuration of the history; its documents are there already.
    'events.max_size_mb',
  ]);
  const sections = new Set([...known].filter((path) => !path.includes('.')));
  const unknownIn = (text: string): readonly string[] =>
    [...text.matchAll(/`([a-z_]+(?:\.[a-z_*]+)+)`/g)]
      .map(([, path]) => path ?? '')
      .filter((path) => sections.has(path.split('.')[0] ?? '') && !known.has(path.replace(/\.\*$/, '')))
      .filter((path) => !/\.(d|md|yaml|conf|service|db|log|sock)$/.test(path));

  test('in documents', () => {
    const unknown = pages.flatMap((name) => unknownIn(read(name)).map((path) => `${name}: ${path}`));
    expect(unknown).toEqual([]);
  });

  test('and the check finds one that does not', () => {
    expect(unknownIn('set `hooks.colour` or `hooks.directory` or `audit.*`')).toEqual(['hooks.colour']);
  });
});

describe('every path of the API that is named exists', () => {
  const table = [...read('src/core/view/types/endpoints.ts').matchAll(/^ {2}'(\/[^']*)'/gm)].map(
    ([, path]) => path ?? '',
  );
  const known = new Set([...table, '/api/v1/reload', '/api/v1/config/validate', '/api/v1/events/stream']);
  const patterns = [...known].map((path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`));
  const unknownIn = (text: string): readonly string[] =>
    [...text.matchAll(/\/api\/v1\/[\w/{}.-]*/g)]
      .map(([path]) => path.replace(/[./]$/, ''))
      .filter((path) => path !== '/api/v1' && !patterns.some((pattern) => pattern.test(path)));

  test('in documents and scripts', () => {
    const unknown = [...pages, ...scripts].flatMap((name) =>
      unknownIn(read(name)).map((path) => `${name}: ${path}`),
    );
    expect(unknown).toEqual([]);
  });

  test('and the check finds one that does not', () => {
    expect(unknownIn('curl /api/v1/interfaces/eth0 /api/v1/interface')).toEqual(['/api/v1/interface']);
  });
});

/** Dotted paths of the keys and groups. */
function pathsOf(entries: AnyEntries, above: readonly string[]): readonly string[] {
  return Object.values(entries).flatMap((one) => {
    const path = [...above, one.name];
    return [path.join('.'), ...(one.kind === 'group' ? pathsOf(one.keys as AnyEntries, path) : [])];
  });
}
