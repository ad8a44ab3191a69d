/** `netevd record`: writes what the sources of this machine observe to a file. */
import { type Config, readConfig } from '../../config/index.ts';
import { ExitCode } from '../../exit-code.ts';
import type { Logger } from '../../ports/logger.ts';
import type { CommandIo } from '../render/output.ts';
import { reportProblems } from '../render/problems.ts';
import { silent } from './silent-logger.ts';

export interface RecordRequest {
  readonly file: string;
  readonly config: Config;
  /** Undefined: until SIGINT or SIGTERM. */
  readonly seconds: number | undefined;
  readonly redact: boolean;
  readonly log: Logger;
}

/** Records; resolves when the time is over or a signal came. `code` is the errno's name of a failed write. */
export type RecordFacts = (
  request: RecordRequest,
) => Promise<
  | { readonly ok: true; readonly lines: number; readonly bytes: number }
  | { readonly ok: false; readonly code: string }
>;

export interface RecordOptions {
  readonly file: string;
  readonly config: string;
  readonly seconds: number | undefined;
  readonly redact: boolean;
}

/** Exit code: 0, 1 if the file cannot be written, 78 for an invalid configuration. */
export async function runRecordCommand(
  options: RecordOptions,
  io: CommandIo,
  record: RecordFacts,
): Promise<number> {
  const parsed = readConfig({ file: options.config, env: io.env });
  if (!parsed.ok) return reportProblems(parsed.problems, io);
  const { file, seconds, redact } = options;
  const until = seconds === undefined ? 'until Ctrl-C' : `for ${seconds} s`;
  io.stderr.write(`netevd: recording to ${file} ${until}\n`);
  const result = await record({ file, config: parsed.config, seconds, redact, log: silent });
  if (!result.ok) {
    const reason = result.code === 'EEXIST' ? 'it exists already; name a new file' : result.code;
    io.stderr.write(`netevd: cannot write ${file}: ${reason} (NETEVD_RECORDING_UNWRITABLE)\n`);
    return ExitCode.failed;
  }
  const secrets = redact
    ? 'addresses, names and DHCP values are stand-ins'
    : 'it contains addresses and names';
  io.stderr.write(`netevd: ${result.lines} lines, ${result.bytes} bytes; ${secrets}\n`);
  return ExitCode.ok;
}
