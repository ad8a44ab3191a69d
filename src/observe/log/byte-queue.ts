/**
 * A queue of lines for a file descriptor that may be full, closed or slow. Nothing blocks: bytes that do not fit now
 * are kept, up to a limit, and written later; beyond the limit lines are lost and counted.
 */

/** `written` may be less than the given bytes. `code` is the symbolic errno. */
export type WriteOutcome = { readonly written: number } | { readonly code: string };

/** One end of a pipe, a terminal, a file. Must not throw; should not block. */
export interface ByteSink {
  write(bytes: Uint8Array): WriteOutcome;
}

/** Maximum number of waiting bytes. */
const capacity = 256 * 1024;

export class ByteQueue {
  readonly #sink: ByteSink;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #lost = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Lines lost so far. */
  get lost(): number {
    return this.#lost;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Writes `line` after everything that waits. Returns whether it was written, kept or lost. */
  push(line: Uint8Array): 'written' | 'waiting' | 'lost' {
    if (this.#waitingBytes + line.length > capacity) {
      this.flush();
      if (this.#waitingBytes + line.length > capacity) {
        this.#lost++;
        return 'lost';
      }
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    const before = this.#lost;
    this.flush();
    if (this.#lost > before) return 'lost';
    return this.isEmpty ? 'written' : 'waiting';
  }

  /** Writes `line` if nothing waits and the sink accepts it now; otherwise does not keep or count it. */
  offer(line: Uint8Array): boolean {
    if (!this.isEmpty) return false;
    const outcome = this.#sink.write(line);
    if ('code' in outcome) return false;
    if (outcome.written < line.length) {
      this.#waiting.push(line.subarray(outcome.written));
      this.#waitingBytes += line.length - outcome.written;
    }
    return true;
  }

  /** Tries to write what waits. */
  flush(): void {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      const outcome = this.#sink.write(head);
      if ('code' in outcome) {
        if (!isTransient(outcome.code)) this.#drop();
        return;
      }
      this.#waitingBytes -= outcome.written;
      if (outcome.written < head.length) this.#waiting[0] = head.subarray(outcome.written);
      else this.#waiting.shift();
      if (outcome.written === 0) return;
    }
  }

  /** Drops what waits: the reader is gone (EPIPE, EIO of a closed terminal, ENOSPC …) and will never get it. */
  #drop(): void {
    this.#lost += this.#waiting.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

const isTransient = (code: string): boolean => code === 'EAGAIN' || code === 'EINTR' || code === 'EBUSY';
