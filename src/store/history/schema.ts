/** The tables, and the migration of databases of earlier versions. */
import type { SqlDatabase } from '../../ports/sql-database.ts';

/**
 * `record.id` and both columns of `gap` are keys of `record-key.ts`: in the order of records, across epochs.
 * `gap` has the ranges of records known to be missing, from `first` to `last`. `epoch.last` stays when records are removed.
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

/** The n-th migrates a database from version n to n + 1. Never changed once released. */
const migrations: readonly string[] = [version1];

export const schemaVersion: number = migrations.length;

export type Migrated =
  | { readonly ok: true }
  /** A later netevd made it. It is not changed. */
  | { readonly ok: false; readonly version: number };

/** Migrates the database to this version in one transaction, or does not change it. */
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
