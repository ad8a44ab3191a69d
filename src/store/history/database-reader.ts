/**
 * Reads pages of the database. A filter can exclude nearly every record of a large database, so one page examines a
 * bounded number of records and never blocks the daemon for long.
 */
import type { RecordFilter } from '../../core/records/record-filter.ts';
import type { RecordGap, RecordPage, RecordPosition } from '../../core/records/stored-record.ts';
import type { SqlDatabase } from '../../ports/sql-database.ts';
import type { Epochs } from './epochs.ts';
import { expiredGap } from './expired-gap.ts';
import { filterClause } from './filter-clause.ts';
import { keyLimit } from './record-key.ts';
import { gapItem, type KeyedItem, recordItem } from './stored-items.ts';

/** Maximum number of records that one page examines: 1 to 3 ms. */
const scanLimit = 5000;

export class DatabaseReader {
  readonly #database: SqlDatabase;
  readonly #epochs: Epochs;

  constructor(database: SqlDatabase, epochs: Epochs) {
    this.#database = database;
    this.#epochs = epochs;
  }

  /** See `ReadableHistory`. The first item is a gap if `after` is unknown or a record after it has expired. */
  since(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    const { key, gap } = this.#start(after);
    const newest = this.#newest();
    const low = Math.max(key, this.#lowest(filter) - 1);
    const bound = this.#bound('>', low, filter);
    const rows = this.#rows(`id > ? and id <= ?`, [low, bound ?? keyLimit], 'asc', limit, filter);
    const reached = (rows.length === limit ? rows.at(-1)?.last : bound) ?? Math.max(key, newest);
    const gaps = this.#gaps(key, reached + 1, 'asc', limit);
    const items = [...rows, ...gaps].sort((a, b) => a.first - b.first).slice(0, limit);
    const cut = items.length < rows.length + gaps.length;
    const end = cut ? (items.at(-1)?.last ?? key) : Math.max(reached, gaps.at(-1)?.last ?? -1);
    return {
      items: [...(gap === undefined ? [] : [gap]), ...items.map(({ item }) => item)],
      next: end < 0 ? null : this.#epochs.positionOf(end),
      more: end < newest,
    };
  }

  /** See `ReadableHistory`. Starts at the newest record if `before` is unknown. */
  latest(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    const key = (before === null ? undefined : this.#epochs.keyOf(before)) ?? keyLimit;
    const floor = Math.max(this.#lowest(filter), this.#oldestKey());
    const bound = Math.max(this.#bound('<', key, filter) ?? 0, floor);
    const rows = this.#rows(`id < ? and id >= ?`, [key, bound], 'desc', limit, filter);
    const reached = rows.length === limit ? (rows.at(-1)?.first ?? bound) : bound;
    const gaps = this.#gaps(reached - 1, key, 'desc', limit);
    const items = [...rows, ...gaps].sort((a, b) => b.last - a.last).slice(0, limit);
    const cut = items.length < rows.length + gaps.length;
    const end = cut ? (items.at(-1)?.first ?? key) : Math.min(reached, gaps.at(-1)?.first ?? keyLimit);
    const more = end > floor && end < keyLimit;
    const last = more ? end : items.at(-1)?.first;
    return {
      items: items.map(({ item }) => item),
      next: last === undefined ? before : this.#epochs.positionOf(last),
      more,
    };
  }

  oldest(): RecordPosition | null {
    const id = this.#database.get('select min(id) as id from record')?.['id'];
    return typeof id === 'number' ? this.#epochs.positionOf(id) : null;
  }

  /** The key after which a reader continues, and the gap that it gets first. */
  #start(after: RecordPosition | null): { readonly key: number; readonly gap?: RecordGap } {
    if (after === null) return { key: -1 };
    const key = this.#epochs.keyOf(after);
    const oldest = this.#oldestKey();
    const horizon = oldest === keyLimit ? this.#newest() : oldest - 1;
    if (key !== undefined && key >= horizon) return { key };
    if (key === undefined) {
      return {
        key: horizon,
        gap: { kind: 'gap', cause: 'other-instance', from: null, to: null, lost: null },
      };
    }
    const gap = expiredGap(this.#epochs.inOrder(), after, this.#epochs.positionOf(horizon));
    return gap === undefined ? { key: horizon } : { key: horizon, gap };
  }

  /** First key of a stored record or gap; `keyLimit` if there is none. */
  #oldestKey(): number {
    const row = this.#database.get(
      'select (select min(id) from record) as record, (select min(first) from gap) as gap',
    );
    return Math.min(Number(row?.['record'] ?? keyLimit), Number(row?.['gap'] ?? keyLimit));
  }

  /** Key of the newest record that was ever stored; -1 in an empty database. */
  #newest(): number {
    const end = this.#epochs.end();
    return end === undefined ? -1 : (this.#epochs.keyOf(end) ?? -1);
  }

  /** The lowest key of a record that the filter may match by time: times are nearly in order, but not exactly. */
  #lowest({ since }: RecordFilter): number {
    if (since === undefined) return 0;
    const sql = 'select min(id) as id from record indexed by record_at where at >= ?';
    return Number(this.#database.get(sql, since)?.['id'] ?? keyLimit);
  }

  /** Key of the last record that one page may examine; undefined if it may examine all. */
  #bound(side: '>' | '<', key: number, { link, ...rest }: RecordFilter): number | undefined {
    // Without another condition every examined record matches, and `limit` is the bound.
    if (Object.keys(rest).length === 0) return undefined;
    const clause = filterClause(link === undefined ? {} : { link });
    const sql = `select id from record where id ${side} ? ${clause.sql}
                  order by id ${side === '>' ? 'asc' : 'desc'} limit 1 offset ?`;
    const id = this.#database.get(sql, key, ...clause.values, scanLimit - 1)?.['id'];
    return typeof id === 'number' ? id : undefined;
  }

  #rows(
    range: string,
    keys: readonly [number, number],
    order: 'asc' | 'desc',
    limit: number,
    filter: RecordFilter,
  ): KeyedItem[] {
    const clause = filterClause(filter);
    const sql = `select id, at, kind, type, link, json from record
                  where ${range} ${clause.sql} order by id ${order} limit ?`;
    return this.#database
      .all(sql, ...keys, ...clause.values, limit)
      .map((row) => recordItem(row, this.#epochs));
  }

  /** Gaps that reach into the keys above `low` and below `high`, without the part behind the reader's position. */
  #gaps(low: number, high: number, order: 'asc' | 'desc', limit: number): KeyedItem[] {
    const sql = `select first, last from gap where last > ? and first < ? order by first ${order} limit ?`;
    const [from, to] = order === 'asc' ? [low, keyLimit] : [-1, high];
    return this.#database.all(sql, low, high, limit).map((row) => gapItem(row, this.#epochs, from, to));
  }
}
