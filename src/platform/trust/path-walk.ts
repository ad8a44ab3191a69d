/** Walks paths with lstat(2), one component at a time. Changes nothing. */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import type { PathStat, PathWalk } from '../../core/model/path-trust.ts';

/** `MAXSYMLINKS` of linux/namei.h. */
const maxLinks = 40;

/** Walks an absolute path from `/`, one component at a time, over symbolic links; judges none of them. */
export function walk(path: string): PathWalk {
  const components: PathStat[] = [];
  const left = split(path);
  let at = '';
  let links = 0;
  const visit = (place: string): PathWalk['failure'] => {
    const stat = attempt(() => pathStatOf(place, lstatSync(place)));
    if (stat.value === undefined) return { path: place, code: stat.code };
    components.push(stat.value);
    return undefined;
  };
  let failure = visit('/');
  for (let name = left.shift(); failure === undefined && name !== undefined; name = left.shift()) {
    if (name === '..') {
      at = at.slice(0, at.lastIndexOf('/'));
      continue;
    }
    const place = `${at}/${name}`;
    failure = visit(place);
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

/** A PathStat from the answer of lstat(2) or fstat(2). */
export function pathStatOf(path: string, stats: Stats): PathStat {
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return { path, kind, uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777, links: stats.nlink };
}

/** A value, or the errno name of the failure. */
export type Attempt<T> = { readonly value: T } | { readonly value?: undefined; readonly code: string };

/** Makes a system call; returns the errno name instead of throwing. Anything else that is thrown is a bug. */
export function attempt<T>(call: () => T): Attempt<T> {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      return { code: error.code };
    throw error;
  }
}
