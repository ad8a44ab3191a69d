/** The error codes: one table, the same in docs/errors.md, and every code is used. */
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientCodes } from '../src/cli/remote/client-codes.ts';
import { environmentOverrides } from '../src/config/environment-overrides.ts';
import { configCodes } from '../src/config/problem.ts';
import { migrationCodes } from '../src/migrate/codes.ts';
import { errorCodeOf, errorCodes } from '../src/observe/error-codes.ts';
import { messageIds } from '../src/observe/log/message-ids.ts';
import type { MessageName } from '../src/ports/logger.ts';
import { errorsPage, errorsText } from '../tools/error-docs.ts';

const src = join(import.meta.dir, '../src');
const tables = [
  'cli/remote/client-codes.ts',
  'config/problem.ts',
  'migrate/codes.ts',
  'observe/error-codes.ts',
];
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !tables.includes(name),
);
const text = sources.map((name) => readFileSync(join(src, name), 'utf8')).join('\n');
const plainTables = { ...configCodes, ...migrationCodes, ...clientCodes };
const codes: readonly string[] = [...Object.keys(plainTables), ...errorCodes.map(({ code }) => code)];
/** Names that only look like codes: variables of the daemon's environment, and of hooks. */
const others: ReadonlySet<string> = new Set([...Object.keys(environmentOverrides), 'NETEVD_EVENT_ID']);
const named: ReadonlySet<string> = new Set(
  (text.match(/\bNETEVD_[A-Z]+(?:_[A-Z]+)+\b/g) ?? []).filter((name) => !others.has(name)),
);

describe('the codes of errors', () => {
  test('are in docs/errors.md as they are in the code (bun tools/error-docs.ts writes them)', () => {
    const page = readFileSync(errorsPage, 'utf8');
    expect(page).toBe(errorsText(page));
    for (const code of codes) expect(page).toContain(`| \`${code}\` |`);
  });

  test('that the code names are in the table', () => {
    expect([...named].filter((code) => !codes.includes(code))).toEqual([]);
    expect(named.size).toBeGreaterThan(15);
  });

  test('of the table are all in use', () => {
    const byMessage = (Object.keys(messageIds) as MessageName[]).flatMap((name) => {
      const code = errorCodeOf(name);
      return code !== undefined && text.includes(`'${name}'`) ? [code] : [];
    });
    const used = new Set<string>([...named, ...byMessage]);
    expect(codes.filter((code) => !used.has(code))).toEqual([]);
  });

  test('each code has one meaning', () => {
    const meanings = [...Object.values(plainTables), ...errorCodes].map(({ meaning }) => meaning);
    expect(new Set(meanings).size).toBe(meanings.length);
    for (const meaning of meanings) expect(meaning).toMatch(/\.$/);
  });
});
