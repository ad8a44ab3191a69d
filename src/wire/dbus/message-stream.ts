/**
 * Cuts a stream of bytes into messages. What it keeps is bounded: of a message that is longer than `limit` the header is
 * read and the arguments are let go as they come, so that whoever sends it costs neither memory nor the connection.
 */
import {
  fixedHeaderLength,
  type Message,
  type MessageSize,
  type Parsed,
  parseHeader,
  parseSize,
} from './message.ts';

/** A header longer than this is let go too, and its message with it. */
const headerLimit = 16 * 1_024;

export class MessageStream {
  readonly #limit: number;
  /** The beginning of a message, whose rest has not come yet. */
  #parts: Uint8Array[] = [];
  #kept = 0;
  /** How much is needed before anything can be said about it. */
  #wanted = fixedHeaderLength;
  /** So many bytes of a message that is let go are still to come. */
  #skipping = 0;

  /** `limit`: the longest message in bytes whose arguments are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that are kept for the rest of a message. */
  get kept(): number {
    return this.#kept;
  }

  /**
   * The messages that are complete with these bytes, each handed over at once: it is good until `take` returns. After a
   * problem it is not known where the next message starts, and the stream is of no more use.
   */
  push(bytes: Uint8Array, take: (message: Message) => void): Parsed<object> {
    let input = this.#drop(bytes);
    if (this.#kept > 0) {
      const needed = this.#wanted - this.#kept;
      if (input.length < needed) return this.#keep(input);
      input = this.#join(input);
    }
    let at = 0;
    while (input.length - at >= fixedHeaderLength) {
      const size = parseSize(input, at);
      if (!size.ok) return size;
      const total = size.header + size.body;
      const isLong = total > this.#limit;
      const needed = isLong ? Math.min(size.header, headerLimit) : total;
      if (input.length - at < needed) {
        this.#wanted = needed;
        return this.#keep(input.subarray(at));
      }
      const handed = isLong ? handLong(input, at, size, take) : hand(input, at, size, take);
      if (!handed.ok) return handed;
      at += total;
    }
    if (at > input.length) this.#skipping = at - input.length;
    this.#wanted = fixedHeaderLength;
    return this.#keep(input.subarray(at));
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

function hand(
  bytes: Uint8Array,
  at: number,
  size: MessageSize,
  take: (message: Message) => void,
): Parsed<object> {
  const parsed = parseHeader(bytes, at, size);
  if (!parsed.ok) return parsed;
  const { header, isLittle } = parsed;
  const from = at + size.header;
  take({ header, body: { bytes, from, to: from + size.body, isLittle } });
  return { ok: true };
}

/** A message whose arguments are let go; one with an endless header is let go without a word. */
function handLong(
  bytes: Uint8Array,
  at: number,
  size: MessageSize,
  take: (message: Message) => void,
): Parsed<object> {
  if (size.header > headerLimit) return { ok: true };
  const parsed = parseHeader(bytes, at, size);
  if (!parsed.ok) return parsed;
  take({ header: parsed.header });
  return { ok: true };
}
