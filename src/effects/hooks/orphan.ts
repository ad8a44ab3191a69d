/** Waits for a script that an earlier daemon started, and records its end. */

import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import { orphanTimeout } from '../../core/journal/orphan.ts';
import type { Orphan } from '../../core/journal/recovery.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { millis, timestamp } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunningProcess } from '../../ports/running-processes.ts';
import { notStarted } from './outcome.ts';
import { type Ending, Supervision, type Timeouts } from './supervise.ts';

interface OrphanProcess {
  readonly event: NetworkEvent;
  readonly orphan: Orphan;
  /** Absent where it has ended already. */
  readonly process: RunningProcess | undefined;
}

/** Resolves when the process has ended, at the latest when it survives SIGKILL after its timeout. */
export async function awaitOrphan(
  { event, orphan, process }: OrphanProcess,
  timeouts: Timeouts,
  { clock, supervise }: { readonly clock: Clock; readonly supervise: (supervision: Supervision) => void },
): Promise<HookRun> {
  const name = orphan.path.slice(orphan.path.lastIndexOf('/') + 1);
  const record = notStarted(event, clock.wall(), orphan.path, name, { kind: 'unseen' });
  const known = orphan.process === undefined ? {} : { pid: orphan.process.pid };
  if (process === undefined) return { ...record, ...known };
  const timeout = orphanTimeout(process.age, timeouts.timeout);
  const supervision = new Supervision(process, { ...timeouts, timeout }, clock);
  supervise(supervision);
  const ending = await supervision.ending;
  return {
    ...record,
    startedAt: timestamp(record.startedAt - process.age),
    duration: millis(process.age + (ending.end?.duration ?? timeout)),
    outcome: outcomeOf(ending, timeouts),
    ...known,
  };
}

function outcomeOf({ end, cause, killed }: Ending, { timeout }: Timeouts): HookOutcome {
  const abandoned = end === undefined;
  if (cause === 'timed-out') return { kind: 'timed-out', after: timeout, killed, abandoned };
  return cause === 'stopped' ? { kind: 'stopped', abandoned } : { kind: 'unseen' };
}
