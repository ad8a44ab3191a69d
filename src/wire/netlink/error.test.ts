import { describe, expect, test } from 'bun:test';
import { capturedMessages } from '../../testing/netlink-fixtures.ts';
import { MessageType } from './constants.ts';
import { type Acknowledgement, type ErrorDetails, parseDone, parseError } from './error.ts';
import type { MessageHeader } from './message.ts';

/** How each request of test/fixtures/netlink/errors/requests.txt ended, by its sequence. */
function endings(file: string): Map<number, object> {
  const found = new Map<number, object>();
  for (const { datagram, header } of capturedMessages('errors', file)) {
    if (header.type === MessageType.error) {
      const result = parseError(datagram, header);
      found.set(header.sequence, result.ok ? result.acknowledgement : result);
    } else if (header.type === MessageType.done) {
      const result = parseDone(datagram, header);
      found.set(header.sequence, result.ok ? result.end : result);
    }
  }
  return found;
}

const ENOENT = 2;
const EEXIST = 17;
const ENODEV = 19;
const EINVAL = 22;
const ERANGE = 34;
const EADDRNOTAVAIL = 99;
const ENETUNREACH = 101;

const answer = (
  requestSequence: number,
  requestType: number,
  errno: number,
  details: ErrorDetails = {},
): Acknowledgement => ({ errno, requestType, requestSequence, ...details });

describe('answers of the kernel to strict requests', () => {
  const ended = endings('exchange.hex');
  const rows: readonly (readonly [string, number, object])[] = [
    ['ENODEV for a missing link', 100, answer(100, MessageType.getLink, ENODEV)],
    [
      'an error at the end of the dump of a missing table',
      101,
      { errno: ENOENT, message: 'ipv4: FIB table does not exist' },
    ],
    [
      'a refusal of a dump of links by index',
      102,
      { errno: EINVAL, message: 'Filter by device index not supported for link dumps' },
    ],
    ['an acknowledgement of a new rule', 103, answer(103, MessageType.newRule, 0)],
    ['EEXIST for an equal rule', 104, answer(104, MessageType.newRule, EEXIST)],
    ['an acknowledgement of its removal', 105, answer(105, MessageType.delRule, 0)],
    ['ENOENT for its second removal', 106, answer(106, MessageType.delRule, ENOENT)],
    [
      'an explanation of an invalid gateway',
      107,
      answer(107, MessageType.newRoute, ENETUNREACH, { message: 'Nexthop has invalid gateway' }),
    ],
    [
      'the position of the refused attribute',
      108,
      answer(108, MessageType.newRoute, ERANGE, {
        message: 'Attribute failed policy validation',
        offset: 44,
      }),
    ],
    [
      'EADDRNOTAVAIL for a missing address',
      109,
      answer(109, MessageType.delAddress, EADDRNOTAVAIL, { message: 'ipv4: Address not found' }),
    ],
    ['ENETUNREACH without a route', 110, answer(110, MessageType.getRoute, ENETUNREACH)],
    ['the successful end of a dump', 111, { errno: 0 }],
  ];
  for (const [name, sequence, expected] of rows) {
    test(`the kernel answers: ${name}`, () => expect(ended.get(sequence)).toEqual(expected));
  }
});

test('without extended acknowledgements the errors are the same without messages', () => {
  const plain = endings('exchange-plain.hex');
  expect(plain.get(107)).toEqual(answer(107, MessageType.newRoute, ENETUNREACH));
  expect(plain.get(109)).toEqual(answer(109, MessageType.delAddress, EADDRNOTAVAIL));
  expect(plain.get(111)).toEqual({ errno: 0 });
});

const header = (type: number, flags: number, length: number): MessageHeader => ({
  type,
  flags,
  sequence: 1,
  portId: 0,
  offset: 0,
  length,
});
const request = [20, 0, 0, 0, 24, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0];

describe('parseError', () => {
  test('the attributes of a capped answer follow the request header', () => {
    const attributes = [9, 0, 1, 0, 0x6e, 0x6f, 0x21, 0x21, 0, 0, 0, 0, 8, 0, 5, 0, 3, 0, 0, 0];
    const bytes = Uint8Array.of(0, 0, 0, 0, ...request, ...attributes);
    expect(parseError(bytes, header(2, 0x300, bytes.length))).toEqual({
      ok: true,
      acknowledgement: answer(9, 24, 0, { message: 'no!!', missingType: 3 }),
    });
  });

  const rows: readonly (readonly [string, readonly number[], number, string])[] = [
    ['an answer cut short', [0, 0, 0, 0, ...request.slice(0, 15)], 0, 'struct-truncated'],
    ['a request shorter than its header', [0, 0, 0, 0, 15, ...request.slice(1)], 0x200, 'message-length'],
    ['a request beyond the answer', [0, 0, 0, 0, 99, ...request.slice(1)], 0x200, 'message-length'],
    ['a request of 4 GiB', [0, 0, 0, 0, 255, 255, 255, 255, ...request.slice(4)], 0x200, 'message-length'],
    ['a broken attribute', [0, 0, 0, 0, ...request, 1, 0, 1, 0], 0x300, 'attribute-length'],
    ['an offset of one byte', [0, 0, 0, 0, ...request, 5, 0, 2, 0, 1, 0, 0, 0], 0x300, 'attribute-short'],
  ];
  for (const [name, bytes, flags, code] of rows) {
    test(`parseError reports ${name}`, () => {
      const result = parseError(Uint8Array.from(bytes), header(2, flags, bytes.length));
      expect(result).toMatchObject({ ok: false, problem: { code } });
    });
  }
});

describe('parseDone', () => {
  test('a length or an empty payload at the end of a dump means success', () => {
    expect(parseDone(Uint8Array.of(12, 0, 0, 0), header(3, 2, 4))).toEqual({ ok: true, end: { errno: 0 } });
    expect(parseDone(new Uint8Array(0), header(3, 2, 0))).toEqual({ ok: true, end: { errno: 0 } });
  });

  test('a payload of three bytes is a problem', () => {
    const result = parseDone(new Uint8Array(3), header(3, 2, 3));
    expect(result).toMatchObject({ ok: false, problem: { code: 'struct-truncated' } });
  });
});
