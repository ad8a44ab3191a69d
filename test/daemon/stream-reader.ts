/** A reader of the stream that keeps what it gets, and can be cut at any moment. */
import { StreamParser } from '../../src/client/stream-parser.ts';

export interface Seen {
  /** `<epoch>/<seq>` of records, in their order. */
  readonly records: string[];
  readonly gaps: {
    readonly cause: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly lost: number | null;
  }[];
  bookmarks: number;
  byes: number;
}

export class StreamReader {
  readonly #target: { readonly url: string; readonly socket?: string };
  readonly seen: Seen = { records: [], gaps: [], bookmarks: 0, byes: 0 };
  #lastId: string | undefined;
  #abort = new AbortController();

  constructor(target: { readonly url: string; readonly socket?: string }, lastId?: string) {
    this.#target = target;
    this.#lastId = lastId;
  }

  /** Reads one connection until it ends or is cut. Resolves with the HTTP status, 0 where nobody answers. */
  async read(): Promise<number> {
    this.#abort = new AbortController();
    const { url, socket } = this.#target;
    const parser = new StreamParser(this.#lastId);
    try {
      const response = await fetch(url, {
        signal: this.#abort.signal,
        ...(socket !== undefined && { unix: socket }),
        ...(this.#lastId !== undefined && { headers: { 'last-event-id': this.#lastId } }),
      });
      if (response.status !== 200 || response.body === null) return response.status;
      const decoder = new TextDecoder();
      for await (const piece of response.body) {
        for (const message of parser.feed(decoder.decode(piece, { stream: true })).messages) {
          if (message.type === 'record') this.seen.records.push(message.record.id);
          if (message.type === 'gap') this.seen.gaps.push(message);
          if (message.type === 'bookmark') this.seen.bookmarks++;
          if (message.type === 'bye') this.seen.byes++;
          this.#lastId = message.lastId ?? this.#lastId;
        }
      }
      return 200;
    } catch {
      return 0; // Cut, by us or by the end of the daemon.
    }
  }

  cut(): void {
    this.#abort.abort();
  }
}
