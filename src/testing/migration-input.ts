/** Files of other programs as `netevd migrate` reads them, made up for tests. */
import type { InputDirectory, InputFile, SourceInput } from '../migrate/input.ts';
import type { SourceName } from '../migrate/plan.ts';

/** An executable script of root's. */
export function sampleScript(path: string, text: string, over: Partial<InputFile> = {}): InputFile {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const content = new TextEncoder().encode(text);
  return { path, name, kind: 'file', mode: 0o755, owner: 0, content, ...over };
}

/** A source at `base`, with scripts by their paths below it: `{ 'routable.d/10-x': '#!/bin/sh…' }`. */
export function sampleSource(
  source: SourceName,
  base: string,
  scripts: Readonly<Record<string, string | InputFile>>,
  configuration?: { readonly name: string; readonly text: string },
): SourceInput {
  const directories = new Map<string, InputFile[]>();
  for (const [below, what] of Object.entries(scripts)) {
    const path = `${base}/${below}`;
    const folder = path.slice(0, path.lastIndexOf('/'));
    const file = typeof what === 'string' ? sampleScript(path, what) : what;
    directories.set(folder, [...(directories.get(folder) ?? []), file]);
  }
  const list = [...directories].map(([path, entries]): InputDirectory => ({ path, entries }));
  const configurations =
    configuration === undefined
      ? []
      : [sampleScript(`${base}/${configuration.name}`, configuration.text, { mode: 0o644 })];
  return { source, base, configurations, directories: list };
}
