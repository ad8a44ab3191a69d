/** The tables, and how a database of an earlier version becomes one of this. */
import type { SqlDatabase } from '../../ports/sql-database.ts';

/**
 * `record.id` and both columns of `gap` are keys of `record-key.ts`: in the order of records, across epochs.
 * `gap` has what is known to be missing, from `first` to `last`. `epoch.last` outlives the records of the epoch.
 */
const version1 = `
  create table epoch (
    ord  integer primary key,
    name text    not null unique,
    last integer not null
  ) strict;
  create table record (
    id   integer primary key,
    at   integer not null,
    kind text    not null,
    type text    not null,
    link text,
    json text    not null
  ) strict;
  create index record_link on record (link) where link is not null;
  create index record_at on record (at);
  create table gap (
    first integer primary key,
    last  integer not null
  ) strict;
`;

/** The n-th takes a database from version n to n + 1. Never changed once it was released. */
const migrations: readonly string[] = [version1];

export const schemaVersion: number = migrations.length;

export type Migrated =
  | { readonly ok: true }
  /** A later netevd has made it. It is left as it is. */
  | { readonly ok: false; readonly version: number };

/** Brings the database to this version, in one transaction, or leaves it alone. */
export function migrate(database: SqlDatabase): Migrated {
  const version = Number(database.get('pragma user_version')?.['user_version']);
  if (version > schemaVersion) return { ok: false, version };
  if (version < schemaVersion) {
    database.transaction(() => {
      for (const step of migrations.slice(version)) database.execute(step);
      database.execute(`pragma user_version = ${schemaVersion}`);
    });
  }
  return { ok: true };
}
