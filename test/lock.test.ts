/** What `npm ci` on another machine asks of package-lock.json. */
import { expect, test } from 'bun:test';
import { missingEntries, readLock } from '../tools/lock.ts';

test('the lock has every package of every platform, or npm ci refuses it: bun tools/lock.ts', () => {
  expect(missingEntries(readLock())).toEqual({});
});

test('an absent package of another platform is reported', () => {
  const packages = {
    'node_modules/a': {
      version: '1.0.0',
      dev: true,
      optionalDependencies: { '@a/cli-linux-x64-musl': '1.0.0' },
    },
  };
  expect(missingEntries({ packages })).toEqual({
    'node_modules/@a/cli-linux-x64-musl': {
      version: '1.0.0',
      cpu: ['x64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
  });
});

test('the lock names no registry', () => {
  expect(JSON.stringify(readLock())).not.toContain('"resolved"');
});
