/**
 * Prints the licences of what the executable contains: the runtime, and each of package.json's dependencies.
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

/** A package that ships no text of its licence must not be built in: this throws then. */
function licence(name: string): string {
  const folder = join(import.meta.dir, '../node_modules', name);
  const { version, license }: { version: string; license: string } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} ships no licence text`);
  const text = readFileSync(join(folder, file), 'utf8').trim();
  return `# ${name} ${version}\n\n${license}\n\n${text}\n`;
}

process.stdout.write([runtime, ...Object.keys(manifest.dependencies).map(licence)].join('\n'));
