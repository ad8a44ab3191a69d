/**
 * Prints the licences of what the executable contains: the runtime, and each package that it bundles.
 *
 *   bun tools/third-party-licenses.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../package.json' with { type: 'json' };

const runtime = `# Bun

The runtime, https://bun.sh: MIT licence, copyright Oven. It contains JavaScriptCore (LGPL-2.1) and other libraries, whose
licences https://github.com/oven-sh/bun/blob/main/LICENSE.md lists.
`;

interface Package {
  readonly version: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const folderOf = (name: string): string => join(import.meta.dir, '../node_modules', name);
const manifestOf = (name: string): Package =>
  JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'));

/** `names`, and what these packages need in turn, in order of their names. */
function withTheirs(names: readonly string[], known: Set<string> = new Set()): readonly string[] {
  for (const name of names) {
    if (known.has(name)) continue;
    known.add(name);
    withTheirs(Object.keys(manifestOf(name).dependencies ?? {}), known);
  }
  return [...known].sort((a, b) => (a < b ? -1 : 1));
}

/** A package that ships no text of its licence must not be built in: this throws then. */
function licence(name: string): string {
  const { version, license } = manifestOf(name);
  const file = readdirSync(folderOf(name)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} ships no licence text`);
  const text = readFileSync(join(folderOf(name), file), 'utf8').trim();
  return `# ${name} ${version}\n\n${license}\n\n${text}\n`;
}

const names = withTheirs(Object.keys(manifest.dependencies));
process.stdout.write([runtime, ...names.map(licence)].join('\n'));
