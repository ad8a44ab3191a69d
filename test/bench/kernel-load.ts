/** A load of netlink messages on the real daemon, in the private network that this process is in. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import type { DaemonUnderTest, Site } from '../daemon/daemon-under-test.ts';
import { ip } from '../daemon/links.ts';
import { compiled } from './tools.ts';

export interface Load {
  readonly kind: 'routes' | 'addresses';
  /** How many are added; all but `keep` are taken away again. */
  readonly pairs: number;
  /** Requests a second; 0: as fast as the kernel takes them. */
  readonly rate: number;
  readonly keep: number;
}

export interface LoadReport {
  readonly requests: number;
  readonly seconds: number;
}

/** A veth pair `load` and `load0`, up. */
export function makeLoadLink(): void {
  ip('link add load type veth peer name load0');
  for (const link of ['load', 'load0']) ip(`link set ${link} up`);
}

/** Runs the load to its end. Rejects where the kernel refused a part of it. */
export async function run(load: Load): Promise<LoadReport> {
  const { kind, pairs, rate, keep } = load;
  const words = [kind, 'load', String(pairs), String(rate), String(keep)];
  const child = spawn(compiled('load'), words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const [requests = 0, refused, micros = 0] = output.trim().split(' ').map(Number);
  if (code !== 0 || refused !== 0) throw new Error(`load ${words.join(' ')}: exit ${code}, ${output}`);
  return { requests, seconds: micros / 1e6 };
}

export interface Diagnostics {
  readonly kernel: {
    readonly freshness: string;
    readonly invalidations: Readonly<Record<string, unknown>>;
    readonly links: number;
    readonly routes: number;
    readonly socket: { readonly datagrams: number; readonly overruns: number };
  };
  readonly counters: { readonly resyncs: number; readonly events: number };
}

/** What the daemon answers to SIGUSR2. */
export async function diagnose(daemon: DaemonUnderTest, site: Site): Promise<Diagnostics> {
  const path = join(site.runtime, 'diagnostics.json');
  rmSync(path, { force: true });
  daemon.signal('SIGUSR2');
  await waitUntil('the diagnostics', () => existsSync(path), 60_000);
  return JSON.parse(readFileSync(path, 'utf8')) as Diagnostics;
}

/** Waits until the daemon has read all that the kernel has sent; how much that was in all. */
export async function whenIdle(daemon: DaemonUnderTest, site: Site): Promise<Diagnostics> {
  for (let last = await diagnose(daemon, site); ; ) {
    const next = await diagnose(daemon, site);
    const isQuiet = next.kernel.socket.datagrams === last.kernel.socket.datagrams;
    const hasDoubts = Object.keys(next.kernel.invalidations).length > 0;
    if (isQuiet && next.kernel.freshness === 'current' && !hasDoubts) return next;
    last = next;
  }
}
