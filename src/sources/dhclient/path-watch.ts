/**
 * Watches one directory of lease files. While it does not exist, watches the nearest existing directory
 * above; after a replacement, watches the new one.
 */
import type { WatchedFiles } from '../../ports/watched-files.ts';
import { above, nameOf } from './lease-paths.ts';

interface Watched {
  readonly path: string;
  readonly identity: string;
  readonly handle: Disposable;
}

export class LeaseDirectoryWatch implements Disposable {
  readonly #files: WatchedFiles;
  readonly #directory: string;
  readonly #onEvent: (name: string | undefined) => void;
  #watched: Watched | undefined;

  /** `onEvent`: this entry of the directory changed; undefined: read all of it, and call `arm`. */
  constructor(files: WatchedFiles, directory: string, onEvent: (name: string | undefined) => void) {
    this.#files = files;
    this.#directory = directory;
    this.#onEvent = onEvent;
  }

  /**
   * Watches the directory that exists now. Call before reading it, so that no change is missed in between.
   * Returns the errno name where it cannot be watched.
   */
  arm(): string | undefined {
    const failure = this.#armNearest();
    // A directory that appeared while one above it was watched caused no event.
    return this.#watched?.path === this.#directory ? failure : this.#armNearest();
  }

  [Symbol.dispose](): void {
    this.#watched?.handle[Symbol.dispose]();
    this.#watched = undefined;
  }

  #armNearest(): string | undefined {
    for (const path of [this.#directory, ...above(this.#directory)]) {
      const directory = this.#files.identify(path);
      if (directory.kind !== 'present') continue;
      const failure = this.#watch(path, directory.identity);
      // Removed since `identify`: the next one above is the nearest.
      if (failure !== 'ENOENT') return failure;
    }
    return 'ENOENT';
  }

  #watch(path: string, identity: string): string | undefined {
    if (this.#watched?.path === path && this.#watched.identity === identity) return undefined;
    this[Symbol.dispose]();
    const opened = this.#files.watch(path, {
      onEvent: (name) => this.#onEntry(path, name),
      onEnd: () => this.#lost(),
    });
    if (opened.kind === 'failed') return opened.code;
    this.#watched = { path, identity, handle: opened.watch };
    return undefined;
  }

  #onEntry(path: string, name: string | undefined): void {
    if (this.#watched?.path !== path) return;
    const isItself = name === undefined || name === nameOf(path);
    if (isItself) this.#lost();
    else if (path === this.#directory) this.#onEvent(name);
    else if (this.#isOnTheWay(path, name)) this.#onEvent(undefined);
  }

  /** inotify reports a directory's own name when it was moved or removed, and nothing after that. */
  #lost(): void {
    this[Symbol.dispose]();
    this.#onEvent(undefined);
  }

  #isOnTheWay(path: string, name: string): boolean {
    const entry = path === '/' ? `/${name}` : `${path}/${name}`;
    return this.#directory === entry || this.#directory.startsWith(`${entry}/`);
  }
}
