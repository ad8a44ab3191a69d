import { afterAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfig } from './load.ts';
import { formatProblem } from './problem.ts';
import { readConfig } from './read.ts';

const folder = mkdtempSync(join(tmpdir(), 'netevd-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string | Uint8Array, mode = 0o644): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

/** The errors of a file, without its path. */
function refusals(file: string): readonly string[] {
  const parsed = readConfig({ file, env: {} });
  return parsed.ok ? [] : parsed.problems.map((problem) => formatProblem(problem).replace(file, 'f'));
}

describe('readConfig', () => {
  test('reads a file', () => {
    const parsed = readConfig({ file: fileWith('good', 'hooks: {timeout_sec: 7}\n'), env: {} });
    expect(Number(parsed.ok && parsed.config.hooks.timeout)).toBe(7000);
    expect(parsed.warnings).toEqual([]);
  });

  test('follows a symbolic link', () => {
    const link = join(folder, 'link');
    symlinkSync(fileWith('target', 'hooks: {timeout_sec: 7}\n'), link);
    expect(readConfig({ file: link, env: {} }).ok).toBe(true);
  });

  test('returns the defaults and a note for a missing file', () => {
    const file = join(folder, 'absent');
    const parsed = readConfig({ file, env: {} });
    expect(parsed.ok && parsed.config).toEqual(defaultConfig());
    expect(parsed.warnings).toMatchObject([{ code: 'NETEVD_CONFIG_FILE', severity: 'note', file }]);
  });

  test('applies the environment without a file', () => {
    const file = join(folder, 'absent');
    const good = readConfig({ file, env: { NETEVD_API_PORT: '8080' } });
    expect(good.ok && good.config.api.port).toBe(8080);
    expect(readConfig({ file, env: { NETEVD_API_PORT: 'x' } }).ok).toBe(false);
  });

  test('accepts /dev/null as an empty file', () => {
    const parsed = readConfig({ file: '/dev/null', env: {} });
    expect(parsed.ok && parsed.config).toEqual(defaultConfig());
  });

  test('reads a file of the largest size and refuses one more byte', () => {
    expect(refusals(fileWith('large', `#${'x'.repeat(256 * 1024 - 1)}`))).toEqual([]);
    expect(refusals(fileWith('larger', `#${'x'.repeat(256 * 1024)}`))).toEqual([
      'f: error: found more than 262144 bytes, expected at most 262144 bytes',
    ]);
  });

  test('refuses a file that everyone can write', () => {
    expect(refusals(fileWith('loose', '', 0o646))).toEqual([
      'f: error: found mode 0646, expected a file that not everyone can write (chmod o-w)',
    ]);
  });

  test('refuses a directory', () => {
    const directory = join(folder, 'directory');
    mkdirSync(directory);
    expect(refusals(directory)).toEqual(['f: error: found a directory, expected a regular file']);
  });

  test('refuses a pipe at once', () => {
    const pipe = join(folder, 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    expect(refusals(pipe)).toEqual(['f: error: found a pipe, expected a regular file']);
  });

  test('refuses a device', () => {
    expect(refusals('/dev/zero')).toEqual(['f: error: found a device, expected a regular file']);
  });

  test('refuses a path below a file', () => {
    expect(refusals(`${fileWith('plain', '')}/netevd.yaml`)).toEqual([
      'f: error: found a file that cannot be opened (ENOTDIR), expected a path of directories',
    ]);
  });

  test('refuses a loop of links', () => {
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    expect(refusals(loop)).toEqual([
      'f: error: found a file that cannot be opened (ELOOP), expected no loop of symbolic links',
    ]);
  });

  test('reports errors of the environment together with those of the file', () => {
    const parsed = readConfig({ file: folder, env: { NETEVD_API_PORT: 'x' } });
    expect(parsed.ok ? [] : parsed.problems.map(({ file }) => file)).toEqual([
      'environment NETEVD_API_PORT',
      folder,
    ]);
  });

  const encodings: readonly (readonly [string, Uint8Array, string])[] = [
    [
      'UTF-16, little end first',
      new Uint8Array([0xff, 0xfe, 0x61, 0]),
      'f:1:1: error: found UTF-16, expected UTF-8',
    ],
    [
      'UTF-16, big end first',
      new Uint8Array([0xfe, 0xff, 0, 0x61]),
      'f:1:1: error: found UTF-16, expected UTF-8',
    ],
    [
      'Latin-1 in the second line',
      new Uint8Array([...new TextEncoder().encode('# ä\nsystem: {user: n'), 0xe4, 0x7d]),
      'f:2:17: error: found bytes that are not UTF-8, expected UTF-8',
    ],
    [
      'a character cut short at the end',
      new Uint8Array([0x23, 0xc3]),
      'f:1:2: error: found bytes that are not UTF-8, expected UTF-8',
    ],
    [
      'a NUL',
      new Uint8Array([0x23, 0x0a, 0x20, 0x00]),
      'f:2:2: error: found the character U+0000, expected printable text',
    ],
    [
      'an escape sequence',
      new Uint8Array([0x23, 0x1b]),
      'f:1:2: error: found the character U+001B, expected printable text',
    ],
  ];
  test.each(encodings)('refuses a file with %s', (name, bytes, message) => {
    expect(refusals(fileWith(`encoding ${name.replaceAll(/\W/g, '')}`, bytes))).toEqual([message]);
  });

  test('accepts a replacement character that the file really has', () => {
    expect(refusals(fileWith('replacement', '# \ufffd\n'))).toEqual([]);
  });

  test('reports only the first control characters of random bytes', () => {
    expect(refusals(fileWith('rubbish', '\u0001'.repeat(1000))).length).toBe(5);
  });
});

describe('readConfig without permission', () => {
  test('refuses the file with the reason', () => {
    const file = fileWith('secret', '', 0o000);
    chmodSync(folder, 0o755);
    const script = `
      import { readConfig } from ${JSON.stringify(join(import.meta.dir, 'read.ts'))};
      if (process.getuid() === 0) process.setuid(65534);
      const parsed = readConfig({ file: ${JSON.stringify(file)}, env: {} });
      console.log(parsed.ok ? 'read' : parsed.problems[0].found + '; ' + parsed.problems[0].expected);
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' });
    expect(stdout.trim(), stderr).toBe(
      'a file that cannot be opened (EACCES); a file that the user who starts netevd may read',
    );
  });
});
