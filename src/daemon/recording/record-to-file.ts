/** `netevd record`: writes a recording of this machine to a file, until it is told to stop. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Config } from '../../config/index.ts';
import { millis } from '../../core/model/ids.ts';
import { SystemClock } from '../../platform/clock.ts';
import { loadNative } from '../../platform/native.ts';
import type { Logger } from '../../ports/logger.ts';
import { FactRecorder } from './record-facts.ts';

export interface FileRecording {
  readonly file: string;
  readonly config: Config;
  /** Undefined: until `stopped`. */
  readonly seconds: number | undefined;
  readonly redact: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Resolves when the user asks to stop. */
  readonly stopped: Promise<void>;
}

export type RecordResult =
  | { readonly ok: true; readonly lines: number; readonly bytes: number }
  /** `code`: the errno's name. */
  | { readonly ok: false; readonly code: string };

/** Never overwrites a file: a recording may be the only trace of a problem. Readable by its owner alone. */
export async function recordToFile(options: FileRecording): Promise<RecordResult> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let file: number;
  try {
    file = openSync(options.file, flags, 0o600);
  } catch (error) {
    return { ok: false, code: errnoOf(error) };
  }
  try {
    return await record(file, options);
  } finally {
    closeSync(file);
  }
}

async function record(file: number, options: FileRecording): Promise<RecordResult> {
  const written = { lines: 0, bytes: 0 };
  const failed = Promise.withResolvers<string>();
  const write = (line: string): void => {
    const bytes = new TextEncoder().encode(line);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    } catch (error) {
      failed.resolve(errnoOf(error));
      return;
    }
    written.lines++;
    written.bytes += bytes.length;
  };
  const clock = new SystemClock();
  const { config, env, log, redact, seconds, stopped } = options;
  const redactWith = redact ? chance : undefined;
  await using recorder = new FactRecorder({
    native: loadNative(),
    clock,
    log,
    env,
    config,
    redactWith,
    write,
  });
  await recorder.start();
  const over = Promise.withResolvers<void>();
  using _timer = seconds === undefined ? undefined : clock.schedule(millis(seconds * 1000), over.resolve);
  const code = await Promise.race([failed.promise, stopped, over.promise]);
  return typeof code === 'string' ? { ok: false, code } : { ok: true, ...written };
}

/** Random numbers that nobody can repeat: stand-ins must not be guessed back. */
const chance = (): number => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
