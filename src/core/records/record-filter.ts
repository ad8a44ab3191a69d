/** Selects records for a reader. The history has the same filter in SQL; one test compares the two. */
import type { RecordKind } from '../model/record.ts';
import type { StoredRecord } from './stored-record.ts';

/** A record matches if every present key matches. An empty list matches no record. */
export interface RecordFilter {
  /** Exact name of the link. */
  readonly link?: string;
  /** The event type is one of these. */
  readonly types?: readonly string[];
  readonly kinds?: readonly RecordKind[];
  /** Not before this time: wall clock, milliseconds since 1970. */
  readonly since?: number;
  /** Before this time. */
  readonly until?: number;
}

/** The filter that matches every record. */
export const everyRecord: RecordFilter = {};

/** Whether the record meets every condition of the filter. */
export function matchesFilter(filter: RecordFilter, record: StoredRecord): boolean {
  const { link, types, kinds, since, until } = filter;
  return (
    (link === undefined || record.link === link) &&
    (types === undefined || types.includes(record.type)) &&
    (kinds === undefined || kinds.includes(record.kind)) &&
    (since === undefined || record.at >= since) &&
    (until === undefined || record.at < until)
  );
}
