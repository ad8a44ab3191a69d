/** Builds the record of one run. */
import { constants } from 'node:os';
import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { type Millis, millis, type Timestamp } from '../../core/model/ids.ts';
import type { Ending } from './supervise.ts';

/** The record of a script that did not start: it was refused, or execve(2) failed. */
export function notStarted(
  event: NetworkEvent,
  startedAt: Timestamp,
  path: string,
  name: string,
  outcome: HookOutcome,
): HookRun {
  const output = { stdout: '', stderr: '', droppedOutput: 0, outputStillOpen: false };
  const zero = millis(0);
  return {
    ...about(event, path, name),
    startedAt,
    duration: zero,
    outcome,
    ...output,
    cpu: zero,
    retry: false,
  };
}

/** `code`: the errno name. */
export function spawnFailure(code: string): HookOutcome {
  return {
    kind: 'not-started',
    code,
    reason: spawnErrors[code] ?? `the kernel refuses to start it (${code})`,
  };
}

interface Ended {
  readonly event: NetworkEvent;
  readonly path: string;
  readonly name: string;
  readonly startedAt: Timestamp;
  readonly retry: boolean;
  readonly pid: number;
  readonly timeout: Millis;
  readonly ending: Ending;
}

/** The record of a script that ran. */
export function ended({ event, path, name, startedAt, retry, pid, timeout, ending }: Ended): HookRun {
  const { end } = ending;
  return {
    ...about(event, path, name),
    startedAt,
    duration: end?.duration ?? timeout,
    outcome: outcomeOf(ending, timeout),
    stdout: text.decode(end?.stdout),
    stderr: text.decode(end?.stderr),
    droppedOutput: end?.dropped ?? 0,
    outputStillOpen: end?.outputStillOpen ?? false,
    cpu: end?.cpu ?? millis(0),
    pid,
    retry,
  };
}

function outcomeOf({ end, cause, killed }: Ending, after: Millis): HookOutcome {
  const abandoned = end === undefined;
  if (cause === 'timed-out') return { kind: 'timed-out', after, killed, abandoned };
  if (cause === 'stopped') return { kind: 'stopped', abandoned };
  if (end?.signal != null) return { kind: 'signalled', signal: signalName(end.signal) };
  return { kind: 'exited', code: end?.code ?? 255 };
}

function about(
  event: NetworkEvent,
  path: string,
  script: string,
): Pick<HookRun, 'eventId' | 'seq' | 'directory' | 'link' | 'source' | 'state' | 'script' | 'path'> {
  const { id: eventId, seq, directory, source, state, link } = event;
  const run = { eventId, seq, directory, source, state, script, path };
  return link === undefined ? run : { ...run, link };
}

const text = new TextDecoder();
const signalNames = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name] as const),
);
const signalName = (number: number): string => signalNames.get(number) ?? `signal ${number}`;

/** What an errno of execve(2) means for a script. */
const spawnErrors: Partial<Readonly<Record<string, string>>> = {
  ENOENT: 'the interpreter in its first line does not exist',
  ENOEXEC: 'it is neither a binary nor a script with #! in its first line',
  EACCES: 'its user may not execute it or its interpreter, or its file system is mounted noexec',
  ELOOP: 'its interpreter is a script that needs an interpreter, and so on',
  ETXTBSY: 'a process has it open for writing',
  E2BIG: 'its environment is larger than the kernel allows',
  EAGAIN: 'there are too many processes',
  ENOMEM: 'out of memory',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on the machine',
  ENOSPC: 'the memory for its input is used up',
};

/** What keeps hooks waiting, for an errno. */
export const shortageText = (code: string): string => spawnErrors[code] ?? 'the system has too little left';
