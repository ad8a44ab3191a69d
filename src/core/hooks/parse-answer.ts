/** A line of the runner → its answer. The runner is trusted; what it says is checked because a line may be cut. */
import { millis, timestamp } from '../model/ids.ts';
import type { JsonValue } from '../view/json.ts';
import type { RunnerAnswer } from './delegation.ts';
import type { HookOutcome, PrivilegeRefusalCode } from './hook-run.ts';

/** Returns undefined for a line that is no answer. */
export function parseAnswer(line: string): RunnerAnswer | undefined {
  const answer = objectOf(parseJson(line));
  if (answer?.['kind'] === 'accepted') {
    const limit = answer['limit'];
    if (limit !== null && typeof limit !== 'number') return undefined;
    return { kind: 'accepted', limit: limit === null ? null : millis(limit) };
  }
  const report = answer?.['kind'] === 'ended' ? objectOf(answer['report']) : undefined;
  const outcome = parseOutcome(objectOf(report?.['outcome']));
  if (report === undefined || outcome === undefined) return undefined;
  return {
    kind: 'ended',
    report: {
      outcome,
      startedAt: timestamp(numberOf(report['startedAt'])),
      duration: millis(numberOf(report['duration'])),
      stdout: textOf(report['stdout']),
      stderr: textOf(report['stderr']),
      dropped: numberOf(report['dropped']),
    },
  };
}

function parseOutcome(outcome: Fields | undefined): HookOutcome | undefined {
  switch (outcome?.['kind']) {
    case 'exited':
      return { kind: 'exited', code: numberOf(outcome['code']) };
    case 'signalled':
      return { kind: 'signalled', signal: textOf(outcome['signal']) };
    case 'unseen':
      return { kind: 'unseen' };
    case 'timed-out': {
      const after = millis(numberOf(outcome['after']));
      return { kind: 'timed-out', after, killed: outcome['killed'] === true, abandoned: false };
    }
    case 'refused': {
      const code = textOf(outcome['code']) as PrivilegeRefusalCode;
      return { kind: 'refused', code, reason: textOf(outcome['reason']), remedy: textOf(outcome['remedy']) };
    }
    case 'not-started':
      return { kind: 'not-started', code: textOf(outcome['code']), reason: textOf(outcome['reason']) };
    default:
      return undefined;
  }
}

type Fields = { readonly [key: string]: JsonValue };

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

const objectOf = (value: JsonValue | undefined): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
const numberOf = (value: JsonValue | undefined): number => (typeof value === 'number' ? value : 0);
const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');
