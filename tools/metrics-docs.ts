/**
 * Writes the tables of docs/metrics.md from the catalogue; `test/metrics/documents.test.ts` holds them equal.
 *
 *   bun tools/metrics-docs.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogueEntry, catalogueEntries } from '../src/observe/metrics/catalogue.ts';

export const metricsPage: string = join(import.meta.dir, '../docs/metrics.md');

/** The page with its tables from the catalogue; the text between them is written by people. */
export function metricsText(page: string): string {
  return page.replaceAll(
    /(<!-- begin (\w+) -->\n)[\s\S]*?(<!-- end \2 -->)/g,
    (_all, begin: string, group: string, end: string) => `${begin}${tableOf(group)}\n${end}`,
  );
}

function tableOf(group: string): string {
  const rows = catalogueEntries
    .filter(([, entry]) => entry.group === group)
    .map(([name, entry]) => `| \`${name}\` | ${entry.type} | ${labelsOf(entry)} | ${meaningOf(entry)} |`);
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

const labelsOf = ({ labels }: CatalogueEntry): string => labels.map((label) => `\`${label}\``).join(', ');

function meaningOf(entry: CatalogueEntry): string {
  if (entry.type !== 'histogram') return entry.help;
  return `${entry.help} Buckets: ${entry.buckets.join(', ')}.`;
}

if (import.meta.main) writeFileSync(metricsPage, metricsText(readFileSync(metricsPage, 'utf8')));
