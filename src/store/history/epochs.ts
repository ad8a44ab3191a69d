/** The epochs of a database: the number of each in the keys, and its newest record. */
import type { RecordPosition } from '../../core/records/stored-record.ts';
import type { SqlDatabase } from '../../ports/sql-database.ts';
import type { NamedEpoch } from './expired-gap.ts';
import type { BatchPlan, KnownEpoch } from './plan-batch.ts';
import { isOrder, orderOf, recordKey, seqOf } from './record-key.ts';

/** Maximum number of epochs without records that stay known by name: a boot a day for three years. */
const rememberedEpochs = 1000;

const forgetEpochs = `
  delete from epoch where ord < (select max(ord) from epoch) - ?
    and not exists (select 1 from record where id >= ord * ? and id < (ord + 1) * ?)`;

export class Epochs {
  readonly #database: SqlDatabase;
  #byName = new Map<string, KnownEpoch>();
  #byOrder = new Map<number, string>();

  /** Reads the epochs and drops those that are too old. Throws `SQLITE_CORRUPT` if their numbers are invalid. */
  constructor(database: SqlDatabase) {
    this.#database = database;
    database.transaction(() =>
      database.run(forgetEpochs, rememberedEpochs, recordKey(1, 0), recordKey(1, 0)),
    );
    for (const { ord, name, last } of database.all('select ord, name, last from epoch order by ord')) {
      if (!isOrder(Number(ord))) throw Object.assign(new Error('no such epoch'), { code: 'SQLITE_CORRUPT' });
      this.#remember(String(name), { order: Number(ord), last: Number(last) });
    }
  }

  get(name: string): KnownEpoch | undefined {
    return this.#byName.get(name);
  }

  /** All epochs, in order. */
  inOrder(): NamedEpoch[] {
    return [...this.#byName].map(([name, { last }]) => ({ name, last }));
  }

  /** The end of the newest epoch; undefined in an empty database. */
  end(): RecordPosition | undefined {
    const newest = this.inOrder().at(-1);
    return newest === undefined ? undefined : { epoch: newest.name, seq: newest.last };
  }

  /** Undefined where the epoch is unknown. */
  keyOf({ epoch, seq }: RecordPosition): number | undefined {
    const known = this.#byName.get(epoch);
    return known === undefined ? undefined : recordKey(known.order, seq);
  }

  /** Throws `SQLITE_CORRUPT` if the row belongs to an unknown epoch. */
  positionOf(key: number): RecordPosition {
    const epoch = this.#byOrder.get(orderOf(key));
    if (epoch !== undefined) return { epoch, seq: seqOf(key) };
    throw Object.assign(new Error('a record of no epoch'), { code: 'SQLITE_CORRUPT' });
  }

  /** Adds rows for the epochs of a batch, within its transaction. Call `keep` after the commit to make them known. */
  write({ epochs }: BatchPlan): ReadonlyMap<string, KnownEpoch> {
    const written = new Map<string, KnownEpoch>();
    let next = Math.max(-1, ...this.#byOrder.keys()) + 1;
    for (const [name, last] of epochs) {
      const order = this.#byName.get(name)?.order ?? next++;
      this.#database.run(
        'insert into epoch (ord, name, last) values (?, ?, ?) on conflict (ord) do update set last = excluded.last',
        order,
        name,
        last,
      );
      written.set(name, { order, last });
    }
    return written;
  }

  keep(written: ReadonlyMap<string, KnownEpoch>): void {
    for (const [name, epoch] of written) this.#remember(name, epoch);
  }

  #remember(name: string, epoch: KnownEpoch): void {
    this.#byName.set(name, epoch);
    this.#byOrder.set(epoch.order, name);
  }
}
