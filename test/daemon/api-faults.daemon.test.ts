/** What a hostile or unlucky world does to the API of the built daemon: floods, slow clients, certificates, broken disks. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { ask, sendRaw } from './api-client.ts';
import { type DaemonOptions, type DaemonUnderTest, Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

let site: Site;
let socket = '';
let control = '';

beforeEach(() => {
  site = new Site();
  socket = join(site.runtime, 'netevd.sock');
  control = join(site.runtime, 'control.sock');
});
afterEach(() => site[Symbol.dispose]());

async function start(
  api: object = {},
  options: DaemonOptions = {},
): Promise<{ daemon: DaemonUnderTest; port: number }> {
  const events = { database: join(site.root, 'events.db') };
  const daemon = await site.start({ config: { api: { port: 0, ...api }, events }, ...options });
  const port = Number((await daemon.logged({ door: 'tcp' }))['port']);
  return { daemon, port };
}

/** Connections that say nothing. */
function silent(port: number, count: number): Socket[] {
  return Array.from({ length: count }, () => {
    const connection = connect(port, '127.0.0.1');
    connection.on('error', () => undefined);
    return connection;
  });
}

/** CPU time of a process, in milliseconds: utime and stime of proc_pid_stat(5), at 100 ticks a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

describe('connections', () => {
  test('that use up the descriptors stop TCP for a while, and neither hooks nor the sockets', async () => {
    const limited = { wrapper: ['prlimit', '--nofile=1024:1024'] };
    const { daemon, port } = await start({}, limited);
    await using _daemon = daemon;
    site.record('link-added');
    const flood = silent(port, 3000);
    await daemon.logged({ error_code: 'NETEVD_API_FLOOD' });
    const before = cpuOf(daemon.pid);
    ip('link add name dock9 type bridge');
    await waitUntil('the hook', () => site.told().includes('dock9 link-added'));
    expect((await ask('/health', { socket })).status).toBe(200);
    await waitUntil(
      'TCP again',
      async () => (await ask(`http://127.0.0.1:${port}/health`)).status === 200,
      60_000,
    );
    // It must not spin meanwhile: that would be ten seconds of CPU time.
    expect(cpuOf(daemon.pid) - before).toBeLessThan(4000);
    for (const connection of flood) connection.destroy();
    ip('link del dock9');
  }, 120_000);

  test('that say nothing do not keep others from being answered', async () => {
    const { daemon, port } = await start();
    await using _daemon = daemon;
    const idle = silent(port, 2000);
    await waitUntil('all to be connected', () => idle.every(({ readyState }) => readyState === 'open'));
    expect((await ask(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    for (const connection of idle) connection.destroy();
  });

  test('with half a request hold up nobody, and a request that is none is refused', async () => {
    const { daemon, port } = await start();
    await using _daemon = daemon;
    const slowHeader = connect(port, '127.0.0.1');
    slowHeader.write('GET /health HTTP/1.1\r\nHost: loc');
    const slowBody = connect(port, '127.0.0.1');
    slowBody.write(
      'POST /api/v1/config/validate HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nho',
    );
    expect((await ask(`http://127.0.0.1:${port}/health`)).status).toBe(200);
    expect(await sendRaw(port, 'rubbish\r\n\r\n')).toContain('400');
    for (const connection of [slowHeader, slowBody]) connection.destroy();
  });
});

describe('TLS', () => {
  const certify = (name: string): string => {
    const file = join(site.root, 'tls');
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...[
          '-subj',
          `/CN=${name}`,
          '-addext',
          'subjectAltName=IP:127.0.0.1',
          '-keyout',
          `${file}.key`,
          '-out',
          `${file}.crt`,
        ],
      ],
      { stdio: 'ignore' },
    );
    return file;
  };
  const shown = (port: number): string =>
    spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`], { input: '', encoding: 'utf8' })
      .stdout;
  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

  test.skipIf(!hasOpenssl)(
    'shows another certificate after a reload, on the same port (openssl)',
    async () => {
      const file = certify('first.example');
      const tls = { enabled: true, cert_file: `${file}.crt`, key_file: `${file}.key` };
      const { daemon, port } = await start({ tls });
      await using _daemon = daemon;
      const answer = await ask(`https://127.0.0.1:${port}/health`, { tls: { rejectUnauthorized: false } });
      expect(answer.status).toBe(200);
      expect(shown(port)).toContain('first.example');
      certify('second.example');
      site.configure({ api: { port, tls }, events: { database: join(site.root, 'events.db') } });
      expect((await ask('/api/v1/reload', { method: 'POST', socket: control })).status).toBe(200);
      await waitUntil('the other certificate', () => shown(port).includes('second.example'));
      writeFileSync(`${file}.crt`, 'no certificate');
      expect((await ask('/api/v1/reload', { method: 'POST', socket: control })).status).toBe(200);
      await daemon.logged({ error_code: 'NETEVD_API_LISTEN' });
      expect((await ask('/health', { socket })).status).toBe(200);
    },
  );
});

describe('the history', () => {
  test('that cannot be opened keeps records in memory, and says so', async () => {
    writeFileSync(join(site.root, 'file'), '');
    await using daemon = await site.start({
      config: { api: { port: 0 }, events: { database: join(site.root, 'file', 'events.db') } },
    });
    await daemon.logged({ error_code: 'NETEVD_HISTORY_UNWRITABLE' });
    const { checks, status } = (await ask('/health', { socket })).json;
    expect(status).toBe('healthy');
    expect(checks.history).not.toBe('ok');
    const { problems, history } = (await ask('/api/v1/status', { socket })).json;
    expect(problems.map(({ id }: { id: string }) => id)).toContain('history');
    expect(history.error).toBeString();
    expect((await ask('/api/v1/events', { socket })).json.count).toBeGreaterThan(0);
  });

  test('that is damaged is set aside, and a new epoch begins', async () => {
    const path = join(site.root, 'events.db');
    const first = await start();
    const before = (await ask('/api/v1/status', { socket })).json;
    await first.daemon.stop();
    writeFileSync(path, 'this is no database, and was never one'.repeat(100));
    const { daemon } = await start();
    await using _daemon = daemon;
    await daemon.logged({ error_code: 'NETEVD_HISTORY_DAMAGED' });
    const { epoch } = await waitUntil('the new epoch', async () => {
      const status = (await ask('/api/v1/status', { socket })).json;
      return status.epoch !== before.epoch && status;
    });
    using cable = new Cable('eth7', 7);
    cable.up();
    const events = await waitUntil('records of it', async () => {
      const answer = (await ask('/api/v1/events?interface=eth7', { socket })).json.events;
      return answer.length > 0 && answer;
    });
    expect(events.at(-1).id).toMatch(new RegExp(`^${epoch}/\\d+$`));
    expect(events.at(-1).seq).toBeLessThan(10);
    await daemon.kill();
    const again = await start();
    await using _again = again.daemon;
    expect((await ask('/api/v1/status', { socket })).json.epoch).toBe(epoch);
  });
});
