/** What package.json lists, what docs/dependencies.md gives a reason for, and what the code imports are the same. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf } from '../tools/layers.ts';

const root = join(import.meta.dir, '..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

type Named = Readonly<Record<string, string>>;
const listed = JSON.parse(text('package.json')) as {
  readonly dependencies: Named;
  readonly devDependencies: Named;
  readonly optionalDependencies: Named;
};

/** Package names in the table, with whether they are in the program. */
const explained = [...text('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(
  ([, name = '', where = '']) => ({ name, isInProgram: where.trim() !== 'no' }),
);

/** `zod/mini` is of `zod`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function packagesOf(folder: string, isMeant: (name: string) => boolean): Set<string> {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && isMeant(name))
    .flatMap((name) => importsOf(text(join(folder, name))))
    .map(({ specifier }) => specifier)
    .filter((specifier) => !/^(\.|node:|bun:)/.test(specifier))
    .map(packageOf);
  return new Set(names);
}

/** The program's own files: not tests, and not what only they use. */
const isShipped = (name: string): boolean => !/\.test\.tsx?$/.test(name) && !name.startsWith('testing/');

describe('dependencies', () => {
  test('have their line and reason, each and no other', () => {
    const { dependencies, devDependencies, optionalDependencies } = listed;
    const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).map((name) =>
      name.replace(/^@oven\/bun-linux-.*$/, '@oven/bun-linux-*'),
    );
    expect(new Set(explained.map(({ name }) => name))).toEqual(new Set(names));
  });

  test('of the program are those that it imports', () => {
    expect(new Set(Object.keys(listed.dependencies))).toEqual(packagesOf('src', isShipped));
  });

  test('packages in the program are distinguished from tools', () => {
    const inProgram = explained.filter(({ isInProgram }) => isInProgram).map(({ name }) => name);
    expect(new Set(inProgram)).toEqual(new Set([...Object.keys(listed.dependencies), '@oven/bun-linux-*']));
  });
});

test('a package is known by its name, also where a part of it is imported', () => {
  expect(['zod/mini', '@types/bun', '@oven/bun-linux-x64/bin/bun', 'yaml'].map(packageOf)).toEqual([
    'zod',
    '@types/bun',
    '@oven/bun-linux-x64',
    'yaml',
  ]);
});
