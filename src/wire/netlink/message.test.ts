import { describe, expect, test } from 'bun:test';
import { capturedDatagrams } from '../../testing/netlink-fixtures.ts';
import { HeaderFlag, MessageType } from './constants.ts';
import { isDumpInterrupted, type MessageHeader, parseMessages } from './message.ts';

function messagesOf(bytes: Uint8Array, offset = 0, length = bytes.length) {
  const headers: MessageHeader[] = [];
  const result = parseMessages(bytes, offset, length, (header) => headers.push(header));
  return { headers, result };
}

const message = (size: number, type: number, body: readonly number[] = []): number[] => [
  ...[size, 0, 0, 0, type, 0, 2, 0, 7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
  ...body,
];

describe('parseMessages', () => {
  test('every message of a dump is visited up to its end', () => {
    const types = capturedDatagrams('rules', 'rules.hex').flatMap((bytes) =>
      messagesOf(bytes).headers.map((header) => header.type),
    );
    expect(types.filter((type) => type === MessageType.newRule).length).toBeGreaterThan(40);
    expect(types.filter((type) => type === MessageType.done).length).toBe(2);
  });

  test('each field of the header is read, and the payload without padding', () => {
    const bytes = Uint8Array.of(9, 9, ...message(18, 16, [1, 2, 0, 0]), ...message(16, 3));
    expect(messagesOf(bytes, 2, bytes.length - 2)).toEqual({
      headers: [
        { type: 16, flags: 2, sequence: 7, portId: 0xffffffff, offset: 18, length: 2 },
        { type: 3, flags: 2, sequence: 7, portId: 0xffffffff, offset: 38, length: 0 },
      ],
      result: { ok: true },
    });
  });

  test('an empty datagram has no messages', () => {
    expect(messagesOf(new Uint8Array(0))).toEqual({ headers: [], result: { ok: true } });
  });

  const rows: readonly (readonly [string, readonly number[], string, number, number])[] = [
    ['a header cut short', message(16, 3).slice(0, 15), 'struct-truncated', 0, 0],
    ['a length below the header', message(15, 3), 'message-length', 0, 0],
    ['a length beyond the datagram', message(17, 3), 'message-length', 0, 0],
    ['rubbish after a message', [...message(16, 3), 1, 2, 3], 'struct-truncated', 16, 1],
  ];
  for (const [name, bytes, code, offset, visited] of rows) {
    test(`parseMessages reports the position of ${name} after the earlier messages`, () => {
      const { headers, result } = messagesOf(Uint8Array.from(bytes));
      expect(result).toMatchObject({ ok: false, ignored: false, problem: { code, offset } });
      expect(headers.length).toBe(visited);
    });
  }

  for (const [offset, length] of [
    [0, 17],
    [16, 1],
    [-1, 4],
    [0, -1],
  ] as const) {
    test(`parseMessages refuses ${length} bytes at ${offset} of a buffer of 16`, () => {
      const { result } = messagesOf(Uint8Array.from(message(16, 3)), offset, length);
      expect(result).toMatchObject({ ok: false, problem: { code: 'struct-truncated' } });
    });
  }
});

test('an interrupted dump is recognized by its flag', () => {
  expect(isDumpInterrupted(HeaderFlag.multi | HeaderFlag.dumpInterrupted)).toBe(true);
  expect(isDumpInterrupted(HeaderFlag.multi)).toBe(false);
});
