/** Reads what `netevd migrate` plans with: files, directories, and which distribution package they are of. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { InputDirectory, InputFile, SourceInput } from '../../migrate/input.ts';
import { sourcePlaces } from '../../migrate/places.ts';
import type { SourceName } from '../../migrate/plan.ts';
import type { Existing } from '../../migrate/reconcile.ts';

/** Bytes of the largest file that is taken over. */
const maxSize = 64 * 1024 * 1024;

/** The package of a file, by its path; undefined for what no package has brought. */
export type PackageOf = (path: string) => string | undefined;

/** Everything of `source` at `base`; what is not there is not in it. Never throws on what it finds. */
export function readSource(source: SourceName, base: string, packageOf: PackageOf): SourceInput {
  const place = sourcePlaces[source];
  const configurations = place.configurations
    .map((name) => join(base, name))
    .flatMap((path) => (exists(path) ? [readInput(path, packageOf)] : []))
    .slice(0, 1);
  const directories = place.directories
    .flatMap((name) => (name === '*.d' ? childDirectories(base) : [join(base, name)]))
    .flatMap((path) => readDirectory(path, packageOf));
  return { source, base, configurations, directories };
}

/** One configuration and no scripts. */
export function readConfiguration(source: SourceName, path: string): SourceInput {
  const base = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  return { source, base, configurations: [readInput(path, () => undefined)], directories: [] };
}

function childDirectories(base: string): readonly string[] {
  const names = attempt(() => readdirSync(base));
  return (names ?? [])
    .filter((name) => name.endsWith('.d'))
    .sort()
    .map((name) => join(base, name));
}

function readDirectory(path: string, packageOf: PackageOf): readonly InputDirectory[] {
  const names = attempt(() => readdirSync(path, { encoding: 'buffer' }));
  if (names === undefined) return [];
  const entries = names
    .sort((a, b) => a.compare(b))
    .map((name) => readInput(join(path, name.toString('utf8')), packageOf));
  return [{ path, entries }];
}

/** A symbolic link is read as what it leads to. */
export function readInput(path: string, packageOf: PackageOf): InputFile {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const none = { path, name, mode: 0, owner: 0, content: new Uint8Array() };
  try {
    const target = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
    const real = realpathSync(path);
    const link = target === undefined ? {} : { target };
    if (real === '/dev/null') return { ...none, ...link, kind: 'masked' };
    const stats = statSync(real);
    const about = {
      path,
      name,
      mode: stats.mode & 0o7777,
      owner: stats.uid,
      ...link,
      ...ownedBy(packageOf, path, real),
    };
    if (stats.isDirectory()) return { ...about, kind: 'directory', content: none.content };
    if (!stats.isFile()) return { ...about, kind: 'other', content: none.content };
    if (stats.size > maxSize) return { ...about, kind: 'unreadable', errno: 'EFBIG', content: none.content };
    return { ...about, kind: 'file', content: new Uint8Array(readFileSync(real)) };
  } catch (error) {
    return { ...none, kind: 'unreadable', errno: errnoOf(error) };
  }
}

function ownedBy(packageOf: PackageOf, path: string, real: string): { readonly package?: string } {
  const name = packageOf(path) ?? (real === path ? undefined : packageOf(real));
  return name === undefined ? {} : { package: name };
}

/**
 * dpkg(1) keeps the paths of each package in a list; `under` is the beginning of those that are asked for. Without dpkg no
 * file is of a package.
 */
export function readPackages(root: string, under: readonly string[]): PackageOf {
  const folder = join(root, '/var/lib/dpkg/info');
  const owners = new Map<string, string>();
  for (const name of attempt(() => readdirSync(folder)) ?? []) {
    if (!name.endsWith('.list')) continue;
    const text = attempt(() => readFileSync(join(folder, name), 'utf8')) ?? '';
    if (!under.some((path) => text.includes(path))) continue;
    const owner = name.slice(0, -'.list'.length).replace(/:.*/, '');
    for (const line of text.split('\n')) owners.set(join(root, line), owner);
  }
  return (path) => owners.get(path);
}

/** What stands at a path, not followed. */
export function lookAt(path: string): Existing {
  try {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) return { kind: 'other', what: 'a symbolic link' };
    if (!stats.isFile())
      return { kind: 'other', what: stats.isDirectory() ? 'a directory' : 'not a regular file' };
    return { kind: 'file', content: new Uint8Array(readFileSync(path)), mode: stats.mode & 0o7777 };
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ENOENT' ? { kind: 'absent' } : { kind: 'other', what: `out of reach (${errno})` };
  }
}

/** Symbolic links are followed; one that leads nowhere counts as absent. */
export function kindOfPath(path: string): 'file' | 'directory' | 'absent' {
  const stats = attempt(() => statSync(path));
  if (stats === undefined) return 'absent';
  return stats.isDirectory() ? 'directory' : 'file';
}

function exists(path: string): boolean {
  return attempt(() => lstatSync(path)) !== undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    errnoOf(error);
    return undefined;
  }
}

/** The name of a system call's error; anything else is a bug, and goes on. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
