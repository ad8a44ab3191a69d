/** Bytes of the stream into messages, and the id to resume from. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { parseJson } from './problem.ts';
import type { StreamMessage } from './types.ts';
import { parseCursor } from './url.ts';

/** Characters of one message: a snapshot of 1 000 links has 0.4 million. */
const MAX_MESSAGE_LENGTH = 32 * 1024 * 1024;

/** A message, and where to resume once it has been dealt with. */
export type ParsedMessage = StreamMessage & { readonly lastId?: string };

const types: ReadonlySet<string> = new Set(['hello', 'snapshot', 'record', 'bookmark', 'gap', 'bye']);

/**
 * Reads one connection after another: `reset` begins a new connection and keeps the id. Records at or below the id
 * are left out, so that overlapping connections repeat nothing. Messages of an unknown type are
 * left out: a newer server may have more of them.
 */
export class StreamParser {
  /** `<epoch>.<seq>` of the last message that had one; the value of `Last-Event-ID`. */
  lastId: string | undefined;
  /** What the server asked for with `retry:`, in milliseconds. */
  retryMs: number | undefined;
  readonly #parser: ReturnType<typeof createParser>;
  #messages: ParsedMessage[] = [];
  #problem: string | undefined;

  constructor(lastId?: string) {
    this.lastId = lastId;
    this.#parser = createParser({
      maxBufferSize: MAX_MESSAGE_LENGTH,
      onEvent: (event) => this.#take(event),
      onRetry: (retry) => {
        this.retryMs = retry;
      },
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.#problem = 'a message is too long';
      },
    });
  }

  /** Forgets the rest of a message that was cut off. */
  reset(): void {
    this.#parser.reset();
    this.#messages = [];
    this.#problem = undefined;
  }

  /** What `text` completes. `problem`: the stream cannot be read on. */
  feed(text: string): { readonly messages: readonly ParsedMessage[]; readonly problem?: string } {
    this.#messages = [];
    if (this.#problem === undefined) this.#parser.feed(text);
    const messages = this.#messages;
    return this.#problem === undefined ? { messages } : { messages, problem: this.#problem };
  }

  #take({ event, id, data }: EventSourceMessage): void {
    if (event === undefined || !types.has(event)) return;
    const value = parseJson(data);
    if (typeof value !== 'object' || value === null) {
      this.#problem = `the data of a ${event} is not a JSON object`;
      return;
    }
    if (event === 'record' && id !== undefined && this.#isRepeated(id)) return;
    const message: object = event === 'record' ? { type: event, record: value } : { ...value, type: event };
    if (id !== undefined && id !== '') this.lastId = id;
    const { lastId } = this;
    this.#messages.push((lastId === undefined ? message : { ...message, lastId }) as ParsedMessage);
  }

  #isRepeated(id: string): boolean {
    const last = this.lastId === undefined ? undefined : parseCursor(this.lastId);
    const now = parseCursor(id);
    return last !== undefined && now !== undefined && last.epoch === now.epoch && now.seq <= last.seq;
  }
}
