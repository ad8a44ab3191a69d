/**
 * From the kernel's event to the hook's first line: the C program of event-to-hook.c, and the least that this runtime needs, in
 * turn, in one run, on a veth pair in a namespace of its own.
 *
 *   bun test/bench/event-to-hook.ts [SAMPLES]     (200)
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../wait-until.ts';

const here = import.meta.dirname;
const build = join(here, '../../build/bench');
const link = 'one';
/** Each daemon's samples are taken in this many turns, so that what else the machine does meets both. */
const turns = 10;

function compile(name: string, ...flags: string[]): string {
  mkdirSync(build, { recursive: true });
  const output = join(build, name);
  execFileSync('gcc', [
    '-std=gnu11',
    '-O2',
    '-Wall',
    '-Wextra',
    ...flags,
    '-o',
    output,
    join(here, `${name}.c`),
  ]);
  return output;
}

/** The two hooks, each beside a FIFO into which its first line writes. */
function makeHooks(directory: string): Map<string, string> {
  execFileSync('mkfifo', [join(directory, 'fifo')]);
  copyFileSync(compile('static-hook', '-static'), join(directory, 'static-hook'));
  writeFileSync(join(directory, 'shell-hook'), `#!/bin/sh\necho x >${directory}/fifo\n`);
  chmodSync(join(directory, 'shell-hook'), 0o755);
  return new Map([
    ['static C', join(directory, 'static-hook')],
    ['#!/bin/sh', join(directory, 'shell-hook')],
  ]);
}

async function started(command: readonly string[]): Promise<ChildProcess> {
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  let isReady = false;
  child.stdout.once('data', () => {
    isReady = true;
  });
  await waitUntil(`${command.join(' ')} to be ready`, () => isReady);
  return child;
}

async function sample(
  program: string,
  daemon: readonly string[],
  fifo: string,
  count: number,
): Promise<number[]> {
  execFileSync('ip', ['link', 'set', link, 'up']);
  const child = await started(daemon);
  // Its first hooks find cold caches: not counted.
  const run = spawnSync(program, ['measure', link, fifo, String(count + 5)], { encoding: 'utf8' });
  child.kill();
  if (run.status !== 0) throw new Error(`measure: ${run.stderr}`);
  return run.stdout.trim().split('\n').slice(5).map(Number);
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function row(daemon: string, hook: string, samples: readonly number[]): string {
  const sorted = samples.toSorted((one, other) => one - other);
  const figures = [0.1, 0.5, 0.9, 0.99].map((part) => percentile(sorted, part).toFixed(0).padStart(8));
  return `${daemon.padEnd(18)}${hook.padEnd(12)}${figures.join('')}`;
}

async function main(samples: number): Promise<void> {
  for (const words of ['link set lo up', `link add ${link} type veth peer name two`, 'link set two up']) {
    execFileSync('ip', words.split(' '));
  }
  const directory = mkdtempSync(join(tmpdir(), 'netevd-bench-'));
  const program = compile('event-to-hook');
  const index = /^(\d+): one@/m.exec(execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }))?.[1] ?? '';
  const rows: string[] = [];
  for (const [kind, hook] of makeHooks(directory)) {
    const daemons: Record<string, string[]> = {
      'C, posix_spawn': [program, 'serve', link, hook],
      'Bun, the addon': [process.execPath, join(here, 'minimal-daemon.ts'), index, hook],
    };
    const taken: Record<string, number[]> = {};
    for (let turn = 0; turn < turns; turn++) {
      for (const [name, command] of Object.entries(daemons)) {
        const some = await sample(program, command, join(directory, 'fifo'), Math.ceil(samples / turns));
        taken[name] = [...(taken[name] ?? []), ...some];
      }
    }
    for (const [name, figures] of Object.entries(taken)) rows.push(row(name, kind, figures));
  }
  rmSync(directory, { recursive: true });
  process.stdout.write(`\nlink down to the hook's first line, µs  ${samples} samples\n`);
  process.stdout.write(
    `${'daemon'.padEnd(18)}${'hook'.padEnd(12)}     p10     p50     p90     p99\n${rows.join('\n')}\n`,
  );
}

if (/^\s*0\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))) {
  await main(Number(process.argv[2] ?? 200));
} else {
  const words = ['-Urnm', process.execPath, ...process.argv.slice(1)];
  process.exitCode = spawnSync('unshare', words, { stdio: 'inherit' }).status ?? 1;
}
