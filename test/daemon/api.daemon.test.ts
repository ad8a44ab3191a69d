/** The API of the built daemon: every documented line of curl, who may do what on each door, and what a client can send. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerSchema } from '../../src/api/schemas/document.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { ask, sendRaw } from './api-client.ts';
import { type DaemonUnderTest, Site } from './daemon-under-test.ts';
import { Cable, ip } from './links.ts';

const token = 'a-token-for-the-tests-of-the-api';
let site: Site;
let daemon: DaemonUnderTest;
let socket = '';
let control = '';
let port = 0;
let cable: Cable;
const tcp = (path: string): string => `http://127.0.0.1:${port}${path}`;
const bearer = { authorization: `Bearer ${token}` };

beforeAll(async () => {
  site = new Site();
  socket = join(site.runtime, 'netevd.sock');
  control = join(site.runtime, 'control.sock');
  const tokenFile = join(site.root, 'token');
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  site.hook('routable', '10-say', '#!/bin/sh\necho "hello $LINK"; exit 3\n');
  daemon = await site.start({
    config: {
      api: { port: 0, token_file: tokenFile },
      audit: { enabled: true, path: join(site.root, 'audit.log') },
      events: { database: join(site.root, 'events.db') },
    },
  });
  port = Number((await daemon.logged({ door: 'tcp' }))['port']);
  cable = new Cable('eth0', 1);
  cable.up();
  cable.plug();
  ip('addr add 192.0.2.10/24 dev eth0');
  ip('route add default via 192.0.2.1 dev eth0');
  await waitUntil('the hook to have run', async () => (await ask(tcp('/api/v1/hooks/runs'))).json.count > 0);
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  site[Symbol.dispose]();
  cable[Symbol.dispose]();
});

describe('the documented lines of curl', () => {
  const curl = (path: string): { readonly status: string; readonly body: string } => {
    const run = spawnSync('curl', ['-s', '-w', '\n%{http_code}', `http://localhost:${port}${path}`], {
      encoding: 'utf8',
    });
    const lines = run.stdout.split('\n');
    return { status: lines.at(-1) ?? '', body: lines.slice(0, -1).join('\n') };
  };

  test('status', () => {
    const { status, body } = curl('/api/v1/status');
    expect(status).toBe('200');
    expect(JSON.parse(body)).toMatchObject({
      status: 'degraded',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      uptime_seconds: expect.any(Number),
      backend: 'auto',
      scripts_executed: expect.any(Number),
      last_event: expect.stringMatching(/^\d{4}-.*Z$/),
      sources: { kernel: { state: 'current', wanted: true } },
    });
    const { problems, events_processed } = JSON.parse(body);
    expect(problems.map(({ id }: { id: string }) => id)).toEqual(['hook-failed:routable/10-say']);
    expect(events_processed).toBeGreaterThan(0);
  });

  test('interfaces', () => {
    const { interfaces, count } = JSON.parse(curl('/api/v1/interfaces').body);
    expect(count).toBe(interfaces.length);
    expect(interfaces.find(({ name }: { name: string }) => name === 'eth0')).toMatchObject({
      state: 'routable',
      mtu: 1500,
      type: 'veth',
      gateway: '192.0.2.1',
      watched: true,
      addresses: expect.arrayContaining([{ ip: '192.0.2.10', prefix: 24, family: 'ipv4', scope: 'global' }]),
    });
  });

  test('routes', () => {
    const { routes } = JSON.parse(curl('/api/v1/routes?interface=eth0&table=254&family=ipv4').body);
    expect(routes).toContainEqual(
      expect.objectContaining({
        destination: 'default',
        gateway: '192.0.2.1',
        interface: 'eth0',
        table: 254,
        table_name: 'main',
      }),
    );
  });

  test('events, newest first', () => {
    const { events, count, has_more, head_seq } = JSON.parse(curl('/api/v1/events?limit=3').body);
    expect([events.length, count, has_more]).toEqual([3, 3, true]);
    expect(events[0].seq).toBe(head_seq);
    expect(events[0].seq).toBeGreaterThan(events[1].seq);
    for (const { id, seq, timestamp, event_type, action, details } of events) {
      expect([id, seq, event_type, action, timestamp]).toEqual([
        details.id,
        details.seq,
        details.event,
        details.message,
        details.ts,
      ]);
    }
  });

  test('metrics', () => {
    const { status, body } = curl('/metrics');
    expect(status).toBe('200');
    expect(body).toMatch(/^netevd_events_total\{type="routable",interface="eth0",backend="kernel"\} 1$/m);
    expect(body).toMatch(/^netevd_script_failures_total\{script="routable\.d\/10-say",exit_code="3"\} 1$/m);
  });

  test('health', () => {
    const { status, body } = curl('/health');
    expect(status).toBe('200');
    expect(JSON.parse(body)).toEqual({
      status: 'healthy',
      checks: { netlink: 'ok', dbus: 'absent', config: 'ok', backend: 'ok', history: 'ok' },
    });
  });
});

describe('endpoints', () => {
  test('one interface, with its events and counters', async () => {
    const { json } = await ask(tcp('/api/v1/interfaces/eth0'));
    expect(json).toMatchObject({ name: 'eth0', policy_routing: null, leases: [] });
    expect(json.statistics.rx_packets).toBeNumber();
    expect(json.last_events.length).toBeGreaterThan(2);
    expect(json.last_events[0].interface).toBe('eth0');
  });

  test('a run with its output, which a reader of loopback does not get', async () => {
    const [run] = (await ask(tcp('/api/v1/hooks/runs?failed=true'))).json.runs;
    expect(run).toMatchObject({ script: '10-say', link: 'eth0', exit_code: 3, result: 'failed' });
    const path = `/api/v1/hooks/runs/${run.id.replace('/', '.')}`;
    expect((await ask(tcp(path))).status).toBe(401);
    const withToken = await ask(tcp(path), { headers: bearer });
    expect(withToken.json).toMatchObject({ stdout: 'hello eth0\n', exit_code: 3 });
    expect((await ask(path, { socket })).json).toEqual(withToken.json);
    expect((await ask(`/api/v1/hooks/runs/${run.id.split('/')[1]}`, { socket })).json).toEqual(
      withToken.json,
    );
  });

  test('hooks as the daemon judges them', async () => {
    const { json } = await ask(tcp('/api/v1/hooks'));
    const routable = json.directories.find(({ event }: { event: string }) => event === 'routable');
    expect(routable.files).toMatchObject([{ name: '10-say', verdict: 'runs', last_run: { exit_code: 3 } }]);
  });

  test('rules, timeline, routing, explain', async () => {
    expect((await ask(tcp('/api/v1/rules'))).json.rules).toContainEqual(
      expect.objectContaining({
        priority: 32_766,
        from: 'all',
        table: 254,
        action: 'lookup',
        owner: 'other',
      }),
    );
    const { links } = (await ask(tcp('/api/v1/timeline?hours=1'))).json;
    const strip = links.find(({ name }: { name: string }) => name === 'eth0');
    expect(strip.segments.at(-1).state).toBe('routable');
    expect((await ask(tcp('/api/v1/routing'))).json).toMatchObject({ links: [], leftovers: [] });
    const explained = await ask(tcp('/api/v1/routing/explain?src=192.0.2.10&dst=198.51.100.7'));
    expect(explained.json.verdict).toMatchObject({
      kind: 'routed',
      ways: [{ link: 'eth0', gateway: '192.0.2.1' }],
    });
  });

  test('the configuration says where each value comes from', async () => {
    const { json } = await ask('/api/v1/config', { socket });
    const origin = (key: string): unknown =>
      json.values.find((value: { key: string }) => value.key === key)?.origin;
    expect(origin('api.port')).toMatchObject({ kind: 'file', file: site.configFile });
    expect(origin('hooks.timeout_sec')).toEqual({ kind: 'default' });
    expect(JSON.stringify(json)).not.toContain(token);
  });

  test('the page, with its own policy', async () => {
    const page = await ask(tcp('/'));
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'");
    const again = await ask(tcp('/'), { headers: { 'if-none-match': page.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  test('an answer that is the same is 304', async () => {
    for (const path of ['/api/v1/interfaces', '/api/v1/rules', '/api/v1/routes?family=ipv4']) {
      const first = await ask(tcp(path));
      const etag = first.headers.get('etag') ?? '';
      const second = await ask(tcp(path), { headers: { 'if-none-match': etag } });
      expect([path, second.status, second.text]).toEqual([path, 304, '']);
      expect((await ask(tcp(path), { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    }
  });

  test('HEAD has the headers of GET alone', async () => {
    const head = await ask(tcp('/api/v1/interfaces'), { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('etag')).toBe((await ask(tcp('/api/v1/interfaces'))).headers.get('etag'));
  });

  test('every answer keeps browsers from guessing and keeping', async () => {
    const { headers } = await ask(tcp('/api/v1/status'));
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('real answers', () => {
  test.each([
    '/api/v1/status',
    '/api/v1/interfaces',
    '/api/v1/interfaces/eth0',
    '/api/v1/timeline',
    '/api/v1/routes',
    '/api/v1/rules',
    '/api/v1/events?limit=1000',
    '/api/v1/events?full=1',
    '/api/v1/hooks',
    '/api/v1/hooks/runs',
    '/api/v1/routing',
    '/api/v1/routing/explain?src=192.0.2.10&dst=198.51.100.7',
    '/api/v1/config',
    '/health',
  ])('%s is as the OpenAPI document says', async (path) => {
    const { json } = await ask(path, { socket });
    const template = path.replace(/\?.*/, '').replace('interfaces/eth0', 'interfaces/{name}');
    const schema = answerSchema(template, 'GET');
    expect(schema?.safeParse(json).error?.issues).toBeUndefined();
    expect(schema).toBeDefined();
  });

  test('the document is embedded', async () => {
    const { json } = await ask(tcp('/openapi.json'));
    expect(Object.keys(json.paths)).toContain('/api/v1/events/stream');
    expect(json.openapi).toBe('3.1.0');
  });
});

