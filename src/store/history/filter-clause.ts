/** A filter in SQL, equal to `matchesFilter`; a test compares the two. */
import type { RecordFilter } from '../../core/records/record-filter.ts';
import type { SqlValue } from '../../ports/sql-database.ts';

export interface Clause {
  /** Empty, or `and …` for each condition. Values are parameters, so there are few different statements. */
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export function filterClause(filter: RecordFilter): Clause {
  const parts: [sql: string, value: SqlValue][] = [];
  if (filter.link !== undefined) parts.push(['and link = ?', filter.link]);
  if (filter.types !== undefined) parts.push([oneOf('type'), JSON.stringify(filter.types)]);
  if (filter.kinds !== undefined) parts.push([oneOf('kind'), JSON.stringify(filter.kinds)]);
  if (filter.since !== undefined) parts.push(['and at >= ?', filter.since]);
  if (filter.until !== undefined) parts.push(['and at < ?', filter.until]);
  return { sql: parts.map(([sql]) => sql).join(' '), values: parts.map(([, value]) => value) };
}

const oneOf = (column: string): string => `and ${column} in (select value from json_each(?))`;
