/** The input of the planners: files and directories as values. */
import type { SourceName } from './plan.ts';

/** A file that was read, or could not be read. */
export interface InputFile {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'masked' | 'unreadable' | 'other';
  /** Permission bits of the file, or of the target of a symbolic link. */
  readonly mode: number;
  /** User id of the owner of the file, or of the target of a symbolic link. */
  readonly owner: number;
  /** Empty unless it is a regular file. */
  readonly content: Uint8Array;
  /** `ENOENT`, …: why it is unreadable. */
  readonly errno?: string;
  /** The target of a symbolic link. */
  readonly target?: string;
  /** The distribution package that ships it. */
  readonly package?: string;
}

/** A directory of scripts. */
export interface InputDirectory {
  readonly path: string;
  /** In byte order of their names. */
  readonly entries: readonly InputFile[];
}

/** All files of one program. */
export interface SourceInput {
  readonly source: SourceName;
  /** Where the program's files were searched: `/etc/network-broker`. */
  readonly base: string;
  readonly configurations: readonly InputFile[];
  readonly directories: readonly InputDirectory[];
}

/** Where netevd's own files are. */
export interface MigrationTarget {
  readonly configFile: string;
  /** `hooks.directory` of the configuration that will apply. */
  readonly hookDirectory: string;
}

/** Decodes strict UTF-8 without NUL; undefined for anything else, such as a compiled program. */
export function textOf(content: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** UTF-8. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