describe('doors', () => {
  test('sockets have the modes that they should have', () => {
    expect(statSync(control).mode & 0o777).toBe(0o600);
    expect(statSync(socket).mode & 0o007).toBe(0);
  });

  test('changes go through the control socket, or with the token', async () => {
    const reload = { method: 'POST' };
    expect((await ask('/api/v1/reload', { ...reload, socket })).status).toBe(403);
    expect((await ask(tcp('/api/v1/reload'), reload)).status).toBe(401);
    expect((await ask(tcp('/api/v1/reload'), { ...reload, headers: bearer })).status).toBe(200);
    const answer = await ask('/api/v1/reload', { ...reload, socket: control });
    expect(answer.json).toMatchObject({ status: 'success', changed: [] });
  });

  test('a reload says what changed, or every error with its place', async () => {
    const before = readFileSync(site.configFile, 'utf8');
    writeFileSync(site.configFile, before.replace('exclude:', 'interfacse: []\n  exclude:'));
    const refused = await ask('/api/v1/reload', { method: 'POST', socket: control });
    expect([refused.status, refused.json.error.code]).toEqual([400, 'NETEVD_CONFIG_REJECTED']);
    expect(refused.json.error.details).toMatchObject([
      { file: site.configFile, key: 'monitoring.interfacse' },
    ]);
    writeFileSync(
      site.configFile,
      before.replace('exclude:', 'interfaces: []\n  exclude:').replace('- lo', '- none'),
    );
    const accepted = await ask('/api/v1/reload', { method: 'POST', socket: control });
    expect(accepted.json.changed).toEqual(['monitoring']);
    writeFileSync(site.configFile, before);
    expect((await ask('/api/v1/reload', { method: 'POST', socket: control })).status).toBe(200);
  });

  test('who asked for a change, and who was refused, is in the audit log', async () => {
    const lines = (): Record<string, unknown>[] =>
      readFileSync(join(site.root, 'audit.log'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    await waitUntil('the audit log', () => lines().some((line) => line['resource'] === '/api/v1/reload'));
    const reloads = lines().filter((line) => line['resource'] === '/api/v1/reload');
    expect(reloads).toContainEqual(
      expect.objectContaining({ actor: 'uid:0', uid: 0, pid: process.pid, result: 'success' }),
    );
    expect(reloads).toContainEqual(
      expect.objectContaining({
        actor: 'tcp:127.0.0.1',
        result: 'failure',
        details: { status: 401, code: 'NETEVD_API_UNAUTHORIZED' },
      }),
    );
    expect(lines().some(({ event_type }) => event_type === 'script_execution')).toBe(true);
    expect(JSON.stringify(lines())).not.toContain('hello eth0');
  });

  test('a configuration can be checked without being applied', async () => {
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/yaml' },
      body: 'hooks: {timeout: 1}\n',
    };
    const { status, json } = await ask('/api/v1/config/validate', { ...post, socket });
    expect([status, json.valid]).toEqual([200, false]);
    expect(json.problems).toMatchObject([{ line: 1, key: 'hooks.timeout' }]);
    const good = await ask('/api/v1/config/validate', { ...post, body: 'hooks: {timeout_sec: 1}\n', socket });
    expect(good.json).toEqual({ valid: true, problems: [] });
  });
});

describe('what a client can get wrong', () => {
  const codeOf = async (path: string, options = {}): Promise<unknown> => {
    const { status, json, headers } = await ask(tcp(path), options);
    expect(headers.get('content-type')).toBe('application/json');
    return [status, json.error.code];
  };

  test('paths, methods and queries', async () => {
    expect(await codeOf('/api/v1/interface')).toEqual([404, 'NETEVD_API_NOT_FOUND']);
    expect(await codeOf('/api/v1/interfaces/none')).toEqual([404, 'NETEVD_API_NOT_FOUND']);
    expect(await codeOf('/api/v1/status/')).toEqual([404, 'NETEVD_API_NOT_FOUND']);
    expect(await codeOf('/api/v1/status', { method: 'DELETE' })).toEqual([405, 'NETEVD_API_METHOD']);
    expect(await codeOf('/api/v1/interfaces/%ff')).toEqual([400, 'NETEVD_API_REQUEST']);
    expect(await codeOf('/api/v1/events?limit=0')).toEqual([400, 'NETEVD_API_QUERY']);
    expect(await codeOf('/api/v1/events?limit=1&limit=2')).toEqual([400, 'NETEVD_API_QUERY']);
    expect(await codeOf('/api/v1/routing/explain?src=192.0.2.10&dst=x')).toEqual([400, 'NETEVD_API_QUERY']);
    const { headers } = await ask(tcp('/api/v1/reload'));
    expect(headers.get('allow')).toBe('POST');
  });

  test('bodies', async () => {
    const yaml = { 'content-type': 'text/yaml', ...bearer };
    const validate = '/api/v1/config/validate';
    const large = 'x'.repeat(64 * 1024 + 1);
    expect(await codeOf(validate, { method: 'POST', headers: yaml, body: large })).toEqual([
      413,
      'NETEVD_API_BODY',
    ]);
    const chunked = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(large));
        controller.close();
      },
    });
    expect(await codeOf(validate, { method: 'POST', headers: yaml, body: chunked, duplex: 'half' })).toEqual([
      413,
      'NETEVD_API_BODY',
    ]);
    const json = { 'content-type': 'application/json', ...bearer };
    expect(await codeOf(validate, { method: 'POST', headers: json, body: '{}' })).toEqual([
      415,
      'NETEVD_API_MEDIA_TYPE',
    ]);
  });

  test('hosts and origins', async () => {
    const raw = async (head: string): Promise<string> => (await sendRaw(port, head)).split('\r\n')[0] ?? '';
    expect(
      await raw(
        `GET /health HTTP/1.1\r\nHost: localhost:${port}\r\nHost: evil.com\r\nConnection: close\r\n\r\n`,
      ),
    ).toContain('403');
    expect(await raw('GET /health HTTP/1.1\r\nHost: 127.evil.com\r\nConnection: close\r\n\r\n')).toContain(
      '403',
    );
    expect(
      await raw('GET http://evil.com/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    ).toContain('200');
    expect(await raw('GET /health HTTP/1.1\r\nConnection: close\r\n\r\n')).toContain('400');
    expect(await codeOf('/health', { headers: { origin: 'http://evil.com' } })).toEqual([
      403,
      'NETEVD_API_ORIGIN',
    ]);
    expect((await ask(tcp('/health'), { headers: { origin: `http://127.0.0.1:${port}` } })).status).toBe(200);
  });
});

