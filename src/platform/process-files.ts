/** Reads the files below /proc/self. */
import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessFiles, ProcessFilesReader } from '../ports/process-files.ts';

/** Works also after root was given up: a process may always read its own files. */
export class ProcProcessFiles implements ProcessFilesReader {
  #bootTime: number | undefined;

  read(): ProcessFiles | undefined {
    try {
      // /proc/stat has a line for each processor and interrupt, and this one does not change.
      this.#bootTime ??= readBootTime();
      return {
        stat: readFileSync('/proc/self/stat', 'utf8'),
        status: readFileSync('/proc/self/status', 'utf8'),
        limits: readFileSync('/proc/self/limits', 'utf8'),
        openFiles: readdirSync('/proc/self/fd').length - 1,
        bootTime: this.#bootTime,
      };
    } catch (error) {
      if (error instanceof Error && 'errno' in error) return undefined;
      throw error;
    }
  }
}

function readBootTime(): number {
  return Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0);
}
