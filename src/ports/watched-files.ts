/**
 * Files that somebody else writes: looked at, read, and watched by their directory (inotify(7)). Every call is short and
 * none throws for the world's sake. "Not there" is an answer of its own, apart from "cannot be known".
 */
import type { Timestamp } from '../core/model/ids.ts';

/** `code` is the errno's name: EACCES, EIO, ENOSPC … */
export interface Unknown {
  readonly kind: 'failed';
  readonly code: string;
}

export type DirectoryLook =
  /** `identity` differs where another directory has taken the place. */
  { readonly kind: 'there'; readonly identity: string } | { readonly kind: 'absent' } | Unknown;

export type DirectoryListing =
  | { readonly kind: 'listed'; readonly names: readonly string[] }
  | { readonly kind: 'absent' }
  | Unknown;

/** What decides whether a file may be believed, as the open file has it. */
export interface FileStat {
  readonly isRegular: boolean;
  readonly uid: number;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
}

export type FileReading =
  /** `modified`: last change of the content. Bytes that are no UTF-8 are U+FFFD in `text`. */
  | {
      readonly kind: 'read';
      readonly signature: string;
      readonly modified: Timestamp;
      readonly text: string;
    }
  /** It still has the signature that was given. */
  | { readonly kind: 'same' }
  | { readonly kind: 'absent' }
  /** The name is a symbolic link, which is not followed. */
  | { readonly kind: 'link' }
  | { readonly kind: 'refused'; readonly reason: string }
  | Unknown;

export interface ReadRequest {
  readonly path: string;
  /** Whether to read it, decided by the open file: the reason, where not. */
  readonly refuse: (facts: FileStat) => string | undefined;
  /** No more is read, in bytes. */
  readonly limit: number;
  /** Signature of an earlier reading: the file is read only if it differs. */
  readonly known?: string;
}

export interface DirectoryWatchHandlers {
  /** Something happened to the entry of this name, or nobody knows to which; also to the directory itself, under its own name. */
  readonly onEvent: (name: string | undefined) => void;
  /** Nothing more will be heard. */
  readonly onEnd: () => void;
}

export type DirectoryWatch = { readonly kind: 'watching'; readonly watch: Disposable } | Unknown;

export interface WatchedFiles {
  /** Follows symbolic links. */
  identify(directory: string): DirectoryLook;
  list(directory: string): DirectoryListing;
  /** Never blocks on what is no regular file. */
  read(request: ReadRequest): FileReading;
  /**
   * Tells of entries that come, go, are written or change their mode; events may be told together. It is bound to the
   * directory that is there now, not to the path. Keeps no process alive; no call comes before this has returned.
   */
  watch(directory: string, handlers: DirectoryWatchHandlers): DirectoryWatch;
}
