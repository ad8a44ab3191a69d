import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DelegatedHook, RunnerAnswer } from '../core/hooks/delegation.ts';
import { type Millis, millis, timestamp } from '../core/model/ids.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { SystemClock } from './clock.ts';
import { RunnerClient } from './runner-client.ts';

/** A hundred times as fast: pauses between attempts pass. */
class FastClock extends SystemClock {
  override schedule(delay: Millis, run: () => void): Disposable {
    return super.schedule(millis(delay / 100), run);
  }
}

const hook: DelegatedHook = {
  directory: 'routable',
  name: '10-x',
  event: { object: {}, hasNetworkd: false },
};
const accepted: RunnerAnswer = { kind: 'accepted', limit: millis(60_000) };
const ended: RunnerAnswer = {
  kind: 'ended',
  report: {
    outcome: { kind: 'exited', code: 3 },
    startedAt: timestamp(1),
    duration: millis(2),
    stdout: 'größe\n',
    stderr: '',
    dropped: 0,
  },
};
const never = new AbortController().signal;

let directory: string;
let server: Server | undefined;
let requests: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netevd-client-'));
  requests = [];
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(directory, { recursive: true });
});

/** A runner that answers the n-th connection by the n-th function, and later ones by the last. */
async function listen(...answers: readonly ((socket: Socket) => void)[]): Promise<RunnerClient> {
  const path = join(directory, 'socket');
  let count = 0;
  server = createServer((socket) => {
    const answer = answers[Math.min(count++, answers.length - 1)];
    socket.on('error', () => undefined);
    socket.once('data', (chunk) => {
      requests.push(chunk.toString());
      answer?.(socket);
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return new RunnerClient(new FastClock(), path);
}
const say =
  (...lines: readonly RunnerAnswer[]) =>
  (socket: Socket): void =>
    void socket.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

describe('RunnerClient', () => {
  test('sends one line, and gives the report', async () => {
    const client = await listen(say(accepted, ended));
    expect(await client.run(hook, never)).toEqual({ kind: 'ended', report: ended.report });
    expect(requests.map((text) => JSON.parse(text))).toEqual([JSON.parse(JSON.stringify(hook))]);
    expect(requests[0]).toEndWith('\n');
  });

  test('reads answers that come in pieces, within a character too', async () => {
    const bytes = Buffer.from(`${JSON.stringify(accepted)}\n${JSON.stringify(ended)}\n`);
    const client = await listen((socket) => {
      for (const byte of bytes) socket.write(Uint8Array.of(byte));
    });
    expect(await client.run(hook, never)).toMatchObject({ report: { stdout: 'größe\n' } });
  });

  test('nobody listens: unreachable, with the reason', async () => {
    const client = new RunnerClient(new FastClock(), join(directory, 'socket'));
    expect(await client.run(hook, never)).toEqual({ kind: 'unreachable', code: 'ENOENT' });
  });

  test('a runner that dies is asked again, with the same request', async () => {
    const client = await listen(say(accepted), (socket) => socket.destroy(), say(accepted, ended));
    expect(await client.run(hook, never)).toMatchObject({ kind: 'ended' });
    expect([requests.length, new Set(requests).size]).toEqual([3, 1]);
  });

  test('one that dies again and again is lost', async () => {
    const client = await listen(say(accepted));
    expect(await client.run(hook, never)).toEqual({ kind: 'lost' });
  });

  test('one that says nothing is lost', async () => {
    const client = await listen(() => undefined);
    expect(await client.run(hook, never)).toEqual({ kind: 'lost' });
  });

  test('one that goes silent for longer than the hook may take is lost', async () => {
    const client = await listen(
      (socket) => void socket.write(`${JSON.stringify({ ...accepted, limit: 1000 })}\n`),
    );
    expect(await client.run(hook, never)).toEqual({ kind: 'lost' });
  });

  test('lines that are no answers are passed over', async () => {
    const client = await listen(
      (socket) => void socket.end(`{\n[]\n{"kind":"ended"}\n${JSON.stringify(ended)}\n`),
    );
    expect(await client.run(hook, never)).toMatchObject({ kind: 'ended' });
  });

  test('an abort ends the wait, and the connection', async () => {
    const abort = new AbortController();
    let isClosed = false;
    const client = await listen((socket) => {
      socket.on('close', () => {
        isClosed = true;
      });
      socket.write(`${JSON.stringify({ ...accepted, limit: null })}\n`);
    });
    const result = client.run(hook, abort.signal);
    await waitUntil('the request', () => requests.length === 1);
    abort.abort();
    expect(await result).toEqual({ kind: 'abandoned' });
    await waitUntil('the end of the connection', () => isClosed);
  });
});
