/**
 * Files that other programs write: read, and watched by their directory (inotify(7)). Every call is short,
 * and throws for bugs only. "Absent" is a result of its own, apart from "cannot be read".
 */

import type { Timestamp } from '../core/model/ids.ts';
import type { PathRefusal, PathStat } from '../core/model/path-trust.ts';

/** `code` is the errno name: EACCES, EIO, ENOSPC … */
export interface Unreadable {
  readonly kind: 'failed';
  readonly code: string;
}

export type DirectoryIdentity =
  /** `identity` changes when another directory takes this name. */
  { readonly kind: 'present'; readonly identity: string } | { readonly kind: 'absent' } | Unreadable;

export type DirectoryListing =
  | { readonly kind: 'listed'; readonly names: readonly string[] }
  | { readonly kind: 'absent' }
  | Unreadable;

/** What decides whether an open file can be trusted. */
export type OpenFileStat = Pick<PathStat, 'path' | 'kind' | 'uid' | 'mode'>;

export type FileReadResult =
  /** `modified`: last change of the content. Invalid UTF-8 is U+FFFD in `text`. */
  | {
      readonly kind: 'read';
      readonly signature: string;
      readonly modified: Timestamp;
      readonly text: string;
    }
  /** The file still has the signature of the request. */
  | { readonly kind: 'same' }
  | { readonly kind: 'absent' }
  /** The name is a symbolic link, which is not followed. */
  | { readonly kind: 'link' }
  | { readonly kind: 'refused'; readonly refusal: PathRefusal }
  | Unreadable;

export interface ReadRequest {
  readonly path: string;
  /** Judges the open file; it is read if this returns undefined. */
  readonly refuse: (file: OpenFileStat) => PathRefusal | undefined;
  /** Maximum number of bytes to read. */
  readonly limit: number;
  /** Signature of an earlier read: the content is read only if it differs. */
  readonly known?: string;
}

export interface DirectoryWatchHandlers {
  /**
   * The entry of this name changed, or an unknown one; the directory itself is reported under its own name.
   */
  readonly onEvent: (name: string | undefined) => void;
  /** No further event is reported. */
  readonly onEnd: () => void;
}

export type DirectoryWatch = { readonly kind: 'watching'; readonly watch: Disposable } | Unreadable;

export interface WatchedFiles {
  /** Follows symbolic links. */
  identify(directory: string): DirectoryIdentity;
  list(directory: string): DirectoryListing;
  /** Never blocks, also on a FIFO or a device. */
  read(request: ReadRequest): FileReadResult;
  /**
   * Reports entries that are created, removed, written or change their mode; several changes may be one
   * event. The watch is bound to the directory that exists now, not to the path. Keeps no process alive; no
   * call comes before this returns.
   */
  watch(directory: string, handlers: DirectoryWatchHandlers): DirectoryWatch;
}
