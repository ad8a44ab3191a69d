/** The configured lease files, grouped by directory: inotify watches directories. */
import { matchAny } from '../../core/model/glob.ts';

export interface LeaseDirectory {
  /** Absolute path. */
  readonly path: string;
  /** Whether a configured pattern matches the file of this name. */
  matches(name: string): boolean;
}

/**
 * `patterns`: absolute paths whose last component may be a glob. Returns each directory once, in their order.
 */
export function leaseDirectoriesOf(patterns: readonly string[]): readonly LeaseDirectory[] {
  const names = new Map<string, string[]>();
  for (const pattern of patterns) {
    const directory = parentOf(pattern);
    names.set(directory, [...(names.get(directory) ?? []), nameOf(pattern)]);
  }
  return Array.from(names, ([path, globs]) => ({ path, matches: matchAny(globs) }));
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const pathIn = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;

/** The directories above `directory`, nearest first. */
export function above(directory: string): readonly string[] {
  const found: string[] = [];
  for (let at = directory; at !== '/'; at = parentOf(at)) found.push(parentOf(at));
  return found;
}
