/** What /proc contains about this process. */

/** Where the figures of this process come from: the text of files below /proc/self, see proc(5). */
export interface ProcessFiles {
  /** /proc/self/stat */
  readonly stat: string;
  /** /proc/self/status */
  readonly status: string;
  /** /proc/self/limits */
  readonly limits: string;
  /** Entries of /proc/self/fd, without the one that the listing itself opens. */
  readonly openFiles: number;
  /** `btime` of /proc/stat: when the kernel booted, in seconds since 1970. */
  readonly bootTime: number;
}

/** Reads them: short and synchronous; undefined where /proc is not there. */
export interface ProcessFilesReader {
  read(): ProcessFiles | undefined;
}
