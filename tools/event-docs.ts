/**
 * Writes the table of events in docs/hooks.md from the code; `test/hooks-docs.test.ts` keeps them equal.
 *
 *   bun tools/event-docs.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EventEntry, eventTable } from '../src/core/model/event-table.ts';
import { sources as allSources } from '../src/core/model/vocabulary.ts';

export const hooksPage: string = join(import.meta.dir, '../docs/hooks.md');

/** The page with a new table; the text around it stays. */
export function hooksText(page: string): string {
  return page.replace(
    /(<!-- begin events -->\n)[\s\S]*?(<!-- end events -->)/,
    (_all, begin: string, end: string) => `${begin}${table()}\n${end}`,
  );
}

function table(): string {
  const rows = eventTable.map((entry) => `| \`${entry.name}.d\` | ${entry.when} | ${sourcesText(entry)} |`);
  return ['| directory | its hooks run when | reported by |', '|---|---|---|', ...rows].join('\n');
}

const sourcesText = ({ sources }: EventEntry): string =>
  sources.length === allSources.length ? 'all' : sources.join(', ');

if (import.meta.main) writeFileSync(hooksPage, hooksText(readFileSync(hooksPage, 'utf8')));