test('a daemon that was killed leaves sockets that the next one replaces, and a history that goes on', async () => {
  const before = (await ask(tcp('/api/v1/status'))).json;
  await daemon.kill();
  daemon = await site.start();
  await daemon.logged({ door: 'control' });
  const status = (await ask('/api/v1/status', { socket })).json;
  expect(status.epoch).toBe(before.epoch);
  expect(status.history.head_seq).toBeGreaterThan(before.history.head_seq);
  const since = before.history.head_seq - 10;
  const { events, truncated } = (await ask(`/api/v1/events?since=${since}&limit=1000`, { socket })).json;
  const seqs: readonly number[] = events.map(({ seq }: { seq: number }) => seq);
  const isWhole = seqs.every((seq, at) => seq === since + 1 + at);
  // What was found within the last 50 ms may be lost with the process, and is then said to be.
  expect([isWhole, truncated]).toBeOneOf([
    [true, false],
    [false, true],
  ]);
  expect(seqs.at(-1)).toBe(status.history.head_seq);
  port = Number((await daemon.logged({ door: 'tcp' }))['port']);
});

test('a second daemon does not take the sockets of one that runs', async () => {
  using other = new Site();
  chmodSync(other.root, 0o755);
  const config = { api: { port: 0, socket, control_socket: control }, events: { database: '' } };
  await using second = await other.start({ config });
  await second.logged({ error_code: 'NETEVD_API_LISTEN', door: 'read', errno: 'EADDRINUSE' });
  await second.logged({ error_code: 'NETEVD_API_LISTEN', door: 'control', errno: 'EADDRINUSE' });
  expect((await ask('/api/v1/status', { socket })).json.pid).toBe(daemon.pid);
});
