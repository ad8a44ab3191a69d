/** Asks whether directories have changed, synchronously: the answer is complete at the moment of the call. */
export interface DirectoryChanges extends Disposable {
  /** Watches the entries of a directory. False where it cannot be watched, because it is absent for example. */
  watch(path: string): boolean;
  /** Whether a watched directory has changed since the last call. */
  hasChanged(): boolean;
}

/** Undefined where the system gives no means to watch (too many instances of this user). */
export type OpenDirectoryChanges = () => DirectoryChanges | undefined;
