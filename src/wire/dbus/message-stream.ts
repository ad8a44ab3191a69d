/**
 * Splits a stream of bytes into messages with bounded memory: of a message that is too long it reads the
 * header and drops the arguments as they arrive, so that a sender can exhaust neither memory nor the
 * connection.
 */
import {
  type BusMessageHeader,
  type BusParseResult,
  fixedHeaderLength,
  type Message,
  type MessageSize,
  parseHeader,
  parseSize,
} from './message.ts';

/** A message with a longer header is dropped completely. */
const headerLimit = 16 * 1_024;

export interface StreamLimits {
  /** Maximum length in bytes of a message whose arguments are read. */
  readonly usual: number;
  /** The maximum length for a longer message, depending on its header. */
  readonly forLong?: (header: BusMessageHeader) => number;
}

export class MessageStream {
  readonly #limits: StreamLimits;
  /** The start of an incomplete message. */
  #parts: Uint8Array[] = [];
  #buffered = 0;
  /** Number of bytes that are necessary to continue. */
  #wanted = fixedHeaderLength;
  /** Number of bytes of a dropped message that have not arrived yet. */
  #skipping = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** Number of bytes buffered for an incomplete message. */
  get buffered(): number {
    return this.#buffered;
  }

  /**
   * Passes complete messages to `take`; each is valid until `take` returns. After a problem the start of the
   * next message is unknown, and the stream is unusable.
   */
  push(bytes: Uint8Array, take: (message: Message) => void): BusParseResult<object> {
    let input = this.#drop(bytes);
    if (this.#buffered > 0) {
      if (this.#buffered + input.length < this.#wanted) return this.#buffer(input);
      input = this.#join(input);
    }
    let at = 0;
    while (input.length - at >= fixedHeaderLength) {
      const size = parseSize(input, at);
      if (!size.ok) return size;
      const step = this.#step(input, at, size, take);
      if (!step.ok) return step;
      if (step.wanted !== undefined) {
        this.#wanted = step.wanted;
        return this.#buffer(input.subarray(at));
      }
      at += size.header + size.body;
    }
    if (at > input.length) this.#skipping = at - input.length;
    this.#wanted = fixedHeaderLength;
    return this.#buffer(input.subarray(at));
  }

  /** Takes or drops one message, or returns the number of `wanted` bytes. */
  #step(
    input: Uint8Array,
    at: number,
    size: MessageSize,
    take: (message: Message) => void,
  ): BusParseResult<{ wanted?: number }> {
    const total = size.header + size.body;
    const isLong = total > this.#limits.usual;
    if (isLong && size.header > headerLimit) return { ok: true };
    const needed = isLong ? size.header : total;
    if (input.length - at < needed) return { ok: true, wanted: needed };
    const parsed = parseHeader(input, at, size);
    if (!parsed.ok) return parsed;
    const { header, isLittle } = parsed;
    if (isLong && total > (this.#limits.forLong?.(header) ?? 0)) {
      take({ header });
    } else if (input.length - at < total) {
      return { ok: true, wanted: total };
    } else {
      const from = at + size.header;
      take({ header, body: { bytes: input, from, to: from + size.body, isLittle } });
    }
    return { ok: true };
  }

  #drop(bytes: Uint8Array): Uint8Array {
    const dropped = Math.min(this.#skipping, bytes.length);
    this.#skipping -= dropped;
    return dropped === 0 ? bytes : bytes.subarray(dropped);
  }

  #buffer(rest: Uint8Array): { readonly ok: true } {
    if (rest.length > 0) this.#parts.push(new Uint8Array(rest));
    this.#buffered += rest.length;
    return { ok: true };
  }

  #join(input: Uint8Array): Uint8Array {
    const joined = new Uint8Array(this.#buffered + input.length);
    let at = 0;
    for (const part of [...this.#parts, input]) {
      joined.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#buffered = 0;
    return joined;
  }
}
