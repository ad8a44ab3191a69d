import { afterAll, describe, expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDescriptors, zombies } from '../testing/own-resources.ts';
import { hasSignalScopes } from '../testing/signal-scopes.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { loadNative, type NativeChildOptions, type NativeChildResult } from './native.ts';

const native = loadNative();
const { SIGKILL, SIGTERM } = constants.signals;
const scratch = mkdtempSync(join(tmpdir(), 'netevd-children-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const defaults = {
  env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
  cwd: '/',
  stdin: new Uint8Array(),
  outputLimit: 64 * 1024,
};

interface Started {
  readonly pid: number;
  readonly startTime: number;
  readonly ended: Promise<NativeChildResult>;
}

function start(options: Partial<NativeChildOptions> & Pick<NativeChildOptions, 'file' | 'argv'>): Started {
  const { promise, resolve } = Promise.withResolvers<NativeChildResult>();
  const { pid, startTime } = native.childSpawn({
    ...defaults,
    onExit: (result) => {
      resolve(result);
      return false;
    },
    ...options,
  });
  return { pid, startTime, ended: promise };
}

const shell = (script: string, options: Partial<NativeChildOptions> = {}): Started =>
  start({ file: '/bin/sh', argv: ['sh', '-c', script], ...options });

const output = async (script: string, options: Partial<NativeChildOptions> = {}): Promise<string> =>
  decode((await shell(script, options).ended).stdout);

/** Whether a process exists and is no zombie. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

function pidFrom(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

describe('the launch note of a child', () => {
  /** A file that is appended to, and what is in it after the run. */
  function noted(run: (options: Pick<NativeChildOptions, 'note' | 'noteFd'>) => void): string {
    const path = join(scratch, 'noted');
    const file = openSync(path, 'a');
    try {
      writeSync(file, 'before\n');
      run({ note: encode('it starts\n'), noteFd: file });
      writeSync(file, 'after\n');
      return readFileSync(path, 'utf8');
    } finally {
      closeSync(file);
      rmSync(path);
    }
  }

  test('has done so when it is started, and does not hold the file', async () => {
    let started: Started | undefined;
    const run = (note: Parameters<Parameters<typeof noted>[0]>[0]): void => {
      started = shell('ls -l /proc/$$/fd', note);
    };
    expect(noted(run)).toBe('before\nit starts\nafter\n');
    const result = await started?.ended;
    const listing = decode(result?.stdout ?? new Uint8Array());
    expect([result?.code, listing.includes(' 1 -> pipe:'), listing.includes(scratch)]).toEqual([
      0,
      true,
      false,
    ]);
  });

  test('is written even if the program cannot be started, which the error reports to the caller', () => {
    const fail = (note: Pick<NativeChildOptions, 'note' | 'noteFd'>): void => {
      expect(() => start({ file: '/no/such', argv: ['x'], ...note })).toThrow('ENOENT');
    };
    expect(noted(fail)).toBe('before\nit starts\nafter\n');
  });

  test('does not keep the child from starting if it cannot be written', async () => {
    expect(await output('echo ran', { note: encode('x'), noteFd: 9999 })).toBe('ran\n');
  });

  test('needs a descriptor', () => {
    for (const noteFd of [-1, undefined, '3']) {
      const options = { note: encode('x'), noteFd } as unknown as Partial<NativeChildOptions>;
      expect(() => shell('true', options)).toThrow(TypeError);
    }
  });
});

