/**
 * From the kernel's event to the hook's first line: the C program of event-to-hook.c, the least that this runtime needs
 * (minimal-daemon.ts), netevd as it is delivered, and another daemon with netevd's command line where `NETEVD_PEER` names
 * one: an earlier version, to compare before and after in one run. Each has a network of its own, with a veth pair; all are up all the
 * time, and they take turns, sample by sample, so that what else the machine does meets all of them.
 */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { DaemonUnderTest, executable, Site } from '../daemon/daemon-under-test.ts';
import { ip } from '../daemon/links.ts';
import { NotifySocket } from '../daemon/notify-socket.ts';
import { compiled, type Memory, memoryOf, percentile } from './tools.ts';

export interface HookFigures {
  readonly daemon: string;
  readonly hook: string;
  readonly samples: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The first one after the daemon's start, not among the others. */
  readonly first: number;
  /** Of p50, from before posix_spawn; where the daemon tells. */
  readonly spawn?: number;
  /** Of the daemon, after the last sample. */
  readonly memory?: Memory;
}

const link = 'one';
/** The first samples find caches cold and code uncompiled: not counted, but for the very first. */
const coldSamples = 30;

type Sample = readonly [total: number, spawn: number];

/** Where the hook lies, and in which network. */
interface Place {
  readonly hook: string;
  readonly network: string;
}

interface Candidate {
  readonly name: string;
  /**
   * Whether the link has an IPv6 address. Then the kernel tells first that it goes, and its routes; the C program, which
   * listens to links alone, does not hear of them.
   */
  readonly hasAddress?: boolean;
  start(place: Place): Promise<RunningDaemon>;
}

interface RunningDaemon extends AsyncDisposable {
  /** Of the daemon itself, where its memory is of interest. */
  readonly pid?: number;
}

const inside = (network: string): string[] => ['nsenter', `--net=/run/netns/${network}`];
const folderOf = (hook: string): string => join(hook, '../..');

/** The hook in `off.d` of a folder of its own, in which is the FIFO into which its first line writes. */
function place(kind: string, name: string, hasAddress: boolean): Place {
  const network = `${kind}-${name}`;
  const folder = mkdtempSync(`/run/${network}-`);
  const hook = join(folder, 'off.d/10-hook');
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  mkdirSync(join(folder, 'off.d'));
  if (kind === 'static') copyFileSync(compiled('static-hook', '-static'), hook);
  else writeFileSync(hook, `#!/bin/sh\necho x >${folder}/fifo\n`);
  chmodSync(hook, 0o755);
  ip(`netns add ${network}`);
  ip(`-n ${network} link add ${link} type veth peer name two`);
  for (const end of [link, 'two']) {
    ip(`-n ${network} link set ${end} addrgenmode ${hasAddress ? 'eui64' : 'none'}`);
    ip(`-n ${network} link set ${end} up`);
  }
  return { hook, network };
}

async function follow(command: readonly string[]): Promise<AsyncDisposable> {
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  let isReady = false;
  child.stdout.once('data', () => {
    isReady = true;
  });
  await waitUntil(`${command.join(' ')} to be ready`, () => isReady);
  return ending(child);
}

function ending(child: ChildProcessByStdio<Writable | null, Readable, null>): AsyncDisposable {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

const program: Candidate['start'] = ({ hook, network }) =>
  follow([...inside(network), compiled('event-to-hook'), 'serve', link, hook]);

const minimal: Candidate['start'] = ({ hook, network }) => {
  const index = /^(\d+): one@/m.exec(ip(`-n ${network} -o link`))?.[1] ?? '';
  const file = join(import.meta.dirname, 'minimal-daemon.ts');
  return follow([...inside(network), process.execPath, file, index, hook]);
};

/** Ready when it says so to its service manager: that is the same for every version. */
const daemon =
  (name: string): Candidate['start'] =>
  async ({ hook, network }) => {
    const stack = new AsyncDisposableStack();
    const site = stack.use(new Site());
    site.configure({ hooks: { directory: folderOf(hook) }, system: { log_level: 'info' } });
    const manager = await stack.use(new NotifySocket(join(site.root, 'notify'))).ready();
    const running = stack.use(
      new DaemonUnderTest(site, {
        program: name,
        wrapper: inside(network),
        env: { NOTIFY_SOCKET: manager.path },
      }),
    );
    await waitUntil(
      `${name} to be ready`,
      () => manager.of('READY').length > 0,
      30_000,
      () => running.stderr,
    );
    return { pid: running.pid, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  };

const peer = process.env['NETEVD_PEER'];

const candidates: readonly Candidate[] = [
  { name: 'C, posix_spawn', start: program },
  { name: 'Bun and the addon alone', start: minimal },
  { name: 'netevd', start: daemon(executable) },
  { name: 'netevd, a link with an IPv6 address', start: daemon(executable), hasAddress: true },
  ...(peer === undefined ? [] : [{ name: 'the peer', start: daemon(peer) }]),
];

/** The stopwatch in one of the networks. */
class Stopwatch implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ending: AsyncDisposable;
  #output = '';

  constructor({ hook, network }: Place) {
    const words = [
      ...inside(network),
      compiled('event-to-hook'),
      'measure',
      link,
      join(folderOf(hook), 'fifo'),
    ];
    this.#child = spawn(words[0] ?? '', words.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ending = ending(this.#child);
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
  }

  async sample(): Promise<Sample> {
    this.#output = '';
    this.#child.stdin.write('\n');
    await waitUntil('a sample', () => this.#output.endsWith('\n'));
    const [total = Number.NaN, spawned = 0] = this.#output.trim().split(' ').map(Number);
    return [total, spawned];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ending[Symbol.asyncDispose]();
  }
}

interface Runner {
  readonly name: string;
  readonly pid: number | undefined;
  readonly watch: Stopwatch;
  readonly samples: Sample[];
}

function figures(runner: Runner, hook: string): HookFigures {
  const { name, pid, samples } = runner;
  const counted = samples.slice(coldSamples);
  const totals = counted.map(([total]) => total);
  const spawns = counted.map(([, spawned]) => spawned).filter((spawned) => spawned > 0);
  return {
    daemon: name,
    hook,
    samples: counted.length,
    p50: percentile(totals, 0.5),
    p99: percentile(totals, 0.99),
    first: samples[0]?.[0] ?? Number.NaN,
    ...(spawns.length > 0 && { spawn: percentile(spawns, 0.5) }),
    ...(pid !== undefined && { memory: memoryOf(pid) }),
  };
}

async function measureKind(kind: 'static' | 'shell', count: number): Promise<HookFigures[]> {
  await using stack = new AsyncDisposableStack();
  const runners: Runner[] = [];
  for (const [n, { name, start, hasAddress = false }] of candidates.entries()) {
    const where = place(kind, String(n), hasAddress);
    const { pid } = stack.use(await start(where));
    runners.push({ name, pid, watch: stack.use(new Stopwatch(where)), samples: [] });
  }
  for (let i = 0; i < count + coldSamples; i++) {
    for (const { watch, samples } of runners) samples.push(await watch.sample());
  }
  const hook = kind === 'static' ? 'static C' : '`#!/bin/sh`';
  return runners.map((runner) => figures(runner, hook));
}

export async function measureHooks(isBrief: boolean): Promise<HookFigures[]> {
  const count = isBrief ? 20 : 500;
  return [...(await measureKind('static', count)), ...(await measureKind('shell', count))];
}
