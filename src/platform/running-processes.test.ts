import { afterEach, describe, expect, test } from 'bun:test';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { waitUntil } from '../testing/wait-until.ts';
import { SystemClock } from './clock.ts';
import { ProcRunningProcesses } from './running-processes.ts';

const processes = new ProcRunningProcesses(new SystemClock());
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A leader of a group of its own, as hooks are; its name looks like the fields after it. */
async function start(
  script: string,
  detached = true,
): Promise<{ readonly pid: number; readonly startTime: number }> {
  const child = spawn('sh', ['-c', script], { detached, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  const { promise, resolve } = Promise.withResolvers<void>();
  child.stdout?.once('data', () => resolve());
  await promise;
  const pid = child.pid ?? 0;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return { pid, startTime: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) };
}

const { SIGTERM } = constants.signals;

describe('a process that somebody else has started', () => {
  test('is found by its number and its start', async () => {
    const before = performance.now();
    const named = await start('echo; exec sleep 1000');
    expect(processes.isRunning(named)).toBe(true);
    const found = processes.find(named);
    expect(found).toMatchObject(named);
    // The kernel tells the start in ticks of 10 ms.
    expect(found?.age).toBeLessThanOrEqual(performance.now() - before + 20);
  });

  test('is not found by another start time', async () => {
    const { pid, startTime } = await start('echo; exec sleep 1000');
    for (const other of [startTime - 1, startTime + 1, 0]) {
      expect(processes.find({ pid, startTime: other })).toBeUndefined();
    }
  });

  test('is found whatever characters its name has', async () => {
    const named = await start('printf ") R 1 1 1 1 1" >/proc/self/comm; echo; sleep 1000; :');
    expect(processes.isRunning(named)).toBe(true);
  });

  test('ends with neither code nor signal', async () => {
    const named = await start('echo; exec sleep 1000');
    const found = processes.find(named);
    expect(found?.signal(SIGTERM)).toBe(true);
    expect(await found?.ended).toMatchObject({ code: null, signal: null });
    expect(processes.isRunning(named)).toBe(false);
    expect(found?.signal(SIGTERM)).toBe(false);
  });

  test('is signalled with its whole group', async () => {
    const named = await start('sleep 1000 & echo $!; wait');
    const stdout = readFileSync(`/proc/${named.pid}/task/${named.pid}/children`, 'utf8').trim();
    processes.find(named)?.signal(SIGTERM);
    await waitUntil('the child to be gone', () => {
      try {
        return readFileSync(`/proc/${stdout}/stat`, 'utf8').includes(') Z ');
      } catch {
        return true;
      }
    });
  });

  test('is not signalled unless it leads its group: the number would reach other processes', async () => {
    const named = await start('echo; exec sleep 1000', false);
    expect(processes.find(named)?.signal(SIGTERM)).toBe(false);
    expect(processes.isRunning(named)).toBe(true);
  });

  test('is not found by a pid without a process, or by one that must not be signalled', () => {
    for (const pid of [0, -1, 4_194_304, Number.NaN]) {
      expect(processes.find({ pid, startTime: 1 })).toBeUndefined();
    }
  });

  test('is found by its file and a variable of its environment if it leads its group', async () => {
    const variable = `NETEVD_EVENT_ID=${crypto.randomUUID()}`;
    const named = await start(
      `${variable} exec setsid env -i ${variable} sh -c 'echo; sleep 1000; :' /bin/a-hook`,
      false,
    );
    expect(processes.search('/bin/a-hook', variable)).toMatchObject({ pid: expect.any(Number) });
    expect(processes.search('/bin/another-hook', variable)).toBeUndefined();
    expect(processes.search('/bin/a-hook', `${variable}0`)).toBeUndefined();
    const found = processes.search('/bin/a-hook', variable);
    if (found !== undefined) processes.find(found)?.signal(constants.signals.SIGKILL);
    expect(named.pid).toBeGreaterThan(1);
  });
});
