/** Reads back what an earlier daemon recorded, in small steps while nothing else happens. */

import { type IfIndex, millis } from '../../core/model/ids.ts';
import type { OperationalState } from '../../core/model/vocabulary.ts';
import { parseRecord } from '../../core/records/parse-record.ts';
import type { RecordFilter } from '../../core/records/record-filter.ts';
import type { RecordPosition } from '../../core/records/stored-record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReadableHistory } from '../../ports/history.ts';
import type { StatusTracker } from './status-tracker.ts';

export interface RecallParts {
  readonly clock: Clock;
  readonly history: Pick<ReadableHistory, 'latest'>;
  readonly tracker: Pick<StatusTracker, 'recall'>;
  readonly stateOf: (index: IfIndex) => OperationalState | undefined;
  /** The first record of this process: what comes from it on is known. Null where it has none yet. */
  readonly before: RecordPosition | null;
}

const day = 24 * 60 * 60_000;
/** Records of one step, which takes a millisecond. */
const pageSize = 100;
/** A network that changes all the time has more in a day; counts of such a day are lower bounds until it is over. */
const mostPages = 100;
const pause = millis(20);

/** Reads the records of the last day. Disposing stops it. */
export function recallStatus({ clock, history, tracker, stateOf, before }: RecallParts): Disposable {
  const filter: RecordFilter = { since: clock.wall() - day, kinds: ['event', 'hook_run', 'repair'] };
  let position = before;
  let pages = 0;
  let timer: Disposable | undefined;
  const step = (): void => {
    const page = history.latest(position, pageSize, filter);
    for (const item of page.items) {
      const record = item.kind === 'gap' ? undefined : parseRecord(item);
      if (record !== undefined) tracker.recall(record, stateOf);
    }
    position = page.next;
    pages++;
    if (page.more && position !== null && pages < mostPages) timer = clock.schedule(pause, step);
  };
  timer = clock.schedule(pause, step);
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}
