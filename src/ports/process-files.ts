/** The files below /proc that describe this process. */

/** The text of files below /proc/self, see proc(5). */
export interface ProcessFiles {
  /** /proc/self/stat */
  readonly stat: string;
  /** /proc/self/status */
  readonly status: string;
  /** /proc/self/limits */
  readonly limits: string;
  /** Number of entries of /proc/self/fd, without the descriptor that reads the directory. */
  readonly openFiles: number;
  /** `btime` of /proc/stat: when the kernel booted, in seconds since 1970. */
  readonly bootTime: number;
}

/** Reads the files: short and synchronous; undefined if /proc is not mounted. */
export interface ProcessFilesReader {
  read(): ProcessFiles | undefined;
}
