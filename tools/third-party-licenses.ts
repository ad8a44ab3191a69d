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
  /** `Name (address)`; npm allows other forms, which no package here has. */
  readonly author?: string;
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

/** Throws for a package that states no licence, or another than MIT without its text: it must not be built in. */
function licence(name: string): string {
  const { version, license, author } = manifestOf(name);
  const file = readdirSync(folderOf(name)).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined && (license !== 'MIT' || author === undefined)) {
    throw new Error(`${name} ships no licence text`);
  }
  const text =
    file === undefined ? mit(author ?? '') : readFileSync(join(folderOf(name), file), 'utf8').trim();
  return `# ${name} ${version}\n\n${license}\n\n${text}\n`;
}

/** The text at https://opensource.org/license/mit, for a package that names the licence but ships no copy. */
const mit = (author: string): string => `Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const names = withTheirs(Object.keys(manifest.dependencies));
process.stdout.write([runtime, ...names.map(licence)].join('\n'));
