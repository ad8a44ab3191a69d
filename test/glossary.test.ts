/** The vocabulary of docs/internals/GLOSSARY.md against the names that the code exports. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '..');

interface Row {
  readonly term: string;
  /** Words that the term replaces. */
  readonly instead: readonly string[];
}

function glossary(): Row[] {
  const page = readFileSync(join(root, 'docs/internals/GLOSSARY.md'), 'utf8');
  return [...page.matchAll(/^\| (.+?) \| .+? \| (.*?) ?\|$/gm)]
    .slice(1)
    .map(([, term = '', not = '']) => ({ term, instead: not.split(',').map((word) => word.trim()) }));
}

interface ExportedName {
  readonly name: string;
  readonly file: string;
  readonly isType: boolean;
}

const declaration =
  /^export (?:abstract |async |declare )*(const|function|class|interface|type) ([A-Za-z0-9_]+)/gm;

const exported: readonly ExportedName[] = readdirSync(join(root, 'src'), {
  recursive: true,
  encoding: 'utf8',
})
  .filter((file) => /(?<!\.test)\.tsx?$/.test(file))
  .flatMap((file) =>
    [...readFileSync(join(root, 'src', file), 'utf8').matchAll(declaration)].map(([, kind, name = '']) => ({
      name,
      file,
      isType: kind === 'class' || kind === 'interface' || kind === 'type',
    })),
  );

/** `hostStatusOf` → host, status, of. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _]/);

/** Words of the early code that a reader had to translate, beside those of the column "not". */
const archaic = [
  'anew',
  'heed',
  'whoever',
  'told',
  'tell',
  'heard',
  'hear',
  'said',
  'wish',
  'strangers',
  'nought',
];
/** Words of the column that are right in another sense: `instance` of a class, `interface` of a link in the API. */
const allowed = new Set([
  'interface',
  'instance',
  'generator',
  'background',
  'probe',
  'cursor',
  'heartbeat',
  'fight',
  'way',
]);

test('no exported name has a word that the glossary replaces', () => {
  const single = glossary().flatMap(({ instead }) => instead.filter((word) => /^[a-z]+$/.test(word)));
  const banned = new Set([...single, ...archaic].filter((word) => !allowed.has(word)));
  expect(banned.size).toBeGreaterThan(20);
  const found = exported.flatMap(({ name, file }) =>
    wordsOf(name).some((word) => banned.has(word)) ? [`${file}: ${name}`] : [],
  );
  expect(found).toEqual([]);
});

test('every term of the glossary is in use, in a name or in a document', () => {
  const names = new Set(exported.flatMap(({ name }) => wordsOf(name)));
  const documents = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.endsWith('GLOSSARY.md'))
    .map((file) => readFileSync(join(root, 'docs', file), 'utf8').toLowerCase())
    .join('\n');
  const unused = glossary()
    .flatMap(({ term }) => term.split(', '))
    .filter((term) => !term.split(' ').every((word) => names.has(word) || names.has(`${word}s`)))
    .filter((term) => !documents.includes(term));
  expect(unused).toEqual([]);
});

test('the terms are in alphabetical order, each once', () => {
  const terms = glossary().map(({ term }) => term);
  expect(terms.length).toBeGreaterThan(80);
  expect(terms).toEqual([...new Set(terms)].sort((a, b) => a.localeCompare(b)));
});

test('no type name has two meanings', () => {
  const files = new Map<string, string[]>();
  for (const { name, file, isType } of exported) {
    // The types of the API import nothing, so that they compile in a browser: some repeat a type of the core.
    if (!isType || file.startsWith('core/view/types/') || file.startsWith('web/')) continue;
    files.set(name, [...(files.get(name) ?? []), file]);
  }
  const twice = [...files]
    .filter(([, where]) => where.length > 1)
    .map(([name, where]) => `${name}: ${where.join(', ')}`);
  expect(twice).toEqual([]);
});
