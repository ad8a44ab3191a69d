/** A small file system for tests, with directories that can be watched. */
import { timestamp } from '../core/model/ids.ts';
import type {
  DirectoryIdentity,
  DirectoryListing,
  DirectoryWatch,
  DirectoryWatchHandlers,
  FileReadResult,
  ReadRequest,
  WatchedFiles,
} from '../ports/watched-files.ts';

interface FakeFile {
  text: string;
  modified: number;
  version: number;
  uid: number;
  mode: number;
  type: 'file' | 'symlink' | 'fifo';
  /** Errno name that a read returns instead of the content. */
  failure?: string;
}

interface FakeDirectory {
  readonly identity: string;
  readonly entries: Map<string, FakeFile>;
  readonly watchers: Set<DirectoryWatchHandlers>;
  failure?: string;
}

export class FakeFiles implements WatchedFiles {
  readonly #directories = new Map<string, FakeDirectory>();
  #count = 0;
  /** Modification time of the next write, in milliseconds since 1970. */
  time = 1_790_000_000_000;
  /** Errno name with which every watch fails. */
  watchFailure: string | undefined;
  /** Events are lost. */
  losesEvents = false;
  /** Paths that were read in full, in order. */
  readonly reads: string[] = [];

  constructor() {
    this.#directories.set('/', this.#newDirectory());
  }

  // --- for the test ---

  mkdir(path: string): void {
    if (this.#directories.has(path)) return;
    const parent = parentOf(path);
    this.mkdir(parent);
    this.#directories.set(path, this.#newDirectory());
    this.#notify(parent, nameOf(path));
  }

  /** Removes the directory with its content. */
  rmdir(path: string): void {
    const gone = this.#directories.get(path);
    this.#directories.delete(path);
    if (!this.losesEvents) for (const { onEvent } of gone?.watchers ?? []) onEvent(nameOf(path));
    this.#notify(parentOf(path), nameOf(path));
  }

  /** Replaces a directory by an empty one. */
  replaceDirectory(path: string): void {
    this.rmdir(path);
    this.mkdir(path);
  }

  write(path: string, text: string, over: Partial<Omit<FakeFile, 'text' | 'version'>> = {}): void {
    const directory = this.#directories.get(parentOf(path));
    if (directory === undefined) throw new Error(`no directory for ${path}`);
    const defaults = { uid: 0, mode: 0o644, type: 'file', modified: this.time } as const;
    this.#count++;
    directory.entries.set(nameOf(path), { ...defaults, ...over, text, version: this.#count });
    this.#notify(parentOf(path), nameOf(path));
  }

  append(path: string, text: string): void {
    const file = this.#directories.get(parentOf(path))?.entries.get(nameOf(path));
    this.write(path, (file?.text ?? '') + text);
  }

  remove(path: string): void {
    this.#directories.get(parentOf(path))?.entries.delete(nameOf(path));
    this.#notify(parentOf(path), nameOf(path));
  }

  /** Reading and listing fail with this errno name from now on; undefined: they succeed again. */
  failDirectory(path: string, code: string | undefined): void {
    const directory = this.#directories.get(path);
    if (directory === undefined) return;
    if (code === undefined) delete directory.failure;
    else directory.failure = code;
    this.#notify(parentOf(path), nameOf(path));
  }

  /** Number of watches on this directory. */
  watchers(path: string): number {
    return this.#directories.get(path)?.watchers.size ?? 0;
  }

  /** Ends every watch, as after an error. */
  endWatches(path: string): void {
    const watchers = this.#directories.get(path)?.watchers;
    const ended = [...(watchers ?? [])];
    watchers?.clear();
    for (const { onEnd } of ended) onEnd();
  }

  // --- the port ---

  identify(path: string): DirectoryIdentity {
    const directory = this.#directories.get(path);
    return directory === undefined ? { kind: 'absent' } : { kind: 'present', identity: directory.identity };
  }

  list(path: string): DirectoryListing {
    const directory = this.#directories.get(path);
    if (directory === undefined) return { kind: 'absent' };
    if (directory.failure !== undefined) return { kind: 'failed', code: directory.failure };
    const names = [...directory.entries.keys()];
    return { kind: 'listed', names: [...names, ...this.#subdirectories(path)] };
  }

  read({ path, refuse, limit, known }: ReadRequest): FileReadResult {
    const parent = this.#directories.get(parentOf(path));
    const file = parent?.entries.get(nameOf(path));
    const isDirectory = this.#directories.has(path);
    if (!(isDirectory || file)) return { kind: 'absent' };
    if (file?.type === 'symlink') return { kind: 'link' };
    if (file?.failure !== undefined) return { kind: 'failed', code: file.failure };
    const { uid = 0, mode = 0o755, text = '' } = file ?? {};
    const bytes = new TextEncoder().encode(text);
    const kind = isDirectory ? 'directory' : file?.type === 'file' ? 'file' : 'other';
    const refusal = refuse({ path, kind, uid, mode });
    if (refusal !== undefined) return { kind: 'refused', refusal };
    const signature = String(file?.version);
    if (signature === known) return { kind: 'same' };
    this.reads.push(path);
    const modified = timestamp(file?.modified ?? 0);
    return { kind: 'read', signature, modified, text: new TextDecoder().decode(bytes.subarray(0, limit)) };
  }

  watch(path: string, handlers: DirectoryWatchHandlers): DirectoryWatch {
    if (this.watchFailure !== undefined) return { kind: 'failed', code: this.watchFailure };
    const directory = this.#directories.get(path);
    if (directory === undefined) return { kind: 'failed', code: 'ENOENT' };
    if (directory.failure !== undefined) return { kind: 'failed', code: directory.failure };
    const own = { ...handlers };
    directory.watchers.add(own);
    return {
      kind: 'watching',
      watch: { [Symbol.dispose]: () => void directory.watchers.delete(own) },
    };
  }

  #newDirectory(): FakeDirectory {
    return { identity: String(++this.#count), entries: new Map(), watchers: new Set() };
  }

  #subdirectories(path: string): string[] {
    const below = [...this.#directories.keys()].filter((one) => one !== '/' && parentOf(one) === path);
    return below.map(nameOf);
  }

  #notify(directory: string, name: string): void {
    if (this.losesEvents) return;
    for (const { onEvent } of [...(this.#directories.get(directory)?.watchers ?? [])]) onEvent(name);
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
