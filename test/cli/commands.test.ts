/** The commands that ask the daemon: requests, formats, options and every way to fail. */
import { describe, expect, test } from 'bun:test';
import { runProgram } from '../../src/cli/program.ts';
import { connectError, type TestWorldOptions, testIo, testWorld } from '../../src/testing/command-line.ts';
import { errorAnswer, FakeApi } from '../../src/testing/fake-api.ts';
import { sampleEvents, sampleStatus } from '../../src/testing/sample-answers.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  line: string,
  options: Partial<TestWorldOptions> = {},
  env: Readonly<Record<string, string>> = {},
  columns?: number,
): Promise<Ran> {
  const io = testIo(columns, env);
  const world = testWorld({ transport: new FakeApi().transport, ...options });
  const code = await runProgram(
    line.split(' '),
    io,
    async () => 0,
    async () => world,
  );
  return { code, out: io.stdout.text, err: io.stderr.text };
}

const json = ({ out }: Ran): unknown => JSON.parse(out);
const failing = (code: string): Partial<TestWorldOptions> => ({
  transport: () => Promise.reject(connectError(code)),
});
const codeOf = (ran: Ran): string => (json(ran) as { readonly error: { readonly code: string } }).error.code;

describe('formats', () => {
  for (const line of ['-o json status', 'status -o json', '--format json status', 'status --format=json']) {
    test(`"netevd ${line}" is only JSON`, async () => {
      expect(json(await run(line))).toEqual(sampleStatus);
    });
  }

  test('what the command is given itself is stronger than what stands before it', async () => {
    expect((await run('-o json status -o yaml')).out).toStartWith('status: degraded\n');
  });

  test('fields select keys of JSON and columns of a table, in their order', async () => {
    const { out } = await run('list interfaces --fields state,name --no-header');
    expect(out).toBe('● routable    eth0\n● routable    eth1\n✗ no-carrier  wwan0\n');
    const list = json(await run('list interfaces --fields state,name -o json')) as { interfaces: object[] };
    expect(list.interfaces[0]).toEqual({ state: 'routable', name: 'eth0' });
  });

  test('a field that does not exist is a usage error', async () => {
    const ran = await run('status --fields helth -o json');
    expect([ran.code, codeOf(ran)]).toEqual([2, 'NETEVD_CLIENT_USAGE']);
  });

  test('colours are on a terminal, and not with NO_COLOR, --color never or TERM=dumb', async () => {
    const hasColour = async (line: string, env: Record<string, string>, columns?: number): Promise<boolean> =>
      (await run(line, {}, env, columns)).out.includes('\u001b[');
    expect(await hasColour('status', {}, 80)).toBe(true);
    expect(await hasColour('status', {})).toBe(false);
    expect(await hasColour('status --color always', {})).toBe(true);
    expect(await hasColour('--color always status', {})).toBe(true);
    expect(await hasColour('status', { NO_COLOR: '1' }, 80)).toBe(false);
    expect(await hasColour('status --color never', {}, 80)).toBe(false);
    expect(await hasColour('status', { TERM: 'dumb' }, 80)).toBe(false);
  });

  test('control characters of names and output do not reach the terminal', async () => {
    for (const line of ['show run 48214', 'show run 48214 -o table']) {
      expect((await run(line)).out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    }
  });
});

describe('usage errors', () => {
  const said: readonly (readonly [line: string, message: string])[] = [
    ['sttus', "unknown command 'sttus'; did you mean 'status'?"],
    ['list interfacs', "unknown command 'interfacs'; did you mean 'interfaces'?"],
    ['routing xplain', "unknown command 'xplain'; did you mean 'explain'?"],
    ['routing -c /x --color=never xplain', "unknown command 'xplain'; did you mean 'explain'?"],
    ['events --sinse 1h', "unknown option '--sinse'; did you mean --since?"],
    ['completion tcsh', "found 'tcsh', expected bash, zsh, fish"],
    ['events -n x', "option '-n, --tail <count>': found 'x', expected a number from 1"],
    ['status extra', "too many arguments for 'status': extra"],
  ];
  for (const [line, message] of said) {
    test(`"netevd ${line}": ${message}`, async () => {
      expect(await run(line)).toMatchObject({ code: 2, err: `netevd: ${message} (see netevd --help)\n` });
    });
  }

  const lines = [
    'status now',
    'list interfaces eth0',
    'show interface',
    'show interface eth0 eth1',
    'show rule many',
    'events --tail 0',
    'events --tail many',
    'events -f --until 10m',
    'list',
    'list links',
    'statsu',
    'evnts --follow',
    'status -o xml',
    'status --color pink',
    'status --endpoint ftp://host',
    'status --endpoint unix:relative',
    'status --endpoint http://user@host',
    'completion tcsh',
    'hooks surplus',
    'routing surplus',
    'version surplus',
    'help statsu',
  ];
  for (const line of lines) {
    test(`"netevd ${line}" exits with 2 and writes nothing to stdout`, async () => {
      const { code, out, err } = await run(line);
      expect([code, out]).toEqual([2, '']);
      expect(err).not.toBe('');
    });
  }

  test('are JSON if JSON was requested', async () => {
    for (const line of ['status now -o json', 'statsu -o json', '-o json list links']) {
      const ran = await run(line);
      expect([ran.code, codeOf(ran), ran.err]).toEqual([2, 'NETEVD_CLIENT_USAGE', '']);
    }
  });
});

describe('a daemon that does not answer', () => {
  test('may run, if its configuration turns the API off', async () => {
    const world = testWorld({ transport: () => Promise.reject(connectError('ENOENT')) });
    const io = testIo();
    const off = { ...world, sockets: () => ({ ...world.sockets(), areOff: true as const }) };
    const code = await runProgram(
      ['status'],
      io,
      async () => 0,
      async () => off,
    );
    expect(code).toBe(3);
    expect(io.stderr.text).toContain('while api.enabled is false');
    expect(io.stderr.text).not.toContain('not running');
  });

  const reasons = [
    ['ENOENT', 'status', 3, 'NETEVD_CLIENT_NOT_RUNNING'],
    ['ECONNREFUSED', 'status', 3, 'NETEVD_CLIENT_STALE_SOCKET'],
    ['EACCES', 'status', 3, 'NETEVD_CLIENT_PERMISSION'],
    ['EACCES', 'reload', 1, 'NETEVD_CLIENT_PERMISSION'],
    ['ENOENT', 'reload', 3, 'NETEVD_CLIENT_NOT_RUNNING'],
    ['ENOENT', 'events', 3, 'NETEVD_CLIENT_NOT_RUNNING'],
    ['ENOENT', 'events -f', 3, 'NETEVD_CLIENT_NOT_RUNNING'],
    ['ECONNREFUSED', 'events -f -n 5', 3, 'NETEVD_CLIENT_STALE_SOCKET'],
    ['ETIMEDOUT', 'list routes', 3, 'NETEVD_CLIENT_UNREACHABLE'],
    ['ECONNREFUSED', 'status --endpoint http://127.0.0.1:9', 3, 'NETEVD_CLIENT_UNREACHABLE'],
  ] as const;
  for (const [errno, line, code, name] of reasons) {
    test(`by ${errno}, "netevd ${line}" exits with ${code}, and JSON says ${name}`, async () => {
      const text = await run(line, failing(errno));
      expect([text.code, text.out]).toEqual([code, '']);
      const ran = await run(`${line} -o json`, failing(errno));
      expect([ran.code, codeOf(ran), ran.err]).toEqual([code, name, '']);
    });
  }

  test('the remedy repeats the command line', async () => {
    const { err } = await run('show interface eth0', failing('EACCES'));
    expect(err).toContain('sudo netevd show interface eth0');
  });
});

describe('a request that the daemon refuses', () => {
  function refusing(path: string, response: () => Response): Partial<TestWorldOptions> {
    const api = new FakeApi();
    api.replaced.set(path, response);
    return { transport: api.transport };
  }

  test('is an error of usage if it could not be understood', async () => {
    const world = refusing('GET /api/v1/events', () => errorAnswer(400, 'NETEVD_API_QUERY', 'no time'));
    const ran = await run('events --since lately -o json', world);
    expect([ran.code, codeOf(ran)]).toEqual([2, 'NETEVD_API_QUERY']);
  });

  test('fails with 1 if the token is missing, and names the variable', async () => {
    const world = refusing('GET /api/v1/status', () =>
      errorAnswer(401, 'NETEVD_API_UNAUTHORIZED', 'no token'),
    );
    const { code, err } = await run('status', world);
    expect([code, err.includes('NETEVD_TOKEN')]).toEqual([1, true]);
  });

  test('fails with 1 if the answer is of another program', async () => {
    const world = refusing('GET /api/v1/status', () => new Response('<html>'));
    const ran = await run('status -o json', world);
    expect([ran.code, codeOf(ran)]).toEqual([1, 'NETEVD_CLIENT_ANSWER']);
  });

  test('something that does not exist fails with 1 and names what is near', async () => {
    const { code, err } = await run('show interface eth2');
    expect(code).toBe(1);
    expect(err).toMatch(/'eth[01]'/);
    expect(codeOf(await run('show route 198.51.100.0/24 -o json'))).toBe('NETEVD_CLIENT_NOT_FOUND');
    expect(codeOf(await run('show rule 7 -o json'))).toBe('NETEVD_CLIENT_NOT_FOUND');
    expect(codeOf(await run('show run 7 -o json'))).toBe('NETEVD_API_NOT_FOUND');
  });
});

describe('the endpoint', () => {
  async function connected(line: string, env: Record<string, string> = {}): Promise<unknown> {
    let seen: unknown;
    const onConnect = (endpoint: object, token: string | undefined): void => {
      seen = [endpoint, token];
    };
    await run(line, { onConnect, files: { '/etc/token': ' s3cret\n' } }, env);
    return seen;
  }

  test('is the socket for reading, and for a reload the one for control', async () => {
    expect(await connected('status')).toEqual([{ kind: 'unix', path: '/run/netevd/netevd.sock' }, undefined]);
    expect(await connected('reload')).toEqual([
      { kind: 'unix', path: '/run/netevd/control.sock' },
      undefined,
    ]);
  });

  test('can be given before or after the command, with a token', async () => {
    const http = { kind: 'http', url: 'http://h:9090' };
    expect(await connected('--endpoint http://h:9090/ status', { NETEVD_TOKEN: 't' })).toEqual([http, 't']);
    const file = 'status --endpoint http://h:9090 --token-file /etc/token';
    expect(await connected(file, { NETEVD_TOKEN: 't' })).toEqual([http, 's3cret']);
    expect(await connected('status --endpoint unix:///x.sock')).toEqual([
      { kind: 'unix', path: '/x.sock' },
      undefined,
    ]);
  });

  test('needs a token file that can be read', async () => {
    expect((await run('status --token-file /nowhere')).code).toBe(2);
  });
});

describe('status', () => {
  test('--check exits with 1 if there is a problem, and with 0 if there is none', async () => {
    expect((await run('status --check')).code).toBe(1);
    expect((await run('status')).code).toBe(0);
    const api = new FakeApi();
    api.answers['/api/v1/status'] = { ...sampleStatus, health: 'healthy', problems: [] };
    expect((await run('status --check', { transport: api.transport })).code).toBe(0);
  });
});

describe('list', () => {
  test('reads all pages of routes', async () => {
    const api = new FakeApi();
    const { routes } = api.answers['/api/v1/routes'] ?? { routes: [] };
    api.replaced.set('GET /api/v1/routes', () => {
      const isFirst = !api.requests.at(-1)?.path.includes('after=');
      const page = isFirst ? { has_more: true, next: 'x' } : { has_more: false, next: null };
      return Response.json({ routes, count: routes.length, ...page });
    });
    const list = json(await run('list routes --table 254 -o json', { transport: api.transport }));
    expect((list as { count: number }).count).toBe(2 * routes.length);
    expect(api.requests.map(({ path }) => path)).toEqual([
      '/api/v1/routes?table=254&limit=1000',
      '/api/v1/routes?table=254&limit=1000&after=x',
    ]);
  });

  test('shows links that are not watched only with --all', async () => {
    const names = async (line: string): Promise<string[]> =>
      ((await run(line)).out.match(/\S+$/gm) ?? []) as string[];
    expect(await names('list interfaces --no-header --fields name')).toEqual(['eth0', 'eth1', 'wwan0']);
    expect(await names('list interfaces --all --no-header --fields name')).toContain('lo');
  });

  test('--own shows the rules of netevd alone', async () => {
    expect(json(await run('list rules --own -o json'))).toMatchObject({ count: 1 });
  });
});

describe('events', () => {
  const seqs = (ran: Ran): number[] =>
    ran.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
  const all = sampleEvents.map(({ seq }) => seq);

  test('are one JSON object on each line, oldest first', async () => {
    expect(seqs(await run('events -o json'))).toEqual(all);
    expect(seqs(await run('events -o json -n 2'))).toEqual(all.slice(-2));
    expect(seqs(await run('events -o json --since 48213'))).toEqual(all.slice(2));
    expect(seqs(await run('events -o json --since 48212 --until 48215'))).toEqual(all.slice(1, 3));
    expect(seqs(await run('events -o json -i eth1'))).toEqual(all.slice(3));
    expect(seqs(await run('events -o json -t address-removed'))).toEqual(all.slice(1, 2));
  });

  test('before the oldest record are a gap', async () => {
    const [first] = (await run('events -o json --since 3')).out.split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ kind: 'gap', cause: 'expired', oldest: 48_212 });
  });

  test('are read in pages', async () => {
    const api = new FakeApi();
    const [sample] = sampleEvents;
    api.records = Array.from({ length: 2500 }, (_, at) => ({
      ...(sample as (typeof sampleEvents)[number]),
      seq: at + 1,
    }));
    const count = async (line: string): Promise<number> =>
      seqs(await run(line, { transport: api.transport })).length;
    expect(await count('events -o json --since 0')).toBe(2500);
    expect(await count('events -o json -n 1500')).toBe(1500);
    expect(await count('events -o json --until 2400')).toBe(2399);
  });
});

