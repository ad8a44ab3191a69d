/** Inspects hook directories: their files, and whether each runs. Changes nothing. */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs';
import { hookPath } from '../../core/hooks/environment.ts';
import { parseShebang, shebangBytes, shebangProblem } from '../../core/hooks/shebang.ts';
import {
  entryVerdict,
  type HookEntry,
  type HookTrust,
  type HookVerdict,
  nameVerdict,
} from '../../core/hooks/verdict.ts';
import type { HookDirectory } from '../../core/model/event-table.ts';
import { directoryRefusal, type PathRefusal, refuse, shellQuote } from '../../core/model/path-trust.ts';
import { attempt, pathStatOf, walk } from '../../platform/trust/path-walk.ts';

export interface InspectedHook {
  readonly name: string;
  readonly path: string;
  readonly verdict: HookVerdict;
  /** Why a run will fail although the file is not refused. */
  readonly hint?: string;
}

export interface InspectedDirectory {
  readonly path: string;
  readonly state: 'absent' | 'unreadable' | 'refused' | 'ok';
  /** Why no file in it runs. */
  readonly refusal?: PathRefusal;
  /** In run order. */
  readonly entries: readonly InspectedHook[];
}

export const directoryPath = (base: string, directory: HookDirectory): string => `${base}/${directory}.d`;

/**
 * Names in the event's directory that may be hooks, in run order: byte order. Empty where there is no such
 * directory, which costs one system call; a refusal where it cannot be listed.
 */
export function hookNames(base: string, directory: HookDirectory): readonly string[] | PathRefusal {
  const path = directoryPath(base, directory);
  const names = listNames(path);
  if (names === undefined) return [];
  return 'kind' in names ? names : names.filter((name) => nameVerdict(name).kind === 'runs');
}

/** The present verdict on one file and every directory above it. */
export function checkHook(
  base: string,
  directory: HookDirectory,
  name: string,
  trust: HookTrust,
): HookVerdict {
  const path = directoryPath(base, directory);
  return directoryRefusal(walk(path), trust) ?? entryVerdict(examine(path, name), trust);
}

/** Every file in the directory, with verdict and hint. */
export function inspectDirectory(path: string, trust: HookTrust): InspectedDirectory {
  const names = listNames(path);
  if (names === undefined) return { path, state: 'absent', entries: [] };
  const refusal = directoryRefusal(walk(path), trust);
  if ('kind' in names) return { path, state: 'unreadable', refusal: refusal ?? names, entries: [] };
  const entries = names.map((name): InspectedHook => {
    const verdict = entryVerdict(examine(path, name), trust);
    const hint = verdict.kind === 'runs' ? hintFor(`${path}/${name}`) : undefined;
    const hook = {
      name,
      path: `${path}/${name}`,
      verdict: verdict.kind === 'runs' ? (refusal ?? verdict) : verdict,
    };
    return hint === undefined ? hook : { ...hook, hint };
  });
  return refusal === undefined
    ? { path, state: 'ok', entries }
    : { path, state: 'refused', refusal, entries };
}

/** The verdict on a file outside the hook directories, as if its directory were one. */
export function inspectFile(path: string, trust: HookTrust): InspectedHook {
  const directory = path.slice(0, path.lastIndexOf('/')) || '/';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const verdict = directoryRefusal(walk(directory), trust) ?? entryVerdict(examine(directory, name), trust);
  const hint = hintFor(path);
  return hint === undefined ? { name, path, verdict } : { name, path, verdict, hint };
}

/**
 * Lists names in byte order. Invalid UTF-8 becomes U+FFFD, which no hook's name has. Undefined where there is
 * no such directory; a refusal where it cannot be listed.
 */
function listNames(path: string): readonly string[] | PathRefusal | undefined {
  const stat = attempt(() => lstatSync(path, { throwIfNoEntry: false }) ?? 'absent');
  if (stat.value === 'absent') return undefined;
  const names = stat.value === undefined ? stat : attempt(() => readdirSync(path, { encoding: 'buffer' }));
  if (names.value === undefined) return unlistable(path, names.code);
  return names.value.sort((a, b) => a.compare(b)).map((name) => name.toString('utf8'));
}

function unlistable(path: string, code: string): PathRefusal {
  const reason = `${path} cannot be listed (${code})`;
  const remedy =
    code === 'EACCES'
      ? `chmod 0755 ${shellQuote(path)} and the directories above it`
      : `make ${path} a directory, or remove it`;
  return { ...refuse('unreadable', reason, remedy), errno: code };
}

function examine(directory: string, name: string): HookEntry {
  const path = `${directory}/${name}`;
  const fact = attempt(() => pathStatOf(path, lstatSync(path)));
  if (fact.value === undefined) return { name, code: fact.code };
  return fact.value.kind === 'symlink'
    ? { name, stat: fact.value, target: walk(path) }
    : { name, stat: fact.value };
}

/**
 * A hint from the first bytes of the file and from its file system; undefined where it is unreadable or no
 * file.
 */
function hintFor(path: string): string | undefined {
  const head = attempt(() => {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      if (!fstatSync(fd).isFile()) return undefined;
      const bytes = Buffer.alloc(shebangBytes);
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, shebangBytes, 0));
    } finally {
      closeSync(fd);
    }
  });
  if (head.value === undefined) return undefined;
  return isOnNoexec(path)
    ? 'lies on a file system that is mounted noexec'
    : shebangProblem(parseShebang(head.value), isExecutable)?.text;
}

/** Whether access(2) refuses to execute an executable file: its file system is mounted noexec. */
function isOnNoexec(path: string): boolean {
  const last = walk(path).components.at(-1);
  const mayAll = last !== undefined && (last.mode & 0o111) === 0o111;
  return mayAll && attempt(() => accessSync(path, constants.X_OK) ?? true).value === undefined;
}

/** Looks a program up as a hook would: by its path, else in the PATH of hooks. */
function isExecutable(program: string): boolean {
  const places = program.includes('/')
    ? [program]
    : hookPath.split(':').map((place) => `${place}/${program}`);
  return places.some((place) => {
    const last = walk(place);
    const end = last.components.at(-1);
    return last.failure === undefined && end?.kind === 'file' && (end.mode & 0o111) !== 0;
  });
}
