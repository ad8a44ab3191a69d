/**
 * The runner of privileged hooks, attacked by somebody who wants root by it: with the daemon's user, with another user,
 * by files, links, races, huge events, replayed requests and killed processes. systemd-run is a program of the test here
 * that notes how it is called, and runs the hook; the real one is in test/lab/runner.lab.test.ts.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { encodeRequest } from '../../src/core/hooks/encode-delegation.ts';
import { hookInput } from '../../src/core/hooks/environment.ts';
import { parseAnswer } from '../../src/core/hooks/parse-answer.ts';
import { eventId, seq } from '../../src/core/model/ids.ts';
import { nativeProgram } from '../../src/testing/native-program.ts';
import { sampleEvent, sampleState } from '../../src/testing/sample-state.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { executable } from '../daemon/daemon-under-test.ts';
import { assertPrivate } from '../namespace/private.ts';

const daemonUser = 990;
const mallory = 991;
const socketPath = '/run/netevd-runner.sock';
const runtime = '/run/netevd-runner';
const hooks = '/etc/netevd/routable.d';
const grants = '/etc/netevd/privileges.d/routable.d';
const calls = '/run/calls';
const epoch = '0197f3a0-1111-7222-8333-944444444444';

beforeAll(() => {
  assertPrivate();
  appendFileSync('/etc/passwd', `netevd:x:${daemonUser}:${daemonUser}::/:/usr/sbin/nologin\n`);
  appendFileSync('/etc/passwd', `mallory:x:${mallory}:${mallory}::/:/usr/sbin/nologin\n`);
  appendFileSync('/etc/group', `netevd:x:${daemonUser}:\nmallory:x:${mallory}:\n`);
  // The last argument is the hook.
  const program = `#!/bin/sh\necho "$*" >>${calls}\nfor last; do :; done\nexec "$last"\n`;
  writeFileSync('/run/systemd-run', program, { mode: 0o755 });
  const shown = 'LoadState=not-found\\nActiveState=inactive\\n';
  writeFileSync('/run/systemctl', `#!/bin/sh\nprintf '${shown}'\n`, { mode: 0o755 });
  for (const name of ['systemd-run', 'systemctl'])
    execFileSync('mount', ['--bind', `/run/${name}`, `/usr/bin/${name}`]);
});
afterAll(() => {
  for (const name of ['systemd-run', 'systemctl']) execFileSync('umount', [`/usr/bin/${name}`]);
});

/** One runner, with its socket open to all: what it allows is then its own decision. */
class Runner implements AsyncDisposable {
  readonly #child: ChildProcess;
  #stderr = '';
  #isClosed = false;

  constructor(mode = '666') {
    const words = [socketPath, mode, executable, 'runner'];
    const env = { RUNTIME_DIRECTORY: runtime, PATH: '/usr/bin:/bin' };
    this.#child = spawn(nativeProgram('activate'), words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    // Later than its exit: all that it has written is read.
    this.#child.on('close', () => {
      this.#isClosed = true;
    });
  }

  get log(): string {
    return this.#stderr;
  }

  async ready(): Promise<void> {
    await waitUntil(
      'the runner',
      () => this.#stderr.includes('ready'),
      30_000,
      () => this.#stderr,
    );
  }

  async ended(): Promise<number | null> {
    await waitUntil('its end', () => this.#isClosed);
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }
}

let runner: Runner;
async function restart(): Promise<void> {
  await runner[Symbol.asyncDispose]();
  runner = new Runner();
  await runner.ready();
}
beforeEach(async () => {
  rmSync(runtime, { recursive: true, force: true });
  mkdirSync(runtime, { mode: 0o700 });
  for (const directory of ['/etc/netevd', '/run/mallory'])
    rmSync(directory, { recursive: true, force: true });
  for (const directory of [hooks, grants, '/run/mallory'])
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  chownSync('/run/mallory', mallory, mallory);
  rmSync(calls, { force: true });
  put('10-x');
  grant('10-x', 'user: root');
  runner = new Runner();
  await runner.ready();
});
afterEach(async () => {
  await runner[Symbol.asyncDispose]();
});

