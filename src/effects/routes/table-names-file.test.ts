import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableId } from '../../core/model/ids.ts';
import { TableNamesFile } from './table-names-file.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netevd-names-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('the file of table names', () => {
  test('has a line for each table, as rt_tables.d wants it', () => {
    const path = join(scratch, 'a.conf');
    expect(new TableNamesFile(path).update(new Map([[tableId(203), 'netevd-eth1']]))).toEqual({ ok: true });
    expect(readFileSync(path, 'utf8')).toEndWith('\n203\tnetevd-eth1\n');
  });

  test('is not there before there is something to say, and is left alone while that stays the same', () => {
    const path = join(scratch, 'b.conf');
    const file = new TableNamesFile(path);
    file.update(new Map());
    expect(existsSync(path)).toBe(false);
    file.update(new Map([[tableId(203), 'netevd-eth1']]));
    const { ino } = statSync(path);
    file.update(new Map([[tableId(203), 'netevd-eth1']]));
    expect(statSync(path).ino).toBe(ino);
    file.update(new Map());
    expect(readFileSync(path, 'utf8')).not.toContain('203');
  });

  test('that cannot be written is an answer, and is not tried again for the same names', () => {
    const file = new TableNamesFile(join(scratch, 'nowhere', 'c.conf'));
    const names = new Map([[tableId(203), 'netevd-eth1']]);
    expect(file.update(names)).toEqual({ ok: false, code: 'ENOENT' });
    expect(file.update(new Map(names))).toEqual({ ok: true });
  });
});
