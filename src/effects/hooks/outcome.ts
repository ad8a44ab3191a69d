/** The record of one run, from what happened. */
import { constants } from 'node:os';
import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { type Millis, millis, type Timestamp } from '../../core/model/ids.ts';
import type { Ending } from './supervise.ts';

/** A script that did not start: it was refused, or execve(2) failed. */
export function notStarted(
  event: NetworkEvent,
  startedAt: Timestamp,
  path: string,
  name: string,
  outcome: HookOutcome,
): HookRun {
  const output = { stdout: '', stderr: '', droppedOutput: 0, outputCut: false };
  const nought = millis(0);
  return {
    ...about(event, path, name),
    startedAt,
    duration: nought,
    outcome,
    ...output,
    cpu: nought,
    retry: false,
  };
}

/** `code` is the errno's name. */
export function spawnFailure(code: string): HookOutcome {
  return { kind: 'not-started', code, reason: spawnErrors[code] ?? `the kernel did not start it (${code})` };
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

/** A script that ran, and how that ended. */
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
    outputCut: end?.outputCut ?? false,
    cpu: end?.cpu ?? millis(0),
    pid,
    retry,
  };
}

function outcomeOf({ end, told, killed }: Ending, after: Millis): HookOutcome {
  const abandoned = end === undefined;
  if (told === 'timed-out') return { kind: 'timed-out', after, killed, abandoned };
  if (told === 'stopped') return { kind: 'stopped', abandoned };
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

/** What the errno of execve(2) means for a script. */
const spawnErrors: Partial<Readonly<Record<string, string>>> = {
  ENOENT: 'the interpreter that its first line names is not there',
  ENOEXEC: 'it has no #! in its first line, and is no program',
  EACCES: 'its user may not execute it or its interpreter, or its file system is mounted noexec',
  ELOOP: 'its interpreter is a script that needs an interpreter, and so on',
  ETXTBSY: 'somebody is writing to it',
  E2BIG: 'its environment is larger than the kernel allows',
  EAGAIN: 'there are too many processes',
  ENOMEM: 'there is no memory left',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};
