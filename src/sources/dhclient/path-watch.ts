/**
 * Watches one directory of lease files. Where it is not there (yet), the nearest directory above that is; where another
 * took its place, that one.
 */
import type { WatchedFiles } from '../../ports/watched-files.ts';
import { above, nameOf } from './lease-paths.ts';

interface Watched {
  readonly path: string;
  readonly identity: string;
  readonly handle: Disposable;
}

export class PlaceWatch implements Disposable {
  readonly #files: WatchedFiles;
  readonly #directory: string;
  readonly #onEvent: (name: string | undefined) => void;
  #watched: Watched | undefined;

  /** `onEvent`: something happened to this entry of the directory; undefined: look at all of it, and call `arm`. */
  constructor(files: WatchedFiles, directory: string, onEvent: (name: string | undefined) => void) {
    this.#files = files;
    this.#directory = directory;
    this.#onEvent = onEvent;
  }

  /**
   * Makes sure that what is there now is watched. Call before looking, so that nothing is missed in between. Returns
   * the errno's name where it cannot be watched.
   */
  arm(): string | undefined {
    const failure = this.#armNearest();
    // What appeared while a directory above was being watched was told to nobody.
    return this.#watched?.path === this.#directory ? failure : this.#armNearest();
  }

  [Symbol.dispose](): void {
    this.#watched?.handle[Symbol.dispose]();
    this.#watched = undefined;
  }

  #armNearest(): string | undefined {
    for (const path of [this.#directory, ...above(this.#directory)]) {
      const look = this.#files.identify(path);
      if (look.kind !== 'there') continue;
      const failure = this.#watch(path, look.identity);
      // Gone since it was looked at: the next one above is the nearest.
      if (failure !== 'ENOENT') return failure;
    }
    return 'ENOENT';
  }

  #watch(path: string, identity: string): string | undefined {
    if (this.#watched?.path === path && this.#watched.identity === identity) return undefined;
    this[Symbol.dispose]();
    const opened = this.#files.watch(path, {
      onEvent: (name) => this.#initialReads(path, name),
      onEnd: () => this.#lost(),
    });
    if (opened.kind === 'failed') return opened.code;
    this.#watched = { path, identity, handle: opened.watch };
    return undefined;
  }

  #initialReads(path: string, name: string | undefined): void {
    if (this.#watched?.path !== path) return;
    const isItself = name === undefined || name === nameOf(path);
    if (isItself) this.#lost();
    else if (path === this.#directory) this.#onEvent(name);
    else if (this.#isOnTheWay(path, name)) this.#onEvent(undefined);
  }

  /** A directory's own name is told when it was moved or removed, and then nothing more. */
  #lost(): void {
    this[Symbol.dispose]();
    this.#onEvent(undefined);
  }

  #isOnTheWay(path: string, name: string): boolean {
    const entry = path === '/' ? `/${name}` : `${path}/${name}`;
    return this.#directory === entry || this.#directory.startsWith(`${entry}/`);
  }
}
