/**
 * Finds processes of an earlier run in /proc (proc(5)) and polls them: they are not children of this process.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { NamedProcess } from '../core/journal/recovery.ts';
import { type Millis, millis } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProcessEnd } from '../ports/process-spawner.ts';
import type { RunningProcess, RunningProcesses } from '../ports/running-processes.ts';

/** USER_HZ of asm-generic/param.h, the unit of /proc: 100 on every port that Bun supports. */
const ticksPerSecond = 100;
const pollInterval: Millis = millis(20);

export class ProcRunningProcesses implements RunningProcesses {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isRunning({ pid, startTime }: NamedProcess): boolean {
    const stat = readStat(pid);
    // A zombie has ended; its parent, which is not this process, has not collected it.
    return stat?.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
  }

  search(file: string, variable: string): NamedProcess | undefined {
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid <= 1) continue;
      const stat = readStat(pid);
      if (stat?.group !== pid || !hasEntry(pid, 'cmdline', file) || !hasEntry(pid, 'environ', variable))
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
      reserve: () => undefined,
      release: () => undefined,
    };
  }

  #ending(named: NamedProcess): Promise<ProcessEnd> {
    const { promise, resolve } = Promise.withResolvers<ProcessEnd>();
    const begin = this.#clock.now();
    const poll = (): void => {
      if (this.isRunning(named)) this.#clock.schedule(pollInterval, poll);
      else resolve(endAfter(millis(this.#clock.now() - begin)));
    };
    this.#clock.schedule(pollInterval, poll);
    return promise;
  }
}

const noOutput = new Uint8Array();
const endAfter = (duration: Millis): ProcessEnd => ({
  code: null,
  signal: null,
  stdout: noOutput,
  stderr: noOutput,
  dropped: 0,
  outputStillOpen: false,
  cpu: millis(0),
  duration,
});

/**
 * Signals the process group that a hook leads. The numbers come from a file and must not reach another
 * process.
 */
function signalGroup(named: NamedProcess, number: number): boolean {
  const stat = readStat(named.pid);
  if (stat?.startTime !== named.startTime || stat.group !== named.pid || named.pid <= 1) return false;
  try {
    return process.kill(-named.pid, number);
  } catch {
    return false; // The process ended just now, or another user has its number.
  }
}

/**
 * Whether /proc/PID/cmdline or /proc/PID/environ has exactly this entry; other users' files cannot be read.
 */
function hasEntry(pid: number, file: 'cmdline' | 'environ', entry: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/${file}`, 'utf8')}`.includes(`\0${entry}\0`);
  } catch {
    return false; // The process has ended, or is another user's.
  }
}

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly startTime: number;
}

/** Fields 3, 5 and 22 of /proc/PID/stat; the name before them may contain any character. */
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
