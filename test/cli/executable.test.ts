/** The built program against a server on a real socket: pipes, signals, and the three ways to find no daemon. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeApi } from '../../src/testing/fake-api.ts';
import { sampleEvents, sampleRoutes, sampleStatus } from '../../src/testing/sample-answers.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

setDefaultTimeout(60_000);

const executable = join(import.meta.dir, '../../build/netevd');
const api = new FakeApi();
let folder = '';
let socket = '';
let server: { stop(force: boolean): Promise<void> };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netevd-cli-'));
  chmodSync(folder, 0o755);
  socket = join(folder, 'netevd.sock');
  server = Bun.serve({ unix: socket, fetch: api.handle });
});
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out(): string;
}

function start(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  );
  return { child, ended, out: () => out };
}

const netevd = (...args: readonly string[]): Started =>
  start(executable, [...args, '--endpoint', `unix:${socket}`]);

describe('the executable', () => {
  test('asks over a socket', async () => {
    const { code, out } = await netevd('status', '-o', 'json').ended;
    expect([code, JSON.parse(out)]).toEqual([0, sampleStatus]);
  });

  test('writes all of a long answer into a pipe, however slow the reader is', async () => {
    const [route] = sampleRoutes;
    if (route === undefined) throw new Error('the sample host has routes');
    const routes = Array.from({ length: 20_000 }, (_, metric) => ({ ...route, metric }));
    api.answers['/api/v1/routes'] = { routes, count: routes.length, has_more: false, next: null };
    const shell = `"$0" list routes -o json --endpoint unix:"$1" | { read -r first; exec 3<&0; cat <&3 | wc -l; }`;
    const { code, out } = await start('sh', ['-c', shell, executable, socket]).ended;
    expect(code).toBe(0);
    expect(Number(out)).toBeGreaterThan(routes.length * 10);
  });

  test('exits with 0 when its reader has seen enough', async () => {
    const shell = `{ "$0" events -f -o json --endpoint unix:"$1"; echo "exit $?" >&2; } | head -n 1`;
    const before = api.streams.length;
    const { ended } = start('sh', ['-c', shell, executable, socket]);
    const stream = await waitUntil('the stream', () => api.streams[before]);
    const [record] = sampleEvents;
    if (record === undefined) throw new Error('the sample host has records');
    stream.send({
      type: 'hello',
      epoch: sampleStatus.epoch,
      hostname: 'h',
      version: 'v',
      time: 't',
      oldest: 1,
      head: 1,
    });
    let seq = 50_000;
    const timer = setInterval(() => {
      seq += 1;
      stream.send({ type: 'record', record: { ...record, seq } }, `${sampleStatus.epoch}.${seq}`);
    }, 5);
    const { err } = await ended;
    clearInterval(timer);
    expect(err).toBe('exit 0\n');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`exits with 0 when ${signal} ends "events -f"`, async () => {
      const before = api.streams.length;
      const following = netevd('events', '-f');
      await waitUntil('the stream', () => api.streams[before]);
      following.child.kill(signal);
      const { code, signal: by } = await following.ended;
      expect([code, by]).toEqual([0, null]);
    });
  }

  test('tells the three reasons apart', async () => {
    const codeAt = async (
      path: string,
      wrapper: readonly string[] = [],
    ): Promise<[number | null, string]> => {
      const [command = executable, ...args] = [...wrapper, executable, 'status', '-o', 'json'];
      const { code, out } = await start(command, [...args, '--endpoint', `unix:${path}`]).ended;
      return [code, (JSON.parse(out) as { error: { code: string } }).error.code];
    };
    expect(await codeAt(join(folder, 'absent.sock'))).toEqual([3, 'NETEVD_CLIENT_NOT_RUNNING']);
    expect(await codeAt(await staleSocket())).toEqual([3, 'NETEVD_CLIENT_STALE_SOCKET']);
    const isRoot = process.geteuid?.() === 0;
    const wrapper = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    if (!isRoot || spawnSync('setpriv', ['--version']).error !== undefined) return;
    chmodSync(socket, 0o600);
    expect(await codeAt(socket, wrapper)).toEqual([3, 'NETEVD_CLIENT_PERMISSION']);
  });

  test('completes a link of the daemon', async () => {
    // The sockets of a configuration: completion has no --endpoint.
    const config = join(folder, 'netevd.yaml');
    await Bun.write(config, `api: { socket: ${socket} }\n`);
    const { out } = await start(executable, ['-c', config, 'complete', '--', 'show', 'interface', 'et'])
      .ended;
    expect(out).toBe('eth0\t\neth1\t\n:4\n');
  });
});

/** A socket whose server was killed. */
async function staleSocket(): Promise<string> {
  const path = join(folder, 'stale.sock');
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = start(process.execPath, ['-e', program]);
  await waitUntil('the server', () => child.out().includes('up'));
  child.child.kill('SIGKILL');
  await child.ended;
  return path;
}
