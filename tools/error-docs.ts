/**
 * Writes the tables of docs/errors.md from the code; `test/errors.test.ts` keeps them equal.
 *
 *   bun tools/error-docs.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientCodes } from '../src/cli/remote/client-codes.ts';
import { configCodes } from '../src/config/problem.ts';
import { migrationCodes } from '../src/migrate/codes.ts';
import { type ErrorCodeEntry, errorCodes } from '../src/observe/error-codes.ts';

export const errorsPage: string = join(import.meta.dir, '../docs/errors.md');

/** The page with new tables; the text between them stays. */
export function errorsText(page: string): string {
  const isStart = ({ code }: ErrorCodeEntry): boolean => code.startsWith('NETEVD_START_');
  const tables: Readonly<Record<string, string>> = {
    start: tableOf(errorCodes.filter(isStart)),
    run: tableOf(errorCodes.filter((entry) => !isStart(entry))),
    config: plainTable(configCodes),
    migrate: plainTable(migrationCodes),
    client: plainTable(clientCodes),
  };
  return page.replaceAll(
    /(<!-- begin (\w+) -->\n)[\s\S]*?(<!-- end \2 -->)/g,
    (_all, begin: string, name: string, end: string) => `${begin}${tables[name] ?? ''}\n${end}`,
  );
}

function tableOf(entries: readonly ErrorCodeEntry[]): string {
  const rows = entries.map(
    ({ code, meaning, fault, remedy }) => `| \`${code}\` | ${meaning} | ${fault} | ${remedy} |`,
  );
  return ['| code | meaning | who can fix it | fix |', '|---|---|---|---|', ...rows].join('\n');
}

interface PlainEntry {
  readonly meaning: string;
  readonly remedy: string;
}

function plainTable(table: Readonly<Record<string, PlainEntry>>): string {
  const rows = Object.entries(table).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  return ['| code | meaning | fix |', '|---|---|---|', ...rows].join('\n');
}

if (import.meta.main) writeFileSync(errorsPage, errorsText(readFileSync(errorsPage, 'utf8')));
