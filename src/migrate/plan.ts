/** What a migration would do, as plain data: made by the planners of this room, shown and carried out by the command. */
import type { RoutingEffect } from '../core/routing/plan/routing-effect.ts';
import type { MigrationCode } from './codes.ts';

/** The programs that netevd can take over from, by the names that the command takes. */
export const sourceNames = [
  'network-broker',
  'netevd-rust',
  'networkd-dispatcher',
  'NetworkManager',
  'ifupdown',
] as const;
export type SourceName = (typeof sourceNames)[number];

/** What a finding is about; programs that read the JSON may rely on the words. */
export type FindingKind =
  /** A value of a configuration that netevd does not take; it is left out. */
  | 'value'
  /** The same key, script or event does something else than before. */
  | 'behaviour'
  /** A variable that the script reads and that cannot be had. */
  | 'variable'
  /** A key of the JSON that netevd spells otherwise or does not have. */
  | 'json-key'
  /** A command that needs a privilege; hooks have none. */
  | 'privilege'
  /** An event of the old program that netevd does not have. */
  | 'event'
  /** A file that is not taken over. */
  | 'left';

/** One thing that the operator should know or decide. */
export interface MigrationFinding {
  readonly kind: FindingKind;
  /** Path as it was read. */
  readonly file: string;
  /** From 1; 0 where it is about the whole file. */
  readonly line: number;
  /** One sentence, without position and full stop. */
  readonly text: string;
  readonly remedy?: string;
}

/** A key of the old configuration that netevd has no use for; it is left out. */
export interface UnknownKey {
  readonly file: string;
  /** From 1; 0 where it is not known. */
  readonly line: number;
  /** As it is written, from the root: `Network.Lnks`. */
  readonly key: string;
  /** The known key that was probably meant, in the spelling of that file. */
  readonly nearest?: string;
}

/** Something that keeps a part of the migration from being done. The rest is done all the same. */
export interface MigrationProblem {
  readonly code: MigrationCode;
  readonly file: string;
  /** From 1; 0 where there is no position. */
  readonly line: number;
  readonly text: string;
  readonly remedy: string;
}

/** `original`: a script that a wrapper calls. */
export type FileRole = 'configuration' | 'hook' | 'wrapper' | 'original';

/** A file to be written; its directories are made where they are missing. */
export interface PlannedFile {
  readonly role: FileRole;
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content: Uint8Array;
  /** Of a copy: the file that it is a copy of. */
  readonly from?: string;
}

/** What becomes of one script. */
export interface ScriptPlan {
  readonly script: string;
  /**
   * `copied`: as it is. `wrapped`: a wrapper hands it what it expects. `in-place`: it is a hook already.
   * `left`: it is not taken over; a finding says why.
   */
  readonly how: 'copied' | 'wrapped' | 'in-place' | 'left';
  /** In the order in which they are written: what a wrapper calls is there before the wrapper. */
  readonly files: readonly PlannedFile[];
  readonly findings: readonly MigrationFinding[];
}

/** Everything about one of the programs. */
export interface SourcePlan {
  readonly source: SourceName;
  /** Where its files were found. */
  readonly places: readonly string[];
  readonly configuration?: PlannedFile;
  readonly scripts: readonly ScriptPlan[];
  readonly unknownKeys: readonly UnknownKey[];
  /** Those that are about no script. */
  readonly findings: readonly MigrationFinding[];
  readonly problems: readonly MigrationProblem[];
  /** Shell commands for the operator, in order, for when the files are there. */
  readonly next: readonly string[];
}

/** Rules and routes that a predecessor has left in the kernel. */
export interface StaleRouting {
  /** With the `ip` command that does the same. */
  readonly removals: readonly {
    readonly effect: RoutingEffect;
    readonly command: string;
    readonly why: string;
  }[];
  /** What looks like theirs and may be somebody else's: never removed. */
  readonly doubtful: readonly { readonly command: string; readonly why: string }[];
}
