/**
 * From the kernel's event to the hook's first line: the C program of event-to-hook.c, the least that this runtime needs
 * (minimal-daemon.ts), and netevd, in turn, in one run, on a veth pair.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Site } from '../daemon/daemon-under-test.ts';
import { ip } from '../daemon/links.ts';
import { waitUntil } from '../wait-until.ts';
import { compiled, percentile } from './tools.ts';

export interface HookFigures {
  readonly daemon: string;
  readonly hook: string;
  readonly samples: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of these, from before posix_spawn; where the daemon tells. */
  readonly spawn?: number;
}

const link = 'one';
/** Each daemon's samples are taken in this many turns, so that what else the machine does meets all of them. */
const turns = 10;
/** A daemon's first hooks find cold caches: not counted. */
const coldSamples = 5;

type Sample = readonly [total: number, spawn: number];

/** A daemon that has been started, and how to end it. */
interface Running extends AsyncDisposable {}

interface Candidate {
  readonly name: string;
  start(hook: string): Promise<Running>;
}

/** Each hook in `off.d` of a folder of its own, in which is the FIFO into which its first line writes. */
function makeHooks(): Map<string, string> {
  const folders = ['static', 'shell'].map((name) => {
    const folder = mkdtempSync(`/run/${name}-`);
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    mkdirSync(join(folder, 'off.d'));
    return folder;
  });
  const [quick = '', shell = ''] = folders.map((folder) => join(folder, 'off.d/10-hook'));
  copyFileSync(compiled('static-hook', '-static'), quick);
  writeFileSync(shell, `#!/bin/sh\necho x >${folders[1]}/fifo\n`);
  chmodSync(shell, 0o755);
  return new Map([
    ['static C', quick],
    ['`#!/bin/sh`', shell],
  ]);
}

const folderOf = (hook: string): string => join(hook, '../..');

const program: Candidate['start'] = async (hook) => follow([compiled('event-to-hook'), 'serve', link, hook]);

const minimal: Candidate['start'] = async (hook) => {
  const index = /^(\d+): one@/m.exec(ip('-o link'))?.[1] ?? '';
  return follow([process.execPath, join(import.meta.dirname, 'minimal-daemon.ts'), index, hook]);
};

async function follow([command = '', ...words]: readonly string[]): Promise<Running> {
  const child: ChildProcess = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let isReady = false;
  child.stdout?.once('data', () => {
    isReady = true;
  });
  await waitUntil(`${command} to be ready`, () => isReady);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

/** As it is delivered, with the hook's folder as its hook directory. */
const netevd: Candidate['start'] = async (hook) => {
  const site = new Site();
  const daemon = await site.start({
    config: {
      hooks: { directory: folderOf(hook) },
      monitoring: { interfaces: [link] },
      system: { log_level: 'info' },
    },
  });
  return {
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      site[Symbol.dispose]();
    },
  };
};

async function sample(start: Candidate['start'], hook: string, count: number): Promise<Sample[]> {
  ip(`link set ${link} up`);
  await using _running = await start(hook);
  const fifo = join(folderOf(hook), 'fifo');
  const words = ['measure', link, fifo, String(count + coldSamples)];
  const { status, stdout, stderr } = spawnSync(compiled('event-to-hook'), words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`measure: ${stderr}`);
  const lines = stdout.trim().split('\n').slice(coldSamples);
  return lines.map((line) => line.split(' ').map(Number) as unknown as Sample);
}

function figures(daemon: string, hook: string, samples: readonly Sample[]): HookFigures {
  const totals = samples.map(([total]) => total);
  const spawns = samples.map(([, spawned]) => spawned).filter((spawned) => spawned > 0);
  return {
    daemon,
    hook,
    samples: samples.length,
    p50: percentile(totals, 0.5),
    p99: percentile(totals, 0.99),
    ...(spawns.length > 0 && { spawn: percentile(spawns, 0.5) }),
  };
}

export async function measureHooks(isBrief: boolean): Promise<HookFigures[]> {
  ip(`link add ${link} type veth peer name two`);
  ip('link set two up');
  const candidates: readonly Candidate[] = [
    { name: 'C, posix_spawn', start: program },
    { name: 'Bun and the addon alone', start: minimal },
    { name: 'netevd', start: netevd },
  ];
  const perTurn = isBrief ? 3 : 40;
  const found: HookFigures[] = [];
  for (const [kind, hook] of makeHooks()) {
    const taken = new Map<string, Sample[]>(candidates.map(({ name }) => [name, []]));
    for (let turn = 0; turn < (isBrief ? 2 : turns); turn++) {
      for (const { name, start } of candidates) {
        taken.get(name)?.push(...(await sample(start, hook, perTurn)));
      }
    }
    for (const [name, samples] of taken) found.push(figures(name, kind, samples));
  }
  return found;
}
