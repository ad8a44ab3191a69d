/** `netevd version`. */
import { readFileSync } from 'node:fs';
import { ExitCode } from '../../exit-code.ts';
import { version } from '../about.ts';
import { type CommandIo, columns, type OutputFormat, present } from '../render/output.ts';

export function runVersion(format: OutputFormat, io: CommandIo): ExitCode {
  const value = {
    version,
    runtime: `Bun ${process.versions['bun'] ?? ''}`.trim(),
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    architecture: process.arch,
  };
  const rows = Object.entries(value);
  present(io, format, {
    value,
    text: () => `netevd ${version} (${value.runtime}, Linux ${value.kernel}, ${value.architecture})`,
    table: () => columns(rows),
  });
  return ExitCode.ok;
}