describe('a child that ends', () => {
  test('is reported with code, output, times, and told apart by stream', async () => {
    const before = performance.now();
    const { pid, startTime, ended } = shell('echo out; echo err >&2; sleep 0.02; exit 3');
    const { userMicros, systemMicros, durationMicros, stdout, stderr, ...rest } = await ended;
    expect(rest).toEqual({ pid, code: 3, signal: null, dropped: 0, maxRssKb: null, outputStillOpen: false });
    expect([decode(stdout), decode(stderr)]).toEqual(['out\n', 'err\n']);
    expect(startTime).toBeGreaterThan(0);
    expect(userMicros + systemMicros).toBeGreaterThan(0);
    expect(durationMicros).toBeGreaterThanOrEqual(20_000);
    expect(durationMicros).toBeLessThanOrEqual((performance.now() - before) * 1000);
  });

  test('has the number of the signal and no code if a signal ended it', async () => {
    expect(await shell('kill -SEGV $$').ended).toMatchObject({
      code: null,
      signal: constants.signals.SIGSEGV,
    });
  });

  test('is reported although this process was started with SIGCHLD ignored', () => {
    const script = `
      const { loadNative } = require(${JSON.stringify(join(import.meta.dirname, 'native.ts'))});
      loadNative().childSpawn({
        file: '/bin/sh', argv: ['sh', '-c', 'exit 3'], env: [], cwd: '/', stdin: new Uint8Array(),
        outputLimit: 0, onExit: ({ code }) => { console.log('ended with', code); return false; },
      });`;
    const command = ['--ignore-signal=CHLD', process.execPath, '-e', script];
    const { stdout, stderr } = spawnSync('env', command, { encoding: 'utf8', timeout: 20_000 });
    expect([stdout, stderr]).toEqual(['ended with 3\n', '']);
  });

  test('has its processor time counted', async () => {
    const script = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; times';
    const { userMicros, systemMicros, durationMicros, stdout } = await shell(script).ended;
    // `0m0.12s 0m0.01s` of the shell itself: hundredths of a second, before it ended.
    const [, ...seconds] = /^0m([\d.]+)s 0m([\d.]+)s$/m.exec(decode(stdout)) ?? [];
    const own = seconds.map(Number).reduce((sum, each) => sum + each, 0) * 1_000_000;
    const counted = userMicros + systemMicros;
    expect(own).toBeGreaterThan(0);
    expect(counted).toBeGreaterThanOrEqual(own - 20_000);
    // One processor gives no more than the time that passes.
    expect(counted).toBeLessThanOrEqual(durationMicros + 20_000);
  });

  test('has its peak memory told where it is above that of this process', async () => {
    // The peak, which may be far above what this process has now.
    const megabytes = Math.ceil(process.resourceUsage().maxRSS / 1024) + 64;
    const { maxRssKb } = await shell(`head -c ${megabytes}m /dev/zero | tail -n 1 | wc -c`).ended;
    expect(maxRssKb).toBeGreaterThan(megabytes * 1024);
  });

  test('has the start time of /proc', async () => {
    const { pid, startTime, ended } = shell('cat');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    expect(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]).toBe(String(startTime));
    await ended;
  });
});

