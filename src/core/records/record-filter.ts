/** Which records a reader wants. The history says the same in SQL; one test holds the two equal. */
import type { RecordKind } from '../model/record.ts';
import type { StoredRecord } from './stored-record.ts';

/** Every key that is there must hold. An empty list matches nothing. */
export interface RecordFilter {
  /** Exact name of the link. */
  readonly link?: string;
  /** Event types, any of which will do. */
  readonly types?: readonly string[];
  readonly kinds?: readonly RecordKind[];
  /** Not before this time: wall clock, milliseconds since 1970. */
  readonly since?: number;
  /** Before this time. */
  readonly until?: number;
}

/** The filter that lets everything through. */
export const everyRecord: RecordFilter = {};

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
