import { afterEach, beforeEach, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hookUser } from './hook-user.ts';
import { parseUser, unitUser } from './unit-user.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'netevd-unit-'));
});
afterEach(() => rmSync(base, { recursive: true }));

/** Writes files below the directories `first` and `second`. */
function unit(files: Readonly<Record<string, string>>): string | undefined {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(base, path, '..'), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  return unitUser([join(base, 'first'), join(base, 'second')]);
}

test.each([
  ['[Service]\nUser=netevd\n', 'netevd'],
  ['[Unit]\nUser=other\n[Service]\n  User = netevd \n', 'netevd'],
  ['[Service]\n#User=netevd\n', undefined],
  ['[Service]\nUser=a\nUser=\n', ''],
])('the user of %j is %j', (text, user) => {
  expect(parseUser(text)).toBe(user);
});

test('the first unit wins, and a drop-in changes it', () => {
  expect(unit({})).toBeUndefined();
  expect(unit({ 'second/netevd.service': '[Service]\nUser=netevd\n' })).toBe('netevd');
  expect(unit({ 'second/netevd.service.d/10-user.conf': '[Service]\nUser=other\n' })).toBe('other');
  expect(unit({ 'first/netevd.service.d/10-user.conf': '[Service]\nUser=nearer\n' })).toBe('nearer');
  expect(unit({ 'first/netevd.service.d/20-user.conf': '[Service]\nUser=\n' })).toBeUndefined();
});

test.skipIf(process.geteuid?.() !== 0)(
  'the user of the unit runs its own files, and the user that root becomes does not',
  () => {
    const lookup = (): { uid: number; gid: number; groups: number[]; home: string } => ({
      uid: 990,
      gid: 990,
      groups: [],
      home: '/',
    });
    expect(hookUser('netevd', { lookup, unitUser: 'netevd' }, {}).trust.owners).toEqual([0, 990]);
    expect(hookUser('netevd', { lookup, unitUser: undefined }, {}).trust.owners).toEqual([0]);
  },
);