describe('a child', () => {
  test('gets its arguments and its environment and nothing else', async () => {
    const text = await output('printf "%s|" "$0" "$@"; env', {
      argv: ['sh', '-c', 'printf "%s|" "$0" "$@"; /usr/bin/env', 'zero', 'a b', ''],
      env: ['PATH=/nowhere', 'EMPTY=', 'TEXT=ä "quoted"\nsecond'],
    });
    expect(text.startsWith('zero|a b||')).toBe(true);
    expect(text).toContain('PATH=/nowhere\n');
    expect(text).toContain('EMPTY=\n');
    expect(text).toContain('TEXT=ä "quoted"\nsecond\n');
    expect(text).not.toContain('HOME=');
  });

  test('starts in the given directory', async () => {
    expect(await output('pwd', { cwd: scratch })).toBe(`${scratch}\n`);
  });

  test('can read stdin once or open it repeatedly', async () => {
    const stdin = encode('{"link":"eth0"}\n');
    const script = 'cat; cat /dev/stdin; cat /dev/stdin; cat';
    expect(await output(script, { stdin })).toBe('{"link":"eth0"}\n'.repeat(3));
  });

  test('gets a stdin of two megabytes', async () => {
    const stdin = new Uint8Array(2 * 1024 * 1024).fill(0x61);
    expect(await output('wc -c; tail -c 3 /dev/stdin', { stdin })).toBe(`${stdin.length}\naaa`);
  });

  test('gets a stdin that no process can change', async () => {
    const { stderr } = await shell('echo other >/proc/self/fd/0; echo more >>/proc/self/fd/0; cat', {
      stdin: encode('event'),
    }).ended;
    expect(decode(stderr)).not.toBe('');
    expect(await output('echo other >/proc/self/fd/0; cat', { stdin: encode('event') })).toBe('event');
  });

  test('can open its streams by name', async () => {
    const { stdout, stderr } = await shell(
      'echo a >/dev/stdout; echo b >/dev/stderr; echo c >>/proc/self/fd/2; echo d | tee /dev/stderr',
    ).ended;
    expect([decode(stdout), decode(stderr)]).toEqual(['a\nd\n', 'b\nc\nd\n']);
  });

  test('has no descriptor but the three', async () => {
    const { stdout } = await start({ file: '/bin/ls', argv: ['ls', '-l', '/proc/self/fd'] }).ended;
    const targets = [...decode(stdout).matchAll(/ (\d+) -> (\w*)/g)].map(
      ([, fd, target]) => `${fd} ${target}`,
    );
    expect(targets).toEqual(['0 ', '1 pipe', '2 pipe', '3 ']); // 3 is the directory that ls reads
  });

  test('cannot gain privileges: not as root, not by its user, not by a setuid program', async () => {
    const lines = await output('grep -E "^(Cap(Prm|Eff|Inh|Amb)|NoNewPrivs)" /proc/self/status');
    const none = '0000000000000000';
    const caps = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => `${name}:\t${none}\n`);
    expect(lines).toBe(`${caps.join('')}NoNewPrivs:\t1\n`);
  });

  test('has a session and a process group of its own', async () => {
    const { pid, ended } = shell('cut -d " " -f 5,6,7 /proc/$$/stat');
    expect(decode((await ended).stdout)).toBe(`${pid} ${pid} 0\n`);
  });

  test('is limited to 4096 processes of its user for good', async () => {
    const limits = (text: string): number[] =>
      (/^Max processes +(\S+) +(\S+)/m.exec(text)?.slice(1) ?? []).map((limit) =>
        limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit),
      );
    const [soft = 0, hard = 0] = limits(readFileSync('/proc/self/limits', 'utf8'));
    const expected = hard > 4096 ? [4096, 4096] : [soft, hard];
    expect(limits(await output('cat /proc/self/limits'))).toEqual(expected);
  });

  test('has umask 022, 1024 open files and no ignored or blocked signal', async () => {
    const umask = process.umask(0o077);
    const lines = await output('umask; ulimit -Sn; grep -E "Sig(Blk|Ign)" /proc/self/status');
    process.umask(umask);
    const none = '0000000000000000';
    expect(lines).toBe(`0022\n1024\nSigBlk:\t${none}\nSigIgn:\t${none}\n`);
  });
});

describe('the signals of a child', () => {
  const rows: readonly [what: string, pid: string][] = [
    ['its starter', '$PPID'],
    ['the group of its starter', `-$(cut -d" " -f5 /proc/$PPID/stat)`],
  ];
  test.if(hasSignalScopes()).each(rows)('do not reach %s', async (_what, pid) => {
    const script = `kill -0 ${pid} 2>/dev/null && echo reached || echo kept`;
    expect(await output(script)).toBe('kept\n');
  });

  test.if(hasSignalScopes())('do not reach another child, nor what that has left behind', async () => {
    const other = shell('sleep 60 & echo $! >&2; wait');
    expect(await output(`kill -0 ${other.pid} && echo reached || echo kept`)).toBe('kept\n');
    native.childKill(other.pid, SIGKILL);
    expect((await other.ended).signal).toBe(SIGKILL);
  });

  test('reach itself, and what it has started', async () => {
    const script =
      'sleep 60 & kill -0 $! && kill $! && wait $!; echo $?; kill -0 $$ && echo alive; kill -0 0 && echo group';
    expect(await output(script)).toBe('143\nalive\ngroup\n');
  });
});

