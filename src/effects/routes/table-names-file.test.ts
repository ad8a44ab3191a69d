import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableId } from '../../core/model/ids.ts';
import { TableNamesFile } from './table-names-file.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netevd-names-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe('TableNamesFile', () => {
  test('writes a line for each table in the format of rt_tables.d', () => {
    const path = join(scratch, 'a.conf');
    expect(new TableNamesFile(path).update(new Map([[tableId(203), 'netevd-eth1']]))).toEqual({ ok: true });
    expect(readFileSync(path, 'utf8')).toEndWith('\n203\tnetevd-eth1\n');
  });

  test('writes no file without names and does not rewrite an unchanged one', () => {
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

  test('returns an error once if the file cannot be written', () => {
    const file = new TableNamesFile(join(scratch, 'nowhere', 'c.conf'));
    const names = new Map([[tableId(203), 'netevd-eth1']]);
    expect(file.update(names)).toEqual({ ok: false, code: 'ENOENT' });
    expect(file.update(new Map(names))).toEqual({ ok: true });
  });
});
