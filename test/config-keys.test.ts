/** Each configuration key has a reader: a key that nothing reads has no effect. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listKeys } from '../src/config/schema/key-list.ts';

const src = join(import.meta.dir, '../src');
const readers = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(?<!\.test)\.ts$/.test(file) && !/^(config|migrate|testing)\//.test(file))
  .map((file) => readFileSync(join(src, file), 'utf8'))
  .join('\n');

test('every configuration key is read outside src/config', () => {
  const names = new Set(readers.match(/[A-Za-z]+/g));
  const unread = listKeys().filter(({ property }) => !names.has(property.at(-1) ?? ''));
  expect(unread.map(({ path }) => path.join('.'))).toEqual([]);
});