describe('reload', () => {
  function answering(response: () => Response): { api: FakeApi; world: Partial<TestWorldOptions> } {
    const api = new FakeApi();
    api.replaced.set('POST /api/v1/reload', response);
    return { api, world: { transport: api.transport } };
  }
  const success = (changed: readonly string[]) => (): Response =>
    Response.json({ status: 'success', message: 'm', timestamp: 't', changed });

  test('says what changed, or that nothing did', async () => {
    const some = await run('reload', answering(success(['hooks', 'routing'])).world);
    expect([some.code, some.out]).toEqual([0, 'reloaded: hooks, routing changed\n']);
    expect((await run('reload', answering(success([])).world)).out).toContain('nothing');
    expect(json(await run('reload -o json', answering(success(['hooks'])).world))).toMatchObject({
      changed: ['hooks'],
    });
  });

  test('lists every error and exits with 78', async () => {
    const details = [
      {
        file: '/etc/netevd/netevd.yaml',
        line: 3,
        column: 5,
        key: 'hooks.timeout_sec',
        message: 'expected a number',
      },
      { file: '/etc/netevd/netevd.yaml', line: null, column: null, key: '', message: 'too long' },
    ];
    const refusal = (): Response => errorAnswer(400, 'NETEVD_CONFIG_REJECTED', 'errors', details);
    const text = await run('reload', answering(refusal).world);
    expect([text.code, text.out, text.err.trim().split('\n').length]).toEqual([78, '', 3]);
    expect(text.err).toContain('/etc/netevd/netevd.yaml:3:5: hooks.timeout_sec: expected a number\n');
    const ran = await run('reload -o json', answering(refusal).world);
    expect([ran.code, json(ran)]).toEqual([
      78,
      { error: { code: 'NETEVD_CONFIG_REJECTED', message: 'errors', details } },
    ]);
  });

  test('fails with 1 if the door does not allow it', async () => {
    const { world } = answering(() => errorAnswer(403, 'NETEVD_API_FORBIDDEN', 'only over control.sock'));
    expect((await run('reload', world)).code).toBe(1);
  });
});
