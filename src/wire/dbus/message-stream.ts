/**
 * Cuts a stream of bytes into messages. What it keeps is bounded: of a message that is longer than wanted the header is
 * read and the arguments are let go as they come, so that whoever sends it costs neither memory nor the connection.
 */
import {
  fixedHeaderLength,
  type Message,
  type MessageHeader,
  type MessageSize,
  type Parsed,
  parseHeader,
  parseSize,
} from './message.ts';

/** A header longer than this is let go too, and its message with it. */
const headerLimit = 16 * 1_024;

export interface StreamLimits {
  /** The longest message in bytes whose arguments are kept. */
  readonly usual: number;
  /** The same for a message that is longer than that: what its header says may make it welcome. */
  readonly forLong?: (header: MessageHeader) => number;
}

export class MessageStream {
  readonly #limits: StreamLimits;
  /** The beginning of a message, whose rest has not come yet. */
  #parts: Uint8Array[] = [];
  #kept = 0;
  /** How much of it is needed before anything can be done with it. */
  #wanted = fixedHeaderLength;
  /** So many bytes of a message that is let go are still to come. */
  #skipping = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /** Bytes that are kept for the rest of a message. */
  get kept(): number {
    return this.#kept;
  }

  /**
   * Hands over the messages that are complete with these bytes, each good until `take` returns. After a problem it is not
   * known where the next message starts, and the stream is of no more use.
   */
  push(bytes: Uint8Array, take: (message: Message) => void): Parsed<object> {
    let input = this.#drop(bytes);
    if (this.#kept > 0) {
      if (this.#kept + input.length < this.#wanted) return this.#keep(input);
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
        return this.#keep(input.subarray(at));
      }
      at += size.header + size.body;
    }
    if (at > input.length) this.#skipping = at - input.length;
    this.#wanted = fixedHeaderLength;
    return this.#keep(input.subarray(at));
  }

  /** One message: handed over, let go, or so many bytes of it `wanted` first. */
  #step(
    input: Uint8Array,
    at: number,
    size: MessageSize,
    take: (message: Message) => void,
  ): Parsed<{ wanted?: number }> {
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

  #keep(rest: Uint8Array): { readonly ok: true } {
    if (rest.length > 0) this.#parts.push(new Uint8Array(rest));
    this.#kept += rest.length;
    return { ok: true };
  }

  #join(input: Uint8Array): Uint8Array {
    const joined = new Uint8Array(this.#kept + input.length);
    let at = 0;
    for (const part of [...this.#parts, input]) {
      joined.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#kept = 0;
    return joined;
  }
}
