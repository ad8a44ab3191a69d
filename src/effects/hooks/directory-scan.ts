/**
 * Which hook directories have something to run or to complain about, known before each step of the engine at
 * the price of one system call: directories are listed again only where one of them has changed.
 */
import { dirname } from 'node:path';
import { type HookDirectory, hookDirectories } from '../../core/model/event-table.ts';
import type { DirectoryChanges, OpenDirectoryChanges } from '../../ports/directory-changes.ts';
import { directoryPath, hookNames } from './inspect.ts';

export class HookDirectoryScan implements Disposable {
  readonly #open: OpenDirectoryChanges;
  #base: string;
  #changes: DirectoryChanges | undefined;
  #isWatching = false;
  #known: ReadonlySet<HookDirectory> | undefined;

  /** `base`: the directory of the `*.d` directories. */
  constructor(base: string, open: OpenDirectoryChanges) {
    this.#base = base;
    this.#open = open;
  }

  /** Other directories from now on. */
  configure(base: string): void {
    if (base === this.#base) return;
    this.#base = base;
    this[Symbol.dispose]();
  }

  /**
   * The next `poll` lists again: for changes that inotify does not report, on network file systems and below
   * new mounts.
   */
  invalidate(): void {
    this.#isWatching = false;
  }

  /** The directories whose events have hooks, where that differs from the last answer. */
  poll(): ReadonlySet<HookDirectory> | undefined {
    if (this.#isWatching && this.#changes?.hasChanged() === false) return undefined;
    // Watched before they are listed: a change in between is seen by the next poll.
    this.#watch();
    const found = new Set(hookDirectories.filter((directory) => this.#hasHooks(directory)));
    if (this.#known !== undefined && isSameSet(found, this.#known)) return undefined;
    this.#known = found;
    return found;
  }

  [Symbol.dispose](): void {
    this.#changes?.[Symbol.dispose]();
    this.#changes = undefined;
    this.#isWatching = false;
  }

  #hasHooks(directory: HookDirectory): boolean {
    const names = hookNames(this.#base, directory);
    return 'kind' in names || names.length > 0;
  }

  /** inotify knows a directory by its inode: one that was replaced has to be watched again. */
  #watch(): void {
    this.#changes ??= this.#open();
    if (this.#changes === undefined) return;
    this.#isWatching = watchNearest(this.#changes, this.#base);
    for (const directory of hookDirectories) this.#changes.watch(directoryPath(this.#base, directory));
  }
}

/** Watches the directory, or where it is absent the nearest one above it: it will appear there. */
function watchNearest(changes: DirectoryChanges, path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if (changes.watch(at)) return true;
    if (at === dirname(at)) return false;
  }
}

const isSameSet = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean =>
  a.size === b.size && [...a].every((item) => b.has(item));
