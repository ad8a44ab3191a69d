/** Prometheus and promtool for tests, where this machine has them or can get them. */
import { describe } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Availability =
  | { readonly ok: true; readonly directory: string }
  | { readonly ok: false; readonly reason: string };

/** A download of 19 MB, once. */
const getDeadlineMs = 300_000;
let known: Availability | undefined;

function availability(): Availability {
  known ??= look();
  return known;
}

function look(): Availability {
  const script = join(import.meta.dir, 'get-prometheus.sh');
  const { status, stdout, stderr } = spawnSync(script, { encoding: 'utf8', timeout: getDeadlineMs });
  return status === 0
    ? { ok: true, directory: stdout.trim() }
    : { ok: false, reason: stderr.trim().split('\n').at(-1) ?? '' };
}

/** A suite that needs Prometheus. Without it, its tests are skipped under a name that says why. */
export function describePrometheus(title: string, suite: () => void): void {
  const found = availability();
  if (found.ok) describe(title, suite);
  else describe.skip(`${title} [no Prometheus here: ${found.reason}]`, suite);
}

/** Path of `prometheus` or `promtool`, for a test of `describePrometheus`. */
export function programPath(name: 'prometheus' | 'promtool'): string {
  const found = availability();
  if (!found.ok) throw new Error(found.reason);
  return join(found.directory, name);
}

export interface Answer {
  readonly status: number | null;
  /** Standard output and standard error. */
  readonly text: string;
}

export function promtool(words: readonly string[], input: string | Uint8Array = ''): Answer {
  const { status, stdout, stderr } = spawnSync(programPath('promtool'), words, { input, timeout: 60_000 });
  return { status, text: `${stdout}${stderr}` };
}

/** A directory for the time of a test. */
export function scratchDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'netevd-metrics-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
