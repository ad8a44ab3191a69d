/** What the measurements share: programs in C, costs of a process, medians. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const build: string = join(import.meta.dirname, '../../build/bench');

/** Path of `build/bench/NAME`, made from `test/bench/NAME.c`. */
export function compiled(name: string, ...flags: readonly string[]): string {
  mkdirSync(build, { recursive: true });
  const [output, source] = [join(build, name), join(import.meta.dirname, `${name}.c`)];
  execFileSync('gcc', ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', ...flags, '-o', output, source]);
  return output;
}

/** Milliseconds of CPU, of all its threads, in user and kernel mode. */
export const cpuMillis = (pid: number): number =>
  Number(execFileSync(compiledOnce('cpu-of'), [String(pid)], { encoding: 'utf8' })) / 1000;

const known = new Map<string, string>();

function compiledOnce(name: string): string {
  const path = known.get(name) ?? compiled(name);
  known.set(name, path);
  return path;
}

export interface Memory {
  readonly rss: number;
  readonly anonymous: number;
}

/** In megabytes (10⁶ bytes). */
export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024) / 1e6;
  return { rss: megabytes('Rss'), anonymous: megabytes('Anonymous') };
}

export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** The value below which `part` of them lie. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** For what has no condition to wait for: a length of time that is itself what is measured. */
export const elapse = (millis: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, millis));

/** Sections of a configuration that has a history on disk and an audit log; API and metrics are on by default. */
export const everythingOn = (root: string): Readonly<Record<string, object>> => ({
  events: { database: join(root, 'events.db') },
  audit: { enabled: true, path: join(root, 'audit.log') },
});
