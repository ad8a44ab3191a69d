import { afterAll, describe, expect, test } from 'bun:test';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeProgram } from '../testing/native-program.ts';
import { openDescriptors } from '../testing/own-resources.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { loadNative } from './native.ts';

const native = loadNative();
const scratch = mkdtempSync(join(tmpdir(), 'netevd-datagram-'));
const { ENOENT, EAGAIN, ECONNREFUSED, ENAMETOOLONG, EINVAL } = constants.errno;
const receivers: ChildProcessWithoutNullStreams[] = [];
afterAll(() => {
  for (const receiver of receivers) receiver.kill();
  rmSync(scratch, { recursive: true });
});

/** All four seals: SEAL, SHRINK, GROW, WRITE (fcntl(2)). */
const allSeals = 0xf;

class Receiver {
  readonly #process: ChildProcessWithoutNullStreams;
  #text = '';

  constructor(path: string, count: number) {
    this.#process = spawn(nativeProgram('datagram-receive'), [path, String(count)]);
    this.#process.stdout.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
    receivers.push(this.#process);
  }

  get lines(): string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  async ready(): Promise<this> {
    await waitUntil('the socket', () => this.lines[0] === 'ready');
    return this;
  }

  /** Lets it read, and waits for its end. */
  async received(): Promise<string[]> {
    this.#process.stdin.write('go\n');
    // Not its exit: what it wrote may be read after that.
    await once(this.#process, 'close');
    return this.lines.slice(1);
  }
}

describe('dgramSend', () => {
  test('reaches a socket by path, one datagram for each call', async () => {
    const path = join(scratch, 'notify');
    const receiver = await new Receiver(path, 3).ready();
    const sent = [new TextEncoder().encode('READY=1'), new Uint8Array([1, 2, 3]), new Uint8Array()];
    expect(sent.map((bytes) => native.dgramSend(path, bytes))).toEqual([0, 0, 0]);
    const sum = sent[0]?.reduce((a, b) => a + b, 0);
    expect(await receiver.received()).toEqual([`inline 7 ${sum}`, 'inline 3 6', 'inline 0 0']);
  });

  test.each(['@', '\0'])('reaches an abstract socket, written with %j', async (first) => {
    const name = `netevd-test-${process.pid}-${first.codePointAt(0)}`;
    const receiver = await new Receiver(`@${name}`, 1).ready();
    expect(native.dgramSend(`${first}${name}`, new Uint8Array([7]))).toBe(0);
    expect(await receiver.received()).toEqual(['inline 1 7']);
  });

  test('sends what is too large for a datagram as a sealed memory file', async () => {
    const path = join(scratch, 'journal');
    const receiver = await new Receiver(path, 2).ready();
    const before = openDescriptors().length;
    const large = new Uint8Array(3_000_000).fill(2);
    expect([native.dgramSend(path, large), native.dgramSend(path, new Uint8Array([9]))]).toEqual([0, 0]);
    expect(openDescriptors().length).toBe(before);
    expect(await receiver.received()).toEqual([`memfd 3000000 6000000 ${allSeals}`, 'inline 1 9']);
  });

  test('returns EAGAIN for a full queue and never waits', async () => {
    const path = join(scratch, 'full');
    await new Receiver(path, 1).ready(); // it does not read
    const outcomes = new Set<number>();
    for (let i = 0; i < 10_000 && !outcomes.has(-EAGAIN); i++) {
      outcomes.add(native.dgramSend(path, new Uint8Array(100)));
    }
    expect([...outcomes]).toEqual([0, -EAGAIN]);
  });

  const gone = join(scratch, 'gone');
  writeFileSync(gone, '');
  test.each([
    ['no such path', join(scratch, 'absent'), ENOENT],
    ['a file that is not a socket', gone, ECONNREFUSED],
    ['an unused abstract name', '@netevd-nobody', ECONNREFUSED],
    ['an empty path', '', EINVAL],
    ['a path with NUL in it', '/run/a\0b', EINVAL],
    ['a path that is too long', `/${'x'.repeat(120)}`, ENAMETOOLONG],
    ['an abstract name that is too long', `@${'x'.repeat(120)}`, ENAMETOOLONG],
  ])('returns the errno for %s', (_, path, errno) => {
    expect(native.dgramSend(path, new Uint8Array([1]))).toBe(-errno);
  });
});
