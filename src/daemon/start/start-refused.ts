import type { StartCode } from '../../observe/error-codes.ts';

/** A reason not to start, with the fix. The operator sees the message as it is. */
export class StartRefused extends Error {
  readonly code: StartCode;
  readonly exitCode: number;

  constructor(code: StartCode, message: string, exitCode: number = 1) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** Turns an error of the system (too many open files, no more threads, no /proc) into a StartRefused: it is no bug. */
export async function refusable<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && 'code' in error)) throw error;
    throw new StartRefused('NETEVD_START_SYSTEM', `cannot start: ${error.message}`);
  }
}
