/** The error codes of migrations. */

/** Stable: programs may compare them. */
export type MigrationCode = 'NETEVD_MIGRATE_INPUT' | 'NETEVD_MIGRATE_TARGET' | 'NETEVD_MIGRATE_WRITE';

/** Text for docs/errors.md. */
export interface MigrationCodeEntry {
  readonly meaning: string;
  readonly remedy: string;
}

/** Every code, in the order of docs/errors.md. */
export const migrationCodes: Readonly<Record<MigrationCode, MigrationCodeEntry>> = {
  NETEVD_MIGRATE_INPUT: {
    meaning: 'A file of the other program cannot be read, or is not in its format.',
    remedy: 'Correct the reported line, or move the file away; everything else is migrated.',
  },
  NETEVD_MIGRATE_TARGET: {
    meaning:
      'A file that the migration would write exists and differs, or other users can write to its directory.',
    remedy:
      'Follow the fix in the message. netevd never overwrites a file, and never writes where other users can change it.',
  },
  NETEVD_MIGRATE_WRITE: {
    meaning: 'A file could not be written, or a rule or route not removed.',
    remedy: 'Run `netevd migrate --apply` as root again; completed steps are not repeated.',
  },
};