const put = (name: string, body = 'echo hello'): void =>
  writeFileSync(`${hooks}/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
const grant = (name: string, line: string): void => writeFileSync(`${grants}/${name}.yaml`, `${line}\n`);
const called = (): string[] =>
  existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').filter(Boolean) : [];

function request(number: number, name = '10-x'): string {
  const event = sampleEvent({ id: eventId(`${epoch}/${number}`), seq: seq(number) });
  const input = hookInput({ event, state: sampleState() }, { home: '/', user: 'x', emitJson: true });
  if (!input.ok) throw new Error(input.problem);
  return encodeRequest({ directory: 'routable', name, event: input.event });
}

/** What the runner answers somebody; empty where it closes the connection without a word. */
function ask(text: string, uid: number = daemonUser): string {
  const client = ['bun', process.execPath, '/netevd/test/privileges/ask-runner.ts', socketPath].slice(1);
  const words = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...client];
  return spawnSync('setpriv', words, { input: text, encoding: 'utf8', timeout: 30_000 }).stdout;
}

/** `exited`, or the code of a refusal. */
function outcome(answer: string): string {
  const last = parseAnswer(answer.trimEnd().split('\n').at(-1) ?? '');
  if (last?.kind !== 'ended') return answer;
  const { outcome: found } = last.report;
  return found.kind === 'refused' ? `refused: ${found.code}` : found.kind;
}

describe("the daemon's user", () => {
  test('has a hook run that root has granted privileges', () => {
    const answer = ask(request(1));
    expect(outcome(answer)).toBe('exited');
    expect(answer).toContain('hello');
    expect(called()).toHaveLength(1);
    expect(called()[0]).toContain('--property=User=root');
    expect(called()[0]).toEndWith(`-- ${hooks}/10-x`);
  });

  test('gets nothing for a hook that root has granted nothing', () => {
    put('20-y');
    expect([outcome(ask(request(1, '20-y'))), called()]).toEqual(['refused: privileges', []]);
  });

  test('gets nothing for a hook that is not there', () => {
    grant('20-y', 'user: root');
    expect(outcome(ask(request(1, '20-y')))).toStartWith('refused: ');
    expect(called()).toEqual([]);
  });

  test.each([
    ['a path for a name', (text: string) => text.replace('"10-x"', '"../../../run/mallory/x"')],
    ['an option for a name', (text: string) => text.replace('"10-x"', '"--property=User=root"')],
    ['another directory', (text: string) => text.replace('"routable"', '"privileges"')],
    [
      'a variable',
      (text: string) => text.replace('"hasNetworkd"', '"LD_PRELOAD":"/run/mallory/x.so","hasNetworkd"'),
    ],
    [
      'a variable of the event',
      (text: string) => text.replace('"schema"', '"BASH_ENV":"/run/mallory/x","schema"'),
    ],
    ['a privilege', (text: string) => text.replace('{', '{"privileges":{"user":"root"},')],
    ['words for a link', (text: string) => text.replaceAll('"eth0"', '"eth0\\nx"')],
    ['no JSON', () => '{\n'],
    ['bytes', () => '\0\u0001\u00ff\n'],
  ])('gets nothing by %s', (_, change) => {
    expect([outcome(ask(change(request(1)))), called()]).toEqual(['refused: runner', []]);
  });

  test('gets nothing by a replayed request, also when the runner was killed', async () => {
    expect(outcome(ask(request(1)))).toBe('exited');
    expect(outcome(ask(request(1)))).toBe('exited');
    await restart();
    expect(outcome(ask(request(1)))).toBe('unseen');
    expect(called()).toHaveLength(1);
  });

  test('gets nothing by twenty requests for one event at the same time', async () => {
    put('10-x', 'sleep 0.5');
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { promise, resolve } = Promise.withResolvers<string>();
        const socket = connect({ path: socketPath });
        let text = '';
        socket.on('connect', () => socket.write(request(7)));
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        socket.on('close', () => resolve(text));
        return await promise;
      }),
    );
    expect(new Set(answers.map(outcome))).toEqual(new Set(['exited']));
    expect(called()).toHaveLength(1);
  });

  test('does not end it by an event of eight megabytes, nor by a hundred open connections', async () => {
    expect(outcome(ask('x'.repeat(8 * 1024 * 1024)))).toMatch(/^$|refused: runner|EPIPE|ECONNRESET/);
    const sockets = Array.from({ length: 100 }, () =>
      connect({ path: socketPath }).on('error', () => undefined),
    );
    await waitUntil('connections', () => sockets.filter((one) => !one.connecting).length === 100);
    for (const socket of sockets) socket.destroy();
    await waitUntil('an answer', () => outcome(ask(request(1))) === 'exited', 60_000);
  }, 90_000);

  test('does not end the hook by going away', async () => {
    put('10-x', 'sleep 0.5; echo ran >/run/ran');
    const socket = connect({ path: socketPath });
    socket.on('connect', () => socket.write(request(1)));
    await waitUntil('the start', () => called().length === 1);
    socket.destroy();
    await waitUntil('the hook', () => existsSync('/run/ran'));
    rmSync('/run/ran');
    expect([outcome(ask(request(1))), called().length]).toEqual(['exited', 1]);
  });
});

describe('another user', () => {
  test('is not heard, though the socket is open to all', async () => {
    expect(ask(request(1), mallory)).toMatch(/^$|ECONNRESET|EPIPE/);
    expect(called()).toEqual([]);
    await waitUntil('the line in the log', () => runner.log.includes(`user ${mallory}`));
  });

  test.each<readonly [string, () => void]>([
    ['owns the hook', () => chownSync(`${hooks}/10-x`, mallory, mallory)],
    ['can write to the hook', () => chmodSync(`${hooks}/10-x`, 0o777)],
    ['can write to the directory', () => chmodSync(hooks, 0o777)],
    ['owns the directory', () => chownSync(hooks, mallory, mallory)],
    [
      'owns what the hook links to',
      () => {
        writeFileSync('/run/mallory/x', '#!/bin/sh\n', { mode: 0o755 });
        rmSync(`${hooks}/10-x`);
        symlinkSync('/run/mallory/x', `${hooks}/10-x`);
      },
    ],
    [
      'owns the directory of what the hook links to',
      () => {
        renameSync(`${hooks}/10-x`, '/run/mallory/x');
        symlinkSync('/run/mallory/x', `${hooks}/10-x`);
      },
    ],
    [
      "has taken over the daemon's user, which owns the hook",
      () => chownSync(`${hooks}/10-x`, daemonUser, daemonUser),
    ],
    ['owns the grant', () => chownSync(`${grants}/10-x.yaml`, mallory, mallory)],
    ['can write to the grant', () => chmodSync(`${grants}/10-x.yaml`, 0o666)],
    ['can write to the directory of the grant', () => chmodSync(grants, 0o777)],
    [
      'owns what the grant links to',
      () => {
        writeFileSync('/run/mallory/grant', 'user: root\n');
        chownSync('/run/mallory/grant', mallory, mallory);
        rmSync(`${grants}/10-x.yaml`);
        symlinkSync('/run/mallory/grant', `${grants}/10-x.yaml`);
      },
    ],
    [
      'has put a pipe in the place of the grant',
      () => {
        rmSync(`${grants}/10-x.yaml`);
        execFileSync('mkfifo', [`${grants}/10-x.yaml`]);
      },
    ],
  ])('who %s gets nothing run', (_, arrange) => {
    arrange();
    expect(outcome(ask(request(1)))).toStartWith('refused: ');
    expect(called()).toEqual([]);
  });

  test('gets nothing by flipping a link between the check and the start', async () => {
    // Root's link leads through a directory of mallory's, where a good target and a bad one take turns.
    put('good');
    writeFileSync('/run/mallory/bad', '#!/bin/sh\ntouch /run/owned\n', { mode: 0o755 });
    chownSync('/run/mallory/bad', mallory, mallory);
    rmSync(`${hooks}/10-x`);
    symlinkSync('/run/mallory/link', `${hooks}/10-x`);
    const flip = `cd /run/mallory; while :; do ln -sf ${hooks}/good new; mv new link; ln -sf bad new; mv new link; done`;
    const flipping = spawn('setpriv', [
      `--reuid=${mallory}`,
      `--regid=${mallory}`,
      '--clear-groups',
      'sh',
      '-c',
      flip,
    ]);
    try {
      await waitUntil('the flipping', () => existsSync('/run/mallory/link'));
      for (let number = 1; number <= 30; number++)
        expect(outcome(ask(request(number), 0))).toStartWith('refused: ');
    } finally {
      flipping.kill('SIGKILL');
    }
    expect([called(), existsSync('/run/owned')]).toEqual([[], false]);
  }, 60_000);
});

describe('the runner does not start', () => {
  const end = async (): Promise<number | null> => {
    await runner[Symbol.asyncDispose]();
    runner = new Runner();
    return await runner.ended();
  };

  test('with a configuration that others can change', async () => {
    writeFileSync('/etc/netevd/netevd.yaml', '');
    chmodSync('/etc/netevd/netevd.yaml', 0o666);
    expect([await end(), runner.log.includes('NETEVD_START_CONFIG_OWNER')]).toEqual([78, true]);
  });

  test('with a runtime directory that others can change', async () => {
    chmodSync(runtime, 0o777);
    expect([await end(), runner.log.includes('fix:')]).toEqual([78, true]);
  });

  test('without the socket of the service manager', () => {
    const { status } = spawnSync(executable, ['runner'], { env: { PATH: '/usr/bin' } });
    expect(status).toBe(2);
  });

  test('as anybody but root', () => {
    const words = [
      `--reuid=${daemonUser}`,
      `--regid=${daemonUser}`,
      '--clear-groups',
      nativeProgram('activate'),
    ];
    const run = spawnSync('setpriv', [...words, '/tmp/x.sock', '600', executable, 'runner'], {
      encoding: 'utf8',
    });
    expect([run.status, run.stderr.includes('NETEVD_START_RUNNER')]).toEqual([78, true]);
  });

  test('with another word', () => {
    expect(spawnSync(executable, ['runner', '--user=root']).status).toBe(2);
  });
});
