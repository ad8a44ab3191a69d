/** A directory in which one log is appended to and older ones lie. Errors of the file system are thrown with their `code`. */

export interface LogFile extends Disposable {
  /** When it was last written to, as it was opened: wall clock, milliseconds since 1970. Undefined where it is empty. */
  readonly writtenAt: number | undefined;
  /** Whether its last line, as it was opened, lacks its end: its writer was killed. */
  readonly isTorn: boolean;
  /** Appends; returns how many bytes were taken, at least one, which can be fewer than there are. */
  append(bytes: Uint8Array): number;
  /** Whether the file still has a name: what is written to a removed file is lost. */
  isLinked(): boolean;
}

export interface LogDirectory {
  /** Opens the log for appending, makes it where it is missing. What is no regular file, a link say, is refused. */
  open(): LogFile;
  /** File name of the log. */
  readonly name: string;
  /** Names of everything in the directory. */
  list(): readonly string[];
  /** Gives the log another name; a file that has it is replaced. */
  rename(to: string): void;
  /** Removes a regular file; leaves everything else alone. */
  remove(name: string): void;
}
