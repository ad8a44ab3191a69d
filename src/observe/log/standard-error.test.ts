import { afterEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTerminal, openByteSink, readLogEnvironment } from './standard-error.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'netevd-'));
  cleanups.push(() => rmSync(path, { recursive: true }));
  return path;
}

/** Both ends of a pipe; the writing one blocks. */
function pipe(): { reader: number; writer: number } {
  const path = join(directory(), 'pipe');
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  cleanups.push(() => closeSync(writer));
  return { reader, writer };
}

describe('isTerminal', () => {
  test('a pipe, a file and /dev/null are not terminals', () => {
    const { writer } = pipe();
    const file = openSync(join(directory(), 'file'), 'w');
    const nothing = openSync('/dev/null', 'w');
    cleanups.push(
      () => closeSync(file),
      () => closeSync(nothing),
    );
    expect([writer, file, nothing, 9999].map(isTerminal)).toEqual([false, false, false, false]);
  });

  test('a terminal of script(1) is one', () => {
    const question = `import { isTerminal } from '${import.meta.dir}/standard-error.ts'; process.exit(isTerminal(2) ? 7 : 8)`;
    const command = `${process.execPath} -e "${question}"`;
    const { status } = spawnSync('script', ['-qec', command, '/dev/null'], { stdio: 'ignore' });
    expect(status).toBe(7);
  });
});

describe('openByteSink', () => {
  test('a write never waits for a reader that does not read', () => {
    const { reader, writer } = pipe();
    const sink = openByteSink(writer);
    const outcomes = Array.from({ length: 40 }, () => sink.write(new Uint8Array(4096)));
    expect(outcomes[0]).toEqual({ written: 4096 });
    expect(outcomes.at(-1)).toEqual({ code: 'EAGAIN' });
    readSync(reader, new Uint8Array(65536));
    expect(sink.write(new Uint8Array(10))).toEqual({ written: 10 });
    closeSync(reader);
  });

  test('the sink does not change the flags of the shared descriptor', () => {
    const { reader, writer } = pipe();
    openByteSink(writer);
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${writer}`, 'utf8'))?.[1];
    expect(Number.parseInt(flags ?? '', 8) & constants.O_NONBLOCK).toBe(0);
    closeSync(reader);
  });

  test('a write reports a reader that is gone', () => {
    const { reader, writer } = pipe();
    const sink = openByteSink(writer);
    closeSync(reader);
    expect(sink.write(new Uint8Array(1))).toEqual({ code: 'EPIPE' });
  });

  test('a write reaches a file', () => {
    const path = join(directory(), 'log');
    const fd = openSync(path, 'w');
    expect(openByteSink(fd).write(new TextEncoder().encode('line\n'))).toEqual({ written: 5 });
    closeSync(fd);
    expect(readFileSync(path, 'utf8')).toBe('line\n');
  });

  test('a write reports a full device', () => {
    const fd = openSync('/dev/full', 'w');
    expect(openByteSink(fd).write(new Uint8Array(1))).toEqual({ code: 'ENOSPC' });
    closeSync(fd);
  });

  test('a write reports a closed descriptor', () => {
    expect(openByteSink(9999).write(new Uint8Array(1))).toEqual({ code: 'EBADF' });
  });
});

test('the context contains device and inode of standard error', () => {
  const found = readLogEnvironment({ JOURNAL_STREAM: '1:2', NO_COLOR: '1', TERM: 'xterm' });
  expect(found).toMatchObject({ journalStream: '1:2', noColor: '1', term: 'xterm' });
  const stat = spawnSync('stat', ['-Lc', '%d:%i', `/proc/${process.pid}/fd/2`], { encoding: 'utf8' });
  expect(`${found.standardError?.device}:${found.standardError?.inode}`).toBe(stat.stdout.trim());
});
