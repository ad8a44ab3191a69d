/** Checks whether directories have changed, synchronously: the answer is complete at the moment of the call. */
export interface DirectoryChanges extends Disposable {
  /** Watches the entries of a directory. Returns false if that is impossible, for example because it is absent. */
  watch(path: string): boolean;
  /** Whether a watched directory has changed since the last call. */
  hasChanged(): boolean;
}

/** Undefined if the system refuses to watch: too many inotify instances of this user. */
export type OpenDirectoryChanges = () => DirectoryChanges | undefined;
