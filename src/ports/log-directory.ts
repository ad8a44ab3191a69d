/** A directory with one log that is appended to and older logs. Throws errors of the file system with their `code`. */

export interface LogFile extends Disposable {
  /** Time of the last write before it was opened: wall clock, milliseconds since 1970. Undefined if it is empty. */
  readonly writtenAt: number | undefined;
  /** Whether the last line was incomplete when it was opened: its writer was killed. */
  readonly isTorn: boolean;
  /** Appends. Returns how many bytes were written: at least one, perhaps not all. */
  append(bytes: Uint8Array): number;
  /** Whether the file still has a name: what is written to a removed file is lost. */
  isLinked(): boolean;
}

export interface LogDirectory {
  /** Opens the log for appending; creates it if absent. Refuses anything but a regular file, such as a symbolic link. */
  open(): LogFile;
  /** File name of the log. */
  readonly name: string;
  /** Names of everything in the directory. */
  list(): readonly string[];
  /** Renames the log; replaces a file that has the new name. */
  rename(to: string): void;
  /** Removes a regular file; ignores anything else. */
  remove(name: string): void;
}
