/** Reads the configuration file from disk. The only part of `config/` that does I/O. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { formatMode, openFileRefusal } from '../core/model/path-trust.ts';
import { type ParseContext, type ParsedConfig, parseConfig } from './load.ts';
import type { ConfigProblem } from './problem.ts';
import { decodeText, maxFileSize } from './text.ts';

/** The path of the file without `--config`. */
export const defaultConfigPath: string = '/etc/netevd/netevd.yaml';

/**
 * Reads and parses `file`. A missing file yields the defaults and a note. A file that cannot be read, is not
 * regular, is larger than 256 KiB or is writable by everyone is a problem. Never throws, never blocks on a
 * pipe.
 *
 * `onOpened` is called with what fstat(2) says of the file that is read: a path can lead to another one by the time it is judged.
 */
export function readConfig({ file, env }: ParseContext, onOpened?: (stats: Stats) => void): ParsedConfig {
  const content = readBytes(file, onOpened);
  if (content.kind === 'refused') {
    const environment = parseConfig('', { file, env });
    const others = environment.ok ? [] : environment.problems;
    return { ok: false, problems: [...others, content.problem], warnings: [] };
  }
  if (content.kind === 'absent') return withNote(parseConfig('', { file, env }), absentNote(file));
  const decoded = decodeText(content.bytes, file);
  if (!decoded.ok) return { ...decoded, warnings: [] };
  const parsed = parseConfig(decoded.text, { file, env });
  return parsed.ok && hasNoContent(decoded.text) ? { ...parsed, isEmpty: true } : parsed;
}

/** Nothing but comments and marks of a document. */
const hasNoContent = (text: string): boolean =>
  text.split('\n').every((line) => /^\s*(#.*|---|\.\.\.)?\s*$/.test(line));

type Content =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly problem: ConfigProblem };

function readBytes(file: string, onOpened: ((stats: Stats) => void) | undefined): Content {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT') return { kind: 'absent' };
    return refused(file, `a file that cannot be opened (${code})`, expectationOf(code));
  }
  try {
    const stats = fstatSync(descriptor);
    onOpened?.(stats);
    const obstacle = obstacleOf(file, stats);
    return obstacle ?? readAll(file, descriptor);
  } catch (error) {
    return refused(file, `a file that cannot be read (${errnoOf(error)})`, 'a readable file');
  } finally {
    closeSync(descriptor);
  }
}

/** `/dev/null` is the usual name for "no file", and everyone can write to it. */
function obstacleOf(file: string, stats: Stats): Content | undefined {
  if (file === '/dev/null' && stats.isCharacterDevice()) return undefined;
  const kind = stats.isFile() ? 'file' : 'other';
  const mode = stats.mode & 0o7777;
  const refusal = openFileRefusal({ path: file, kind, uid: stats.uid, mode }, { mayGroupWrite: true });
  if (refusal === undefined) return undefined;
  if (refusal.code === 'not-regular') return refused(file, kindOf(stats), 'a regular file');
  return refused(file, `mode ${formatMode(mode)}`, 'a file that not everyone can write (chmod o-w)');
}

function readAll(file: string, descriptor: number): Content {
  const buffer = new Uint8Array(maxFileSize + 1);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return { kind: 'read', bytes: buffer.slice(0, length) };
    length += count;
  }
  return tooLarge(file);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function expectationOf(code: string): string {
  if (code === 'EACCES' || code === 'EPERM') return 'a file that the user who starts netevd may read';
  if (code === 'ELOOP') return 'no loop of symbolic links';
  return code === 'ENOTDIR' ? 'a path of directories' : 'a readable file';
}

function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}

const tooLarge = (file: string): Content =>
  refused(file, `more than ${maxFileSize} bytes`, `at most ${maxFileSize} bytes`);

function refused(file: string, found: string, expected: string): Content & { readonly kind: 'refused' } {
  const message = `found ${found}, expected ${expected}`;
  const code = 'NETEVD_CONFIG_FILE';
  const at = { line: 0, column: 0 };
  return {
    kind: 'refused',
    problem: { code, severity: 'error', file, ...at, path: '', found, expected, message },
  };
}

function absentNote(file: string): ConfigProblem {
  const at = { line: 0, column: 0 };
  const expected = 'a configuration file';
  const message = 'no such file; the defaults apply';
  return {
    code: 'NETEVD_CONFIG_FILE',
    severity: 'note',
    file,
    ...at,
    path: '',
    found: '',
    expected,
    message,
  };
}

/** For a daemon whose configuration file has been emptied, or is only begun: an editor or a full disk leaves such a file. */
export function emptyFileProblem(file: string): ConfigProblem {
  const { problem } = refused(
    file,
    'a file without content',
    'the configuration; for the defaults, write {}',
  );
  return problem;
}

/** For a daemon that reads a file which somebody is writing. */
export function unfinishedFileProblem(file: string): ConfigProblem {
  const { problem } = refused(file, 'a file that is being written', 'a finished one: reload when it is');
  return problem;
}

/** For a daemon that must not obey a file which others can change. */
export function foreignFileProblem(file: string, reason: string, remedy: string): ConfigProblem {
  const { problem } = refused(file, reason, remedy);
  return { ...problem, message: `others can change it: ${reason}; fix: ${remedy}` };
}

/** For a daemon whose configuration file has been removed. */
export function missingFileProblem(file: string): ConfigProblem {
  const { problem } = refused(
    file,
    'no such file',
    'the file of the running configuration; for the defaults, restart',
  );
  return problem;
}

function withNote(parsed: ParsedConfig, note: ConfigProblem): ParsedConfig {
  const noted = { ...parsed, warnings: [note, ...parsed.warnings] };
  return noted.ok ? { ...noted, isAbsent: true } : noted;
}
