/** What the planners are given: files and directories as they were read, as values. */
import type { SourceName } from './plan.ts';

/** A file that was read, or could not be. */
export interface InputFile {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'masked' | 'unreadable' | 'other';
  /** Permission bits of the file; of its target, where it is a symbolic link. */
  readonly mode: number;
  /** User id of the owner of what is read. */
  readonly owner: number;
  /** Empty for anything but a file. */
  readonly content: Uint8Array;
  /** `ENOENT` and its like, where it is unreadable. */
  readonly errno?: string;
  /** Where a symbolic link leads. */
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

/** All that there is of one program. */
export interface SourceInput {
  readonly source: SourceName;
  /** Where it was looked for: `/etc/network-broker`. */
  readonly base: string;
  readonly configurations: readonly InputFile[];
  readonly directories: readonly InputDirectory[];
}

/** Where netevd's own files are. */
export interface MigrationTarget {
  readonly configFile: string;
  /** `hooks.directory` of the configuration that will be in force. */
  readonly hookDirectory: string;
}

/** Strict UTF-8 without NUL; undefined for anything else, such as a program. */
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
