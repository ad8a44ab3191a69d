import { describe, expect, test } from 'bun:test';
import { failureOf } from './failure.ts';

const thrown = (code: string): Error => Object.assign(new Error('why'), { code });

describe('failureOf', () => {
  test.each([
    ['SQLITE_BUSY', 'NETEVD_HISTORY_BUSY'],
    ['SQLITE_BUSY_SNAPSHOT', 'NETEVD_HISTORY_BUSY'],
    ['SQLITE_FULL', 'NETEVD_HISTORY_FULL'],
    ['SQLITE_CORRUPT', 'NETEVD_HISTORY_DAMAGED'],
    ['SQLITE_CORRUPT_INDEX', 'NETEVD_HISTORY_DAMAGED'],
    ['SQLITE_NOTADB', 'NETEVD_HISTORY_DAMAGED'],
    ['SQLITE_ERROR', 'NETEVD_HISTORY_DAMAGED'],
    ['SQLITE_CONSTRAINT_PRIMARYKEY', 'NETEVD_HISTORY_DAMAGED'],
    ['SQLITE_CANTOPEN_SYMLINK', 'NETEVD_HISTORY_UNWRITABLE'],
    ['SQLITE_READONLY_DBMOVED', 'NETEVD_HISTORY_UNWRITABLE'],
    ['SQLITE_IOERR_WRITE', 'NETEVD_HISTORY_UNWRITABLE'],
  ] as const)('%s means %s', (code, meaning) => {
    expect(failureOf(thrown(code))).toEqual({ code: meaning, sqlite: code, text: 'why' });
  });

  test.each(['SQLITE_MISUSE', 'SQLITE_RANGE', 'ENOENT', 'SQLITE_FULLER'])(
    'failureOf throws %s on as a bug',
    (code) => {
      expect(() => failureOf(thrown(code))).toThrow('why');
    },
  );

  test('failureOf throws any other error on', () => {
    expect(() => failureOf(new TypeError('a bug'))).toThrow(TypeError);
  });
});
