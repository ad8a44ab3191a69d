/** A directory of logs in memory, which can be told to fail. */
import type { LogDirectory, LogFile } from '../ports/log-directory.ts';

interface Content {
  text: string;
  writtenAt: number;
  isLinked: boolean;
}

type Operation = 'open' | 'append' | 'list' | 'rename' | 'remove';

export class FakeLogDirectory implements LogDirectory {
  readonly name = 'audit.log';
  readonly files: Map<string, Content> = new Map();
  /** Which operations fail, and with what errno. */
  readonly failing: Map<Operation, string> = new Map();
  /** The most bytes that one append takes. */
  takes: number = Number.POSITIVE_INFINITY;
  /** Files that are open now. */
  handles = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Puts a file there, last written to at `writtenAt`. */
  put(name: string, text: string, writtenAt: number): void {
    this.files.set(name, { text, writtenAt, isLinked: true });
  }

  /** Text of the log, or of another file; undefined where there is none. */
  text(name: string = this.name): string | undefined {
    return this.files.get(name)?.text;
  }

  open(): LogFile {
    this.#check('open');
    const content = this.files.get(this.name) ?? { text: '', writtenAt: this.#now(), isLinked: true };
    this.files.set(this.name, content);
    this.handles++;
    return {
      writtenAt: content.text === '' ? undefined : content.writtenAt,
      isTorn: content.text !== '' && !content.text.endsWith('\n'),
      append: (bytes) => this.#append(content, bytes),
      isLinked: () => content.isLinked,
      [Symbol.dispose]: () => void this.handles--,
    };
  }

  list(): readonly string[] {
    this.#check('list');
    return [...this.files.keys()];
  }

  rename(to: string): void {
    this.#check('rename');
    const content = this.files.get(this.name);
    if (content === undefined) throw errnoError('ENOENT');
    this.files.delete(this.name);
    this.files.set(to, content);
  }

  remove(name: string): void {
    this.#check('remove');
    const content = this.files.get(name);
    if (content !== undefined) content.isLinked = false;
    this.files.delete(name);
  }

  #append(content: Content, bytes: Uint8Array): number {
    this.#check('append');
    const taken = bytes.subarray(0, Math.min(bytes.length, this.takes));
    content.text += new TextDecoder().decode(taken);
    content.writtenAt = this.#now();
    return taken.length;
  }

  #check(operation: Operation): void {
    const errno = this.failing.get(operation);
    if (errno !== undefined) throw errnoError(errno);
  }
}

const errnoError = (code: string): Error => Object.assign(new Error(code), { code });