describe('a program that cannot be started', () => {
  const file = (name: string, content: string, mode: number): string => {
    const path = join(scratch, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  const cases: [string, () => Partial<NativeChildOptions>][] = [
    ['ENOENT', () => ({ file: '/no/such/file' })],
    ['ENOENT', () => ({ file: file('lost', '#!/no/such/interpreter\n', 0o755) })],
    ['EACCES', () => ({ file: file('plain', '#!/bin/sh\n', 0o644) })],
    ['EACCES', () => ({ file: scratch })],
    ['ENOTDIR', () => ({ file: '/etc/passwd/x' })],
    ['ENOEXEC', () => ({ file: file('text', 'echo no interpreter line\n', 0o755) })],
    ['E2BIG', () => ({ file: '/bin/true', env: [`BIG=${'x'.repeat(200_000)}`] })],
    ['ENOENT', () => ({ file: '/bin/true', cwd: '/no/such/directory' })],
  ];
  test.each(cases)('throws %s', (code, options) => {
    const before = openDescriptors().length;
    let thrown: unknown;
    try {
      start({ file: '/bin/true', argv: ['true'], ...options() });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code });
    expect(openDescriptors().length).toBe(before);
    expect(zombies()).toEqual([]);
  });

  test('throws ETXTBSY while the program is open for writing', async () => {
    const path = join(scratch, 'busy');
    writeFileSync(path, readFileSync('/bin/true'), { mode: 0o755 });
    const writer = spawn('sh', ['-c', `exec 3>>"${path}"; echo open; cat`]);
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    expect(() => start({ file: path, argv: ['busy'] })).toThrow(expect.objectContaining({ code: 'ETXTBSY' }));
    writer.stdin.end();
  });
});

describe('the output of a child', () => {
  test('is captured up to the limit, the rest is counted, and the writer never blocks', async () => {
    const { code, stdout, stderr, dropped } = await shell('head -c 50m /dev/zero; echo end >&2', {
      outputLimit: 1000,
    }).ended;
    expect([code, stdout.length + stderr.length, dropped]).toEqual([0, 1000, 50 * 2 ** 20 + 4 - 1000]);
  });

  test('has one limit for both streams', async () => {
    const { stdout, stderr, dropped } = await shell('printf 12345; printf abcdef >&2', { outputLimit: 8 })
      .ended;
    expect([stdout.length + stderr.length, dropped]).toEqual([8, 3]);
  });

  test('can be limited to nothing', async () => {
    const { stdout, dropped } = await shell('echo text', { outputLimit: 0 }).ended;
    expect([stdout.length, dropped]).toEqual([0, 5]);
  });

  test('is empty if the child closed its streams, and the end is still reported', async () => {
    expect(await shell('exec <&- >&- 2>&-; exit 4').ended).toMatchObject({ code: 4, outputStillOpen: false });
  });
});

describe('the end of a child', () => {
  test('is delayed by at most the grace if a background process keeps the pipes open', async () => {
    const { pid, ended } = shell('echo before; sleep 600 & echo $!');
    const { stdout, outputStillOpen, code } = await ended;
    const sleeper = Number(decode(stdout).split('\n')[1]);
    expect({ code, outputStillOpen, running: isRunning(sleeper) }).toEqual({
      code: 0,
      outputStillOpen: true,
      running: true,
    });
    expect(native.childKill(pid, SIGKILL)).toBe(-constants.errno.ESRCH); // reaped: no longer ours to signal
    process.kill(sleeper, 'SIGKILL');
  });

  test('what a background child writes within the grace is still kept', async () => {
    // Where the machine is too busy for the child to have its turn within the grace, nothing is shown: once more.
    const text = await waitUntil('a child that has its turn in time', async () => {
      const { stdout, outputStillOpen } = await shell('(sleep 0.02; echo late) & echo early').ended;
      return outputStillOpen ? undefined : decode(stdout);
    });
    expect(text).toBe('early\nlate\n');
  });

  test('a background child that floods does not prolong the grace', async () => {
    const { outputStillOpen, dropped } = await shell('cat /dev/zero & exit 0', { outputLimit: 10 }).ended;
    expect(outputStillOpen).toBe(true);
    expect(dropped).toBeGreaterThan(0);
  });
});

describe('signals to a child', () => {
  test('reach the whole group, grandchildren included', async () => {
    const file = join(scratch, 'grandchild');
    const { pid, ended } = shell(`sh -c 'echo $$ >${file}.new; mv ${file}.new ${file}; sleep 600'; true`);
    await waitUntil('the grandchild', () => pidFrom(file) > 0);
    expect(native.childKill(pid, SIGTERM)).toBe(0);
    expect(await ended).toMatchObject({ code: null, signal: SIGTERM });
    await waitUntil('the end of the grandchild', () => !isRunning(pidFrom(file)));
  });

  test('end a child that ignores SIGTERM if they are SIGKILL', async () => {
    const file = join(scratch, 'stubborn');
    const { pid, ended } = shell(
      `trap '' TERM; echo $$ >${file}.new; mv ${file}.new ${file}; while :; do sleep 1; done`,
    );
    await waitUntil('the trap', () => pidFrom(file) > 0);
    expect(native.childKill(pid, SIGTERM)).toBe(0);
    expect(native.childKill(pid, SIGKILL)).toBe(0);
    expect(await ended).toMatchObject({ code: null, signal: SIGKILL });
  });

  test('reach background processes within onExit, before another process can have the number', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const { pid } = shell('sleep 600 >/dev/null 2>&1 & echo $!', {
      onExit: (result) => {
        native.childKill(result.pid, SIGKILL);
        resolve(Number(decode(result.stdout)));
        return false;
      },
    });
    const sleeper = await promise;
    await waitUntil('the end of the one left behind', () => !isRunning(sleeper));
    await waitUntil('the reaping', () => native.childKill(pid, 0) !== 0);
  });

  test('reach the group as long as onExit reserved the number', async () => {
    const { promise, resolve } = Promise.withResolvers<NativeChildResult>();
    const { pid } = shell('sleep 600 >/dev/null 2>&1 & echo $!', {
      onExit: (result) => {
        resolve(result);
        return true;
      },
    });
    const sleeper = Number(decode((await promise).stdout));
    expect(zombies()).toEqual([pid]);
    expect(native.childKill(pid, SIGTERM)).toBe(0);
    await waitUntil('the end of the one left behind', () => !isRunning(sleeper));
    expect(native.childRelease(pid)).toBe(0);
    expect(zombies()).toEqual([]);
    expect([native.childRelease(pid), native.childKill(pid, 0)]).toEqual([
      -constants.errno.ESRCH,
      -constants.errno.ESRCH,
    ]);
  });

  test('do not matter to childRelease, which refuses a running child', async () => {
    const { pid, ended } = shell('sleep 600');
    expect(native.childRelease(pid)).toBe(-constants.errno.ESRCH);
    native.childKill(pid, SIGKILL);
    await ended;
  });

  test.each([-1, 0, 1, process.pid])('never go to process %d', (pid) => {
    expect(native.childKill(pid, 0)).toBe(-constants.errno.ESRCH);
  });
});

