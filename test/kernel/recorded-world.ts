/**
 * A file system around the tests in which scripts find programs that write down how they were called, and an /etc that
 * they may write to. For a mount namespace of our own; the machine's files are not touched.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Recorded {
  readonly program: string;
  readonly args: readonly string[];
  readonly input: string;
}

export interface RecordedWorld {
  /** Calls since the last time, oldest first. */
  take(): Recorded[];
}

/** A directory that is gone with the namespace, whatever is mounted in it: nothing has to be, or could be, removed. */
export function ownScratch(): string {
  mount('-t', 'tmpfs', '-o', 'mode=755', 'scratch', '/mnt');
  return '/mnt';
}

/** Programs that read what is piped into them. */
const readers: ReadonlySet<string> = new Set(['mail']);

/** Puts recorders named so in front of everything in the PATH of hooks, and at `absolute` places. `scratch` is ours. */
export function recordedWorld(
  scratch: string,
  programs: readonly string[],
  absolute: readonly string[],
): RecordedWorld {
  const log = join(scratch, 'calls');
  writeFileSync(log, '');
  shadow(scratch, '/usr/sbin', programs, log);
  for (const path of absolute) {
    shadow(scratch, path.slice(0, path.lastIndexOf('/')), [path.slice(path.lastIndexOf('/') + 1)], log);
  }
  replaceEtc(scratch);
  return { take: () => take(log) };
}

/** A directory with the recorders, and links to everything that was there before. */
function shadow(scratch: string, directory: string, programs: readonly string[], log: string): void {
  const name = directory.replaceAll('/', '_');
  const [original, copy] = [join(scratch, `original${name}`), join(scratch, `recorded${name}`)];
  mkdirSync(original, { recursive: true });
  mkdirSync(copy, { recursive: true });
  if (existsSync(directory)) {
    mount('--bind', directory, original);
    for (const file of readdirSync(original))
      if (!programs.includes(file)) symlinkSync(join(original, file), join(copy, file));
  }
  for (const program of programs) writeFileSync(join(copy, program), recorder(program, log), { mode: 0o755 });
  mount('--bind', copy, directory);
}

/** Fields end in a unit separator, calls in a record separator. */
function recorder(program: string, log: string): string {
  const input = readers.has(program) ? 'input=$(cat)' : 'input=';
  return `#!/bin/sh\n${input}\n{ printf '%s\\037' ${program} "$input" "$@"; printf '\\036'; } >>${log}\n`;
}

function take(log: string): Recorded[] {
  const text = readFileSync(log, 'utf8');
  writeFileSync(log, '');
  return text
    .split('\u001e')
    .filter(Boolean)
    .map((call) => {
      const [program = '', input = '', ...args] = call.split('\u001f').slice(0, -1);
      return { program, args, input };
    });
}

/** What bash, ip and jq look at, and a directory for one's own. */
function replaceEtc(scratch: string): void {
  const etc = join(scratch, 'etc');
  mkdirSync(join(etc, 'resolv.conf.d'), { recursive: true });
  for (const name of ['passwd', 'group', 'nsswitch.conf', 'ld.so.cache', 'alternatives', 'iproute2']) {
    if (existsSync(`/etc/${name}`)) spawnSync('cp', ['-RL', `/etc/${name}`, etc]);
  }
  mount('--bind', etc, '/etc');
}

function mount(...args: readonly string[]): void {
  const run = spawnSync('mount', args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`mount ${args.join(' ')}: ${run.stderr.trim()}`);
}
