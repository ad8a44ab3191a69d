/** Where lease files are: the configured paths by their directories, since a directory is what can be watched. */
import { matchAny } from '../../core/model/glob.ts';

export interface Place {
  /** Absolute. */
  readonly directory: string;
  /** Whether the file of this name is one that was configured. */
  matches(name: string): boolean;
}

/** `patterns`: absolute paths whose last component may be a glob. Each directory once, in their order. */
export function placesOf(patterns: readonly string[]): readonly Place[] {
  const names = new Map<string, string[]>();
  for (const pattern of patterns) {
    const directory = parentOf(pattern);
    names.set(directory, [...(names.get(directory) ?? []), nameOf(pattern)]);
  }
  return Array.from(names, ([directory, globs]) => ({ directory, matches: matchAny(globs) }));
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const pathIn = (directory: string, name: string): string =>
  directory === '/' ? `/${name}` : `${directory}/${name}`;

/** The directories above, nearest first. */
export function above(directory: string): readonly string[] {
  const found: string[] = [];
  for (let at = directory; at !== '/'; at = parentOf(at)) found.push(parentOf(at));
  return found;
}
