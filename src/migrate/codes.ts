/** The codes of what keeps a part of a migration from being done. */

/** Stable: programs may compare them. */
export type MigrationCode = 'NETEVD_MIGRATE_INPUT' | 'NETEVD_MIGRATE_TARGET' | 'NETEVD_MIGRATE_WRITE';

/** Text of docs/errors.md. */
export interface MigrationCodeEntry {
  readonly meaning: string;
  readonly remedy: string;
}

/** Every code, in the order of docs/errors.md. */
export const migrationCodes: Readonly<Record<MigrationCode, MigrationCodeEntry>> = {
  NETEVD_MIGRATE_INPUT: {
    meaning: 'A file of the other program cannot be read, or is not in its format.',
    remedy: 'Correct the line given, or move the file away; everything else is migrated.',
  },
  NETEVD_MIGRATE_TARGET: {
    meaning:
      'A file that the migration would write is there and differs, or others can write to its directory.',
    remedy:
      'Do what the line says: nothing is ever overwritten, and nothing written where others can change it.',
  },
  NETEVD_MIGRATE_WRITE: {
    meaning: 'A file could not be written, or a rule or route not removed.',
    remedy: 'Run `netevd migrate --apply` as root; what is done is not done twice.',
  },
};
