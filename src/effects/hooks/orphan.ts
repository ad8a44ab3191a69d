/** A script that an earlier daemon started: its end, and the record of it. */

import type { HookOutcome, HookRun } from '../../core/hooks/hook-run.ts';
import { orphanTimeout } from '../../core/journal/orphan.ts';
import type { Orphan } from '../../core/journal/recovery.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { millis, timestamp } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RunningProcess } from '../../ports/running-processes.ts';
import { notStarted } from './outcome.ts';
import { type Ending, type Patience, Supervision } from './supervise.ts';

interface Found {
  readonly event: NetworkEvent;
  readonly orphan: Orphan;
  /** Absent where it has ended already. */
  readonly process: RunningProcess | undefined;
}

/** Resolves when it has ended, at the latest when its time is over and nothing has helped. */
export async function awaitOrphan(
  { event, orphan, process }: Found,
  patience: Patience,
  { clock, supervise }: { readonly clock: Clock; readonly supervise: (supervision: Supervision) => void },
): Promise<HookRun> {
  const name = orphan.path.slice(orphan.path.lastIndexOf('/') + 1);
  const record = notStarted(event, clock.wall(), orphan.path, name, { kind: 'unseen' });
  const known = orphan.process === undefined ? {} : { pid: orphan.process.pid };
  if (process === undefined) return { ...record, ...known };
  const timeout = orphanTimeout(process.age, patience.timeout);
  const supervision = new Supervision(process, { ...patience, timeout }, clock);
  supervise(supervision);
  const ending = await supervision.ending;
  return {
    ...record,
    startedAt: timestamp(record.startedAt - process.age),
    duration: millis(process.age + (ending.end?.duration ?? timeout)),
    outcome: outcomeOf(ending, patience),
    ...known,
  };
}

function outcomeOf({ end, told, killed }: Ending, { timeout }: Patience): HookOutcome {
  const abandoned = end === undefined;
  if (told === 'timed-out') return { kind: 'timed-out', after: timeout, killed, abandoned };
  return told === 'stopped' ? { kind: 'stopped', abandoned } : { kind: 'unseen' };
}
