/** The open database: stores, reads, prunes and checks. Throws the errors of SQLite; `failureOf` interprets them. */
import type { RecordFilter } from '../../core/records/record-filter.ts';
import type { RecordPage, RecordPosition, StoredRecord } from '../../core/records/stored-record.ts';
import type { SqlDatabase } from '../../ports/sql-database.ts';
import { DatabaseReader } from './database-reader.ts';
import { Epochs } from './epochs.ts';
import { sliceSize, type Usage } from './pace.ts';
import { planBatch } from './plan-batch.ts';
import { keyLimit, recordKey } from './record-key.ts';
import { expiredCount, oldestAllowed, type RetentionLimits } from './retention.ts';

/** The result of a checkpoint. */
export interface CheckpointResult {
  /** Bytes of log that a reader still needs; 0 if the checkpoint was complete. */
  readonly heldBytes: number;
}

/** The check looks up every record by each index, so that each slice reads the pages of the records and of the indexes. */
const sliceCheck = `
  select count(*) as found, max(id) as last, total(
      json_valid(json)
      and exists (select 1 from record r indexed by record_at where r.at = s.at and r.id = s.id)
      and (link is null
        or exists (select 1 from record r indexed by record_link where r.link = s.link and r.id = s.id))
    ) as valid
    from (select id, at, link, json from record where id > ? order by id limit ?) s`;

/** The check reads the two small tables at once: each epoch by its index, each gap with its end after its start. */
const restCheck = `
  select (select count(*) from epoch) + (select count(*) from gap) as found,
    (select count(*) from epoch e where exists (select 1 from epoch where name = e.name))
      + (select count(*) from gap where first <= last) as valid`;

const damaged = (): Error => Object.assign(new Error('a record is damaged'), { code: 'SQLITE_CORRUPT' });

export class RecordDatabase implements Disposable {
  readonly #database: SqlDatabase;
  readonly #epochs: Epochs;
  readonly #reader: DatabaseReader;
  readonly #pageSize: number;

  /** `database` has been migrated. */
  constructor(database: SqlDatabase) {
    this.#database = database;
    this.#epochs = new Epochs(database);
    this.#reader = new DatabaseReader(database, this.#epochs);
    this.#pageSize = this.#pragma('page_size');
  }

  /** Stores the records in one transaction, with a gap for each range of missing ones. Returns how many were new. */
  store(records: readonly StoredRecord[]): number {
    const plan = planBatch(records, (epoch) => this.#epochs.get(epoch)?.last);
    const written = this.#database.transaction(() => {
      const epochs = this.#epochs.write(plan);
      const key = (epoch: string, seq: number): number => recordKey(epochs.get(epoch)?.order ?? -1, seq);
      for (const { epoch, first, last } of plan.gaps) {
        this.#database.run(
          'insert into gap (first, last) values (?, ?)',
          key(epoch, first),
          key(epoch, last),
        );
      }
      for (const record of plan.rows) this.#insert(key(record.epoch, record.seq), record);
      return epochs;
    });
    this.#epochs.keep(written);
    return plan.rows.length;
  }

  /** See `ReadableHistory`. */
  since(after: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    return this.#reader.since(after, limit, filter);
  }

  /** See `ReadableHistory`. */
  latest(before: RecordPosition | null, limit: number, filter: RecordFilter): RecordPage {
    return this.#reader.latest(before, limit, filter);
  }

  oldest(): RecordPosition | null {
    return this.#reader.oldest();
  }

  /** The newest record that was ever stored, also if it has expired. */
  head(): RecordPosition | null {
    return this.#epochs.end() ?? null;
  }

  /** Whether records of this epoch were ever stored here. */
  knows(epoch: string): boolean {
    return this.#epochs.get(epoch) !== undefined;
  }

  usage(limit: number): Usage {
    const used = (this.#pragma('page_count') - this.#pragma('freelist_count')) * this.#pageSize;
    return { used, limit };
  }

  /** Removes one slice of records beyond the retention, and frees some space. Returns whether more may be left. */
  prune(limits: RetentionLimits, now: number): boolean {
    const slice = this.#database.all('select id, at from record order by id limit ?', sliceSize);
    const cutoff = oldestAllowed(now, limits.days);
    const count = expiredCount(
      slice.map(({ at }) => Number(at)),
      cutoff,
      this.usage(limits.bytes),
    );
    const last = slice[count - 1];
    if (last === undefined) return this.#shrink();
    this.#database.transaction(() => {
      this.#database.run('delete from record where id <= ?', Number(last['id']));
      this.#database.run('delete from gap where last < (select coalesce(min(id), ?) from record)', keyLimit);
    });
    return true;
  }

  /** See `SqlDatabase`. Undefined if the database was closed meanwhile. */
  async checkpoint(): Promise<CheckpointResult | undefined> {
    const done = await this.#database.checkpoint();
    if (done === undefined) return undefined;
    return { heldBytes: done.takenOver < done.logPages ? done.logPages * this.#pageSize : 0 };
  }

  /**
   * Checks the next slice of records after `key` for damage. Returns the key to continue at, undefined at the end. Throws
   * `SQLITE_CORRUPT` if a page is damaged, a record is not valid JSON, or an index lacks it.
   */
  checkSlice(key: number): number | undefined {
    const row = this.#database.get(sliceCheck, key, sliceSize);
    if (row?.['found'] !== row?.['valid']) throw damaged();
    if (row?.['found'] !== 0) return Number(row?.['last']);
    const rest = this.#database.get(restCheck);
    if (rest?.['found'] !== rest?.['valid']) throw damaged();
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #insert(key: number, { at, kind, type, link, json }: StoredRecord): void {
    this.#database.run(
      'insert into record (id, at, kind, type, link, json) values (?, ?, ?, ?, ?, ?)',
      key,
      Math.trunc(at),
      kind,
      type,
      link ?? null,
      json,
    );
  }

  /** Frees unused pages if they are more than a quarter; usually the next records fill them. */
  #shrink(): boolean {
    const free = this.#pragma('freelist_count');
    if (free < 256 || free * 4 < this.#pragma('page_count')) return false;
    this.#database.all('pragma incremental_vacuum(256)');
    return this.#pragma('freelist_count') < free;
  }

  #pragma(name: 'page_count' | 'page_size' | 'freelist_count'): number {
    return Number(this.#database.get(`pragma ${name}`)?.[name]);
  }
}
