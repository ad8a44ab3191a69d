import { describe, expect, test } from 'bun:test';
import { encodeMessage, MessageKind, parseBody } from './message.ts';
import { MessageStream, type StreamLimits } from './message-stream.ts';

const message = (serial: number, text: string): Uint8Array =>
  encodeMessage({
    kind: MessageKind.signal,
    flags: 0,
    serial,
    path: '/a',
    interface: 'a.b',
    member: 'C',
    body: { signature: 's', values: [text] },
  });

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Pushes the bytes in pieces of the given size. Returns the results and the largest number of buffered bytes. */
function pushed(
  bytes: Uint8Array,
  piece: number,
  limits: StreamLimits,
): { results: string[]; buffered: number } {
  const stream = new MessageStream(limits);
  const results: string[] = [];
  let buffered = 0;
  for (let at = 0; at < bytes.length; at += piece) {
    const buffer = bytes.slice(at, at + piece);
    const outcome = stream.push(buffer, (one) => {
      const body = parseBody(one);
      results.push(`${one.header.serial}: ${body.ok ? String(body.values[0]) : body.problem}`);
    });
    // The reader of a socket may reuse its buffer.
    buffer.fill(0xaa);
    if (!outcome.ok) {
      results.push(outcome.problem);
      break;
    }
    buffered = Math.max(buffered, stream.buffered);
  }
  return { results, buffered };
}

const pieces = [1, 2, 7, 16, 17, 64, 100, 1_000, 100_000];

describe('MessageStream', () => {
  test.each(pieces)('a stream in pieces of %d bytes yields each message once', (piece) => {
    const bytes = concat(message(1, 'a'), message(2, 'b'.repeat(300)), message(3, ''), message(4, 'ü'));
    const expected = ['1: a', `2: ${'b'.repeat(300)}`, '3: ', '4: ü'];
    expect(pushed(bytes, piece, { usual: 1_000 }).results).toEqual(expected);
  });

  test.each(pieces)('a stream in pieces of %d bytes drops long arguments without buffering them', (piece) => {
    const bytes = concat(message(1, 'a'), message(2, 'x'.repeat(50_000)), message(3, 'c'));
    const { results, buffered } = pushed(bytes, piece, { usual: 1_000 });
    expect(results).toEqual(['1: a', '2: the arguments were too long', '3: c']);
    expect(buffered).toBeLessThan(1_000);
  });

  test.each(pieces)('a stream in pieces of %d bytes reads a long message that its limits allow', (piece) => {
    const bytes = concat(message(1, 'x'.repeat(5_000)), message(2, 'x'.repeat(5_000)), message(3, 'c'));
    const forLong = ({ serial }: { serial: number }): number => (serial === 2 ? 10_000 : 0);
    const expected = ['1: the arguments were too long', `2: ${'x'.repeat(5_000)}`, '3: c'];
    expect(pushed(bytes, piece, { usual: 1_000, forLong }).results).toEqual(expected);
  });

  test.each(pieces)(
    'a stream in pieces of %d bytes drops a message with a header that is too long',
    (piece) => {
      const long = message(2, 'b');
      const view = new DataView(long.buffer);
      view.setUint32(12, 40_000, true);
      view.setUint32(4, 0, true);
      const bytes = concat(message(1, 'a'), long, new Uint8Array(16 + 40_000 - long.length), message(3, 'c'));
      expect(pushed(bytes, piece, { usual: 1_000 }).results).toEqual(['1: a', '3: c']);
    },
  );

  test('a stream ends at bytes that are not a message', () => {
    const bytes = concat(message(1, 'a'), new Uint8Array(16), message(2, 'b'));
    expect(pushed(bytes, 9, { usual: 1_000 }).results).toEqual(['1: a', 'a message has no byte order']);
  });
});
