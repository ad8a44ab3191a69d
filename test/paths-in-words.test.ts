/** Documents and comments name files and folders; each of those is there. */
import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { effectHandlers } from '../src/daemon/wiring/effect-handlers.ts';

const root = join(import.meta.dir, '..');
const pattern =
  /(?<![\w/.-])(?:src|test|tools|native|docs|packaging)\/(?:[\w./-]*\w\.(?:ts|c|h|mjs|sh|md|yaml)\b|(?:[\w.-]+\/)+(?=`))/g;

/** Files whose words are read: what is captured or generated has none of ours. */
function texts(): string[] {
  const below = ['src', 'test', 'tools', 'native', 'docs', 'packaging'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|c|h|mjs|sh|md)$/.test(name) && !/(^|\/)fixtures\//.test(name))
      .map((name) => join(folder, name)),
  );
  const above = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'Makefile'];
  return [...below, ...above].filter((name) => existsSync(join(root, name)));
}

const pathsIn = (text: string): string[] => text.match(pattern) ?? [];

test('every file and folder that a document or a comment names is there', () => {
  const files = texts();
  expect(files.length).toBeGreaterThan(300);
  const missing = files.flatMap((file) =>
    pathsIn(readFileSync(join(root, file), 'utf8'))
      .filter((path) => !path.includes('NAME') && !existsSync(join(root, path)))
      .map((path) => `${file} names ${path}`),
  );
  expect(missing).toEqual([]);
});

test('a path is known as one, whatever stands around it', () => {
  const text =
    'See `src/core/engine.ts`, (test/lab/up.sh), `src/core/diff/` and "docs/hooks.md"; not /usr/src/a/b.c nor ../src/x.ts.';
  expect(pathsIn(text)).toEqual(['src/core/engine.ts', 'test/lab/up.sh', 'src/core/diff/', 'docs/hooks.md']);
});

test('docs/ARCHITECTURE.md names every room of src, and no other', () => {
  const words = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
  const table = words.slice(words.indexOf('## Rooms'), words.indexOf('### Inside the core'));
  const named = [...table.matchAll(/^\| `([a-z]+)\/` \|/gm)].map(([, name]) => name);
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(new Set<string | undefined>(rooms)).toEqual(new Set(named));
});

test('docs/ARCHITECTURE.md names every effect, and no other', () => {
  const words = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
  const table = words.slice(words.indexOf('## Effects'), words.indexOf('## Rooms'));
  const named = [...table.matchAll(/^\| `([A-Za-z]+)` \|/gm)].map(([, name = '']) => name);
  const handlers = effectHandlers(() => {
    throw new Error('no effect is carried out');
  });
  expect(new Set(named)).toEqual(new Set(Object.keys(handlers)));
  expect(named).toHaveLength(Object.keys(handlers).length);
});
