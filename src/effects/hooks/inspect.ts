/** Looks at hook directories: what is there, and whether it runs. Reads; changes nothing. */
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import type { HookDirectory } from '../../core/event.ts';
import { hookPath } from '../../core/hook-environment.ts';
import {
  directoryRefusal,
  entryVerdict,
  type HookEntry,
  type HookTrust,
  type HookVerdict,
  nameVerdict,
  type PathFact,
  type PathWalk,
  type Refusal,
} from '../../core/hook-verdict.ts';
import { parseShebang, shebangBytes, shebangHint } from '../../core/shebang.ts';

/** `MAXSYMLINKS` of linux/namei.h. */
const maxLinks = 40;

export interface InspectedHook {
  readonly name: string;
  readonly path: string;
  readonly verdict: HookVerdict;
  /** What will go wrong although the file is not refused. */
  readonly hint?: string;
}

export interface InspectedDirectory {
  readonly path: string;
  readonly state: 'absent' | 'unreadable' | 'refused' | 'ok';
  /** Why nothing in it runs, where nothing does. */
  readonly refusal?: Refusal;
  /** In the order in which they run. */
  readonly entries: readonly InspectedHook[];
}

export const directoryPath = (base: string, directory: HookDirectory): string => `${base}/${directory}.d`;

/**
 * Names in the event's directory that may be hooks, in the order in which they run: byte order. Empty where there is
 * no such directory. Cheap where there is none: one system call.
 */
export function hookNames(base: string, directory: HookDirectory): readonly string[] {
  const path = directoryPath(base, directory);
  return exists(path) ? readNames(path).filter((name) => nameVerdict(name).kind === 'runs') : [];
}

/** The verdict on one file, with every directory above it, as they are at this moment. */
export function checkHook(
  base: string,
  directory: HookDirectory,
  name: string,
  trust: HookTrust,
): HookVerdict {
  const path = directoryPath(base, directory);
  return directoryRefusal(walk(path), trust) ?? entryVerdict(examine(path, name), trust);
}

/** Everything in the directory, with verdicts and hints. */
export function inspectDirectory(path: string, trust: HookTrust): InspectedDirectory {
  if (!exists(path)) return { path, state: 'absent', entries: [] };
  const refusal = directoryRefusal(walk(path), trust);
  const names = attempt(() => readNames(path));
  if (names.value === undefined) {
    const reason = `${path} cannot be listed (${names.code})`;
    const unreadable: Refusal = { kind: 'refused', code: 'unreadable', reason, remedy: `chmod 0755 ${path}` };
    return { path, state: 'unreadable', refusal: refusal ?? unreadable, entries: [] };
  }
  const entries = names.value.map((name): InspectedHook => {
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

/** The verdict on a file that need not lie in a hook directory, as if its directory were one. */
export function inspectFile(path: string, trust: HookTrust): InspectedHook {
  const directory = path.slice(0, path.lastIndexOf('/')) || '/';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const verdict = directoryRefusal(walk(directory), trust) ?? entryVerdict(examine(directory, name), trust);
  const hint = hintFor(path);
  return hint === undefined ? { name, path, verdict } : { name, path, verdict, hint };
}

const exists = (path: string): boolean =>
  attempt(() => lstatSync(path, { throwIfNoEntry: false })).value !== undefined;

/** In byte order. Bytes that are no UTF-8 read as U+FFFD, which no hook's name has. */
function readNames(path: string): string[] {
  const names = attempt(() => readdirSync(path, { encoding: 'buffer' })).value ?? [];
  return names.sort((a, b) => a.compare(b)).map((name) => name.toString('utf8'));
}

function examine(directory: string, name: string): HookEntry {
  const path = `${directory}/${name}`;
  const fact = attempt(() => factOf(path, lstatSync(path)));
  if (fact.value === undefined) return { name, code: fact.code };
  return fact.value.kind === 'symlink'
    ? { name, fact: fact.value, target: walk(path) }
    : { name, fact: fact.value };
}

/** Follows a path from `/`, one component at a time, over symbolic links, without trusting any. */
function walk(path: string): PathWalk {
  const components: PathFact[] = [];
  const left = split(path);
  let at = '';
  let links = 0;
  const look = (place: string): PathWalk['failure'] => {
    const fact = attempt(() => factOf(place, lstatSync(place)));
    if (fact.value === undefined) return { path: place, code: fact.code };
    components.push(fact.value);
    return undefined;
  };
  let failure = look('/');
  for (let name = left.shift(); failure === undefined && name !== undefined; name = left.shift()) {
    if (name === '..') {
      at = at.slice(0, at.lastIndexOf('/'));
      continue;
    }
    const place = `${at}/${name}`;
    failure = look(place);
    if (failure !== undefined) break;
    if (components.at(-1)?.kind !== 'symlink') {
      at = place;
      continue;
    }
    if (++links > maxLinks) return { components, failure: { path: place, code: 'ELOOP' } };
    const target = attempt(() => readlinkSync(place));
    if (target.value === undefined) return { components, failure: { path: place, code: target.code } };
    if (target.value.startsWith('/')) at = '';
    left.unshift(...split(target.value));
  }
  return failure === undefined ? { components } : { components, failure };
}

const split = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

function factOf(path: string, stats: Stats): PathFact {
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return { path, kind, uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777, links: stats.nlink };
}

/** What the file's beginning promises; nothing where it cannot be read. */
function hintFor(path: string): string | undefined {
  const head = attempt(() => {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(shebangBytes);
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, shebangBytes, 0));
    } finally {
      closeSync(fd);
    }
  });
  return head.value === undefined ? undefined : shebangHint(parseShebang(head.value), isExecutable);
}

/** A program as a hook would find it: by its path, else in the PATH of hooks. */
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

type Attempt<T> = { readonly value: T } | { readonly value?: undefined; readonly code: string };

/** A system call that may fail: its errno's name in place of the exception. */
function attempt<T>(call: () => T): Attempt<T> {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      return { code: error.code };
    throw error;
  }
}