describe('many children', () => {
  test('all report, five hundred at once, and leave no descriptor and no zombie', async () => {
    await shell('true').ended;
    const before = openDescriptors().length;
    const children = Array.from({ length: 500 }, (_, i) =>
      shell(`read line; echo "$line ${i}"; exit ${i % 100}`, { stdin: encode('event\n') }),
    );
    const results = await Promise.all(children.map(({ ended }) => ended));
    const seen = results.map(({ code, stdout }) => `${code} ${decode(stdout)}`);
    expect(seen).toEqual(children.map((_, i) => `${i % 100} event ${i}\n`));
    await waitUntil('the reaping', () => zombies().length === 0);
    expect(openDescriptors().length).toBe(before);
  }, 60_000);

  test("do not disturb the runtime's own children", async () => {
    const theirs = Array.from({ length: 20 }, (_, i) => {
      const child = spawn('sh', ['-c', `sleep 0.0${i % 10}; exit ${i}`]);
      return new Promise<number | null>((resolve) => child.once('exit', resolve));
    });
    const ours = Array.from({ length: 20 }, (_, i) => shell(`sleep 0.0${i % 10}; exit ${i}`).ended);
    expect(await Promise.all(theirs)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect((await Promise.all(ours)).map(({ code }) => code)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  test('all report although one onExit throws', async () => {
    const script = `
      const module = { exports: {} };
      process.dlopen(module, ${JSON.stringify(join(import.meta.dirname, '../../build/netevd.node'))});
      const seen = [];
      process.on('uncaughtException', (error) => seen.push(error.message));
      const start = (onExit) => module.exports.childSpawn({ file: '/bin/true', argv: ['true'], env: [], cwd: '/',
        stdin: new Uint8Array(), outputLimit: 0, onExit });
      start(() => { throw new Error('one'); });
      start(() => { seen.push('two'); });
      process.on('exit', () => console.log(seen.sort().join(' ')));`;
    const child = spawn(process.execPath, ['-e', script]);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(text).toBe('one two\n'); // and the process ended by itself: nothing kept it
  });
});
