/** Errors that say something of the machine at this moment, and nothing of the script. */
import { type Millis, millis } from '../model/ids.ts';

/** How long a start is tried again for an errno before it is the script's outcome. */
const patience: ReadonlyMap<string, Millis> = new Map(
  [
    // Too many processes, too little memory, too many open files (also of the machine), a full memory file system.
    ...['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'ENOBUFS'].map(
      (code) => [code, 600_000] as const,
    ),
    // Somebody writes to the file, as `cp` does that replaces it.
    ['ETXTBSY', 5000] as const,
  ].map(([code, time]) => [code, millis(time)]),
);

const firstDelay = 50;
const longestDelay = 5000;

/** Whether the system may say otherwise a moment later. `code`: name of an errno. */
export const isShortage = (code: string | undefined): boolean => code !== undefined && patience.has(code);

/**
 * When to try again after the given number of failed attempts, the first of them `elapsed` ago; undefined where the error has
 * lasted too long to be a passing one.
 */
export function retryDelay(code: string, attempts: number, elapsed: Millis): Millis | undefined {
  if (elapsed >= (patience.get(code) ?? 0)) return undefined;
  return millis(Math.min(firstDelay * 2 ** (attempts - 1), longestDelay));
}
