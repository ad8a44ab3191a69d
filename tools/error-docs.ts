/**
 * Writes the tables of docs/errors.md from the code; `test/errors.test.ts` holds them equal.
 *
 *   bun tools/error-docs.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configCodes } from '../src/config/problem.ts';
import { type ErrorCode, errorCodes } from '../src/observe/error-codes.ts';

export const errorsPage: string = join(import.meta.dir, '../docs/errors.md');

/** The page with its tables made anew; what stands between them is written by people. */
export function errorsText(page: string): string {
  const start = (code: string): boolean => code.startsWith('NETEVD_START_');
  const codes = Object.keys(errorCodes) as ErrorCode[];
  const tables: Readonly<Record<string, string>> = {
    start: tableOf(codes.filter(start)),
    run: tableOf(codes.filter((code) => !start(code))),
    config: configTable(),
  };
  return page.replaceAll(
    /(<!-- begin (\w+) -->\n)[\s\S]*?(<!-- end \2 -->)/g,
    (_all, begin: string, name: string, end: string) => `${begin}${tables[name] ?? ''}\n${end}`,
  );
}

function tableOf(codes: readonly ErrorCode[]): string {
  const rows = codes.map((code) => {
    const { meaning, fault, remedy } = errorCodes[code];
    return `| \`${code}\` | ${meaning} | ${fault} | ${remedy} |`;
  });
  return ['| code | meaning | whose | remedy |', '|---|---|---|---|', ...rows].join('\n');
}

function configTable(): string {
  const rows = Object.entries(configCodes).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${meaning} | ${remedy} |`,
  );
  return ['| code | meaning | remedy |', '|---|---|---|', ...rows].join('\n');
}

if (import.meta.main) writeFileSync(errorsPage, errorsText(readFileSync(errorsPage, 'utf8')));
