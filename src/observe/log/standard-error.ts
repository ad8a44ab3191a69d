/** Standard error as a destination of lines: a reader that does not read must not block the daemon. */
import { constants, fstatSync, openSync, readlinkSync, writeSync } from 'node:fs';
import type { ByteSink } from './byte-queue.ts';
import type { LogEnvironment } from './log-format.ts';

/** The input of the automatic choice of the format, read once at the start. */
export function readLogEnvironment(env: Readonly<Record<string, string | undefined>>): LogEnvironment {
  return {
    journalStream: env['JOURNAL_STREAM'],
    standardError: deviceAndInode(2),
    isTerminal: isTerminal(2),
    noColor: env['NO_COLOR'],
    term: env['TERM'],
  };
}

/** Whether the descriptor is a terminal (tty(4), pts(4)). Not node:tty, which costs a megabyte of memory. */
export function isTerminal(fd: number): boolean {
  try {
    return /^\/dev\/(pts\/\d+|tty\w*|console|hvc\d+)$/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false; // Closed, or /proc is not mounted.
  }
}

function deviceAndInode(fd: number): LogEnvironment['standardError'] {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return { device: dev, inode: ino };
  } catch {
    return undefined; // Closed by the parent process.
  }
}

/** `fd` is 2 except in tests. Call it before privileges are dropped: a pipe belongs to the user that made it. */
export function openByteSink(fd: number = 2): ByteSink {
  const target = reopenNonBlocking(fd) ?? fd;
  return {
    write(bytes) {
      try {
        return { written: writeSync(target, bytes) };
      } catch (error) {
        return { code: codeOf(error) };
      }
    },
  };
}

/**
 * O_NONBLOCK belongs to the open file, which the shell and others share; so a pipe or a terminal is opened
 * again, with its own flags. A socket cannot be opened this way, and a file never blocks.
 */
function reopenNonBlocking(fd: number): number | undefined {
  try {
    const kind = fstatSync(fd);
    if (!kind.isFIFO() && !kind.isCharacterDevice()) return undefined;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined; // No /proc, or another user's pipe: the shared descriptor is used.
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}
