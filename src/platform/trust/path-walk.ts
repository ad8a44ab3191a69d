/** Looks at paths with lstat(2), one component at a time. Reads; changes nothing. */
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import type { PathStat, PathWalk } from '../../core/model/path-trust.ts';

/** `MAXSYMLINKS` of linux/namei.h. */
const maxLinks = 40;

/** Follows an absolute path from `/`, one component at a time, over symbolic links, without trusting any. */
export function walk(path: string): PathWalk {
  const components: PathStat[] = [];
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

/** As `stats` tells it. */
export function factOf(path: string, stats: Stats): PathStat {
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return { path, kind, uid: stats.uid, gid: stats.gid, mode: stats.mode & 0o7777, links: stats.nlink };
}

/** A value, or the errno's name of what failed. */
export type Attempt<T> = { readonly value: T } | { readonly value?: undefined; readonly code: string };

/** A system call that may fail: its errno's name in place of the exception. */
export function attempt<T>(call: () => T): Attempt<T> {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string')
      return { code: error.code };
    throw error;
  }
}
