/** Lists of records: pages of the history, put together to as many as were asked for. */

import { millis } from '../../core/model/ids.ts';
import { parseRecord } from '../../core/records/parse-record.ts';
import type { RecordFilter } from '../../core/records/record-filter.ts';
import type { RecordPage, RecordPosition, StoredRecord } from '../../core/records/stored-record.ts';
import type { EventRow } from '../../core/view/types/records.ts';
import type { ApiContext } from '../context.ts';

/** One page is a few milliseconds of the loop, and looks at 5000 records at most. */
const pageSize = 500;
/** Pages of one request: a filter that fits nothing must not read the whole history at once. */
const mostPages = 200;

export interface ListRequest {
  readonly direction: 'forward' | 'backward';
  /** Forward: after it; backward: before it. */
  readonly from: RecordPosition | null;
  readonly filter: RecordFilter;
  /** Beyond the filter. */
  readonly accepts: (record: StoredRecord) => boolean;
  readonly limit: number;
}

export interface RecordList {
  readonly records: readonly StoredRecord[];
  readonly hasMore: boolean;
  /** Where to go on. */
  readonly next: RecordPosition | null;
  /** Whether records are missing in it. */
  readonly hasGap: boolean;
}

/** Reads page after page; the loop turns in between. */
export async function listRecords(
  { history, clock }: Pick<ApiContext, 'history' | 'clock'>,
  { direction, from, filter, accepts, limit }: ListRequest,
): Promise<RecordList> {
  const records: StoredRecord[] = [];
  let position = from;
  let hasGap = false;
  for (let pages = 1; ; pages++) {
    const wanted = Math.min(pageSize, limit - records.length);
    const page: RecordPage =
      direction === 'forward'
        ? history.since(position, wanted, filter)
        : history.latest(position, wanted, filter);
    for (const item of page.items) {
      if (item.kind === 'gap') hasGap = true;
      else if (accepts(item)) records.push(item);
    }
    position = page.next;
    if (!page.more || position === null || records.length >= limit || pages >= mostPages) {
      return { records, hasMore: page.more && position !== null, next: position, hasGap };
    }
    await turn(clock);
  }
}

function turn(clock: ApiContext['clock']): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.schedule(millis(0), resolve);
  return promise;
}

/** The newest records as rows, of one page. */
export function latestRows(
  { history }: Pick<ApiContext, 'history'>,
  filter: RecordFilter,
  limit: number,
): readonly EventRow[] {
  const { items } = history.latest(null, limit, filter);
  return items.flatMap((item) => (item.kind === 'gap' ? [] : (eventRow(item) ?? [])));
}

/** Undefined where the text is no record. */
export function eventRow(stored: StoredRecord): EventRow | undefined {
  const details = parseRecord(stored);
  if (details === undefined) return undefined;
  const { id, seq, ts, event, link, message } = details;
  return { id, seq, timestamp: ts, event_type: event, interface: link, action: message, details };
}
