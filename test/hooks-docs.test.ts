/** docs/hooks.md lists every directory, variable and key, and no others. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hookInput } from '../src/core/hooks/environment.ts';
import { eventTable, hookDirectories } from '../src/core/model/event-table.ts';
import { ifIndex } from '../src/core/model/ids.ts';
import {
  ip,
  sampleEvent,
  sampleLease,
  sampleNetworkdLink,
  sampleState,
} from '../src/testing/sample-state.ts';
import { hooksPage, hooksText } from '../tools/event-docs.ts';

const text = readFileSync(join(import.meta.dir, '../docs/hooks.md'), 'utf8');
const words = new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word));

const everything = hookInput(
  {
    event: sampleEvent({
      directory: 'default-route',
      initial: true,
      changedAddresses: [ip('10.0.0.1')],
      properties: { State: 'x' },
      transition: { changed: ['link'], family: 4, before: null, after: null },
    }),
    state: sampleState({ leases: [sampleLease()], networkd: [[ifIndex(2), sampleNetworkdLink()]] }),
  },
  { home: '/', user: 'x', lang: 'C', timezone: 'UTC', emitJson: true },
);
if (!everything.ok) throw new Error(everything.problem);
const { environment, json } = everything;

test('every directory is named', () => {
  expect(hookDirectories.filter((name) => !words.has(`${name}.d`))).toEqual([]);
});

test('every variable is named, and no other', () => {
  const variables = new Set([...Object.keys(environment), 'NETEVD_RETRY', 'NETEVD_TRUNCATED']);
  const isSide = (name: string): boolean => /^(OLD|NEW)_/.test(name);
  expect([...variables].filter((name) => !words.has(name))).toEqual([]);
  const table = text.slice(text.indexOf('| variable | value |'), text.indexOf('The same JSON is on stdin'));
  const named = table
    .split('\n')
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word));
  expect(named.filter((name) => !isSide(name) && !variables.has(name))).toEqual([]);
});

test('every key of the JSON is named', () => {
  const keysOf = (value: unknown): string[] => {
    if (Array.isArray(value)) return value.flatMap(keysOf);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) => [
      key,
      ...(key === 'Statistics' || key === 'properties' || key === 'Dst' ? [] : keysOf(inner)),
    ]);
  };
  expect([...new Set(keysOf(JSON.parse(json)))].filter((key) => !words.has(key))).toEqual([]);
});

test('the table of events in docs/hooks.md is the one of the code (bun tools/event-docs.ts writes it)', () => {
  const page = readFileSync(hooksPage, 'utf8');
  expect(page).toBe(hooksText(page));
  for (const { name } of eventTable) expect(page).toContain(`| \`${name}.d\` |`);
});
