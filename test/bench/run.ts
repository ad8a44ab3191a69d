/**
 * Measures what netevd promises, beside its peers, in one run, and writes docs/benchmarks.md.
 *
 *   bun test/bench/run.ts [--brief]     brief: a minute instead of ten, figures on the terminal alone
 *
 * NETEVD_PEER=/path/netevd: beside another daemon that has netevd's command line, as an earlier version has; figures on
 * the terminal alone.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { measureDispatcher } from './dispatcher.ts';
import { type Figures, page, summary } from './report.ts';

const root = join(import.meta.dir, '../..');
const target = join(root, 'docs/benchmarks.md');
const isBrief = process.argv.includes('--brief');
const peer = process.env['NETEVD_PEER'];
const environment = { ...process.env, ...(peer !== undefined && { NETEVD_PEER: peerInside(peer) }) };

/** The build folder is the one place that a private root shows: the peer is copied there, with the addon beside it. */
function peerInside(path: string): string {
  const folder = join(root, 'build/bench/peer');
  rmSync(folder, { recursive: true, force: true });
  const addons = readdirSync(dirname(path)).filter((name) => name.endsWith('.node'));
  for (const name of [basename(path), ...addons]) cpSync(join(dirname(path), name), join(folder, name));
  return join('/netevd', relative(root, folder), basename(path));
}

/** A measurement in a private root and network of its own. */
function inside<Name extends keyof Figures>(name: Name): Figures[Name] {
  process.stderr.write(`measuring: ${name}\n`);
  const bun = join('/netevd', relative(root, process.execPath));
  const words = [bun, '/netevd/test/bench/inside.ts', name, isBrief ? 'brief' : 'full'];
  const { status, stdout } = spawnSync(join(root, 'test/namespace/private-root.sh'), words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    env: environment,
  });
  if (status !== 0) throw new Error(`the measurement of ${name} ended with ${status}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Figures[Name];
}

const loadBefore = loadavg();
const figures: Figures = {
  hooks: inside('hooks'),
  dispatcher: await measureDispatcher(isBrief),
  start: inside('start'),
  cost: inside('cost'),
  storm: inside('storm'),
  overrun: inside('overrun'),
  idle: inside('idle'),
};
process.stdout.write(`${summary(figures)}\n`);
if (!isBrief && peer === undefined) {
  writeFileSync(target, page(figures, loadBefore, existsSync(target) ? readFileSync(target, 'utf8') : ''));
  process.stdout.write(`written: ${relative(root, target)}\n`);
}
