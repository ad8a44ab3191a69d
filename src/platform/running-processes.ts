/** Processes found again through /proc (proc(5)) and watched by looking now and then: they are no children of this one. */
import { readdirSync, readFileSync } from 'node:fs';
import type { NamedProcess } from '../core/journal/recovery.ts';
import { type Millis, millis } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProcessEnd } from '../ports/process-spawner.ts';
import type { RunningProcess, RunningProcesses } from '../ports/running-processes.ts';

/** USER_HZ of asm-generic/param.h, in which /proc counts: 100 on everything that Bun runs on. */
const ticksPerSecond = 100;
const lookInterval: Millis = millis(20);

export class ProcRunningProcesses implements RunningProcesses {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isRunning({ pid, startTime }: NamedProcess): boolean {
    const stat = readStat(pid);
    // A zombie has ended, and whoever should have noticed is not this daemon.
    return stat?.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
  }

  search(file: string, variable: string): NamedProcess | undefined {
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid <= 1) continue;
      const stat = readStat(pid);
      if (stat?.group !== pid || !hasWord(pid, 'cmdline', file) || !hasWord(pid, 'environ', variable))
        continue;
      return { pid, startTime: stat.startTime };
    }
    return undefined;
  }

  find(named: NamedProcess): RunningProcess | undefined {
    if (!this.isRunning(named)) return undefined;
    const seconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    const age = millis(Math.max(0, seconds * 1000 - (named.startTime * 1000) / ticksPerSecond));
    return {
      ...named,
      age,
      ended: this.#ending(named),
      signal: (number) => signalGroup(named, number),
      hold: () => undefined,
      release: () => undefined,
    };
  }

  #ending(named: NamedProcess): Promise<ProcessEnd> {
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
    const begin = this.#clock.now();
    const look = (): void => {
      if (this.isRunning(named)) this.#clock.schedule(lookInterval, look);
      else resolve(endAfter(millis(this.#clock.now() - begin)));
    };
    this.#clock.schedule(lookInterval, look);
    return promise;
  }
}

const nothing = new Uint8Array();
const endAfter = (duration: Millis): ProcessEnd => ({
  code: null,
  signal: null,
  stdout: nothing,
  stderr: nothing,
  dropped: 0,
  outputStillOpen: false,
  cpu: millis(0),
  duration,
});

/** To its group, which it leads where it is a hook: the numbers come from a file, and must not reach anybody else. */
function signalGroup(named: NamedProcess, number: number): boolean {
  const stat = readStat(named.pid);
  if (stat?.startTime !== named.startTime || stat.group !== named.pid || named.pid <= 1) return false;
  try {
    return process.kill(-named.pid, number);
  } catch {
    return false; // It has ended just now, or has become somebody else's.
  }
}

/** Whether one of the words of /proc/PID/cmdline or /proc/PID/environ is this one; others' files cannot be read. */
function hasWord(pid: number, file: 'cmdline' | 'environ', word: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/${file}`, 'utf8')}`.includes(`\0${word}\0`);
  } catch {
    return false; // It has ended, or is another user's.
  }
}

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly startTime: number;
}

/** Fields 3, 5 and 22 of /proc/PID/stat; the name before them may have any character in it. */
function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // No such process.
  }
  const [state = '', , group, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state, group: Number(group), startTime: Number(rest[16]) };
}
