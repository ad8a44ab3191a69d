/** The plan of a migration as plain data: the planners make it, the command shows it and carries it out. */
import type { RoutingEffect } from '../core/routing/plan/routing-effect.ts';
import type { MigrationCode } from './codes.ts';

/** The programs that netevd can replace, by the names that the command accepts. */
export const sourceNames = [
  'network-broker',
  'netevd-rust',
  'networkd-dispatcher',
  'NetworkManager',
  'ifupdown',
] as const;
export type SourceName = (typeof sourceNames)[number];

/** The kind of a finding. Stable: programs that read the JSON may compare it. */
export type FindingKind =
  /** A value of a configuration that netevd does not accept; it is left out. */
  | 'value'
  /** The same key, script or event behaves differently from before. */
  | 'behaviour'
  /** A variable that the script reads and that is not available. */
  | 'variable'
  /** A key of the JSON that netevd names differently or does not have. */
  | 'json-key'
  /** A command that needs a privilege; hooks have none. */
  | 'privilege'
  /** An event of the old program that netevd does not have. */
  | 'event'
  /** A file that is not migrated. */
  | 'left';

/** Something that the operator should know or decide. */
export interface MigrationFinding {
  readonly kind: FindingKind;
  /** Path of the file that was read. */
  readonly file: string;
  /** From 1; 0 if it is about the whole file. */
  readonly line: number;
  /** One sentence, without position and full stop. */
  readonly text: string;
  readonly remedy?: string;
}

/** A key of the old configuration without a meaning for netevd; it is left out. */
export interface UnknownKey {
  readonly file: string;
  /** From 1; 0 if unknown. */
  readonly line: number;
  /** Its full path as written: `Network.Lnks`. */
  readonly key: string;
  /** The known key that was probably meant, as that file spells it. */
  readonly nearest?: string;
}

/** A problem that prevents a part of the migration. The rest is done nevertheless. */
export interface MigrationProblem {
  readonly code: MigrationCode;
  readonly file: string;
  /** From 1; 0 if there is no position. */
  readonly line: number;
  readonly text: string;
  readonly remedy: string;
}

/** `original`: a script that a wrapper calls. */
export type FileRole = 'configuration' | 'hook' | 'wrapper' | 'original';

/** A file to write. Its directories are created if absent. */
export interface PlannedFile {
  readonly role: FileRole;
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content: Uint8Array;
  /** For a copy: the original file. */
  readonly from?: string;
}

/** The plan for one script. */
export interface ScriptPlan {
  readonly script: string;
  /**
   * `copied`: unchanged. `wrapped`: a wrapper provides what it expects. `in-place`: it is a hook already.
   * `left`: it is not migrated; a finding contains the reason.
   */
  readonly how: 'copied' | 'wrapped' | 'in-place' | 'left';
  /** In the order in which they are written: a script before the wrapper that calls it. */
  readonly files: readonly PlannedFile[];
  readonly findings: readonly MigrationFinding[];
}

/** The plan for one program. */
export interface SourcePlan {
  readonly source: SourceName;
  /** Where its files were found. */
  readonly places: readonly string[];
  readonly configuration?: PlannedFile;
  readonly scripts: readonly ScriptPlan[];
  readonly unknownKeys: readonly UnknownKey[];
  /** Findings that are about no script. */
  readonly findings: readonly MigrationFinding[];
  readonly problems: readonly MigrationProblem[];
  /** Shell commands for the operator to run after the migration, in order. */
  readonly next: readonly string[];
}

/** Rules and routes that a predecessor left in the kernel. */
export interface StaleRouting {
  /** With the equivalent `ip` command. */
  readonly removals: readonly {
    readonly effect: RoutingEffect;
    readonly command: string;
    readonly why: string;
  }[];
  /** Rules and routes that may belong to another program: never removed. */
  readonly doubtful: readonly { readonly command: string; readonly why: string }[];
}
