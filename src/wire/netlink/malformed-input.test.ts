import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { exerciseDatagram, exerciseMessage, type Tally } from '../../testing/netlink-exercise.ts';
import { allDatagrams, capturedMessages, scenarios } from '../../testing/netlink-fixtures.ts';
import { parseAddress } from './address.ts';
import { MessageType } from './constants.ts';
import { parseLink } from './link.ts';
import { type MessageHeader, parseMessages } from './message.ts';
import { parseRoute } from './route.ts';
import { parseRule } from './rule.ts';

const newTally = (): Tally => ({ decoded: 0, ignored: 0, malformed: 0 });

/** Captured messages, each kind with its parser. */
const parsers = new Map<number, (bytes: Uint8Array, offset: number, length: number) => object>([
  [MessageType.newLink, parseLink],
  [MessageType.delLink, parseLink],
  [MessageType.newAddress, parseAddress],
  [MessageType.delAddress, parseAddress],
  [MessageType.newRoute, parseRoute],
  [MessageType.delRoute, parseRoute],
  [MessageType.newRule, parseRule],
  [MessageType.delRule, parseRule],
]);

describe('captured datagrams', () => {
  test('captured datagrams pass every parser without an exception', () => {
    const tally = newTally();
    for (const datagram of allDatagrams()) exerciseDatagram(datagram, tally);
    expect(tally.decoded).toBeGreaterThan(1000);
    expect(tally.malformed).toBeGreaterThan(100);
  });

  test('a datagram truncated at any byte yields complete messages and then a problem, or nothing', () => {
    for (const datagram of allDatagrams()) {
      const ends = [0];
      parseMessages(datagram, 0, datagram.length, ({ offset, length }) => ends.push(offset + length));
      for (let cut = 0; cut < datagram.length; cut++) {
        let messages = 0;
        const result = parseMessages(datagram, 0, cut, () => messages++);
        expect(messages).toBe(ends.filter((end) => end > 0 && end <= cut).length);
        expect(result.ok).toBe(ends.includes(cut) || isPadding(ends, cut));
      }
    }
  });

  for (const scenario of scenarios) {
    test(`each message of "${scenario}" truncated at any byte yields an object or a problem`, () => {
      let objects = 0;
      let problems = 0;
      for (const { datagram, header } of capturedMessages(scenario, 'events.hex')) {
        const parse = parsers.get(header.type);
        if (parse === undefined) continue;
        const { offset } = header;
        for (let cut = 0; cut < header.length; cut++) {
          const alone = parse(datagram.slice(0, offset + cut), offset, cut);
          expect(parse(datagram, offset, cut)).toEqual(alone);
          if ('problem' in alone) problems++;
          else objects++;
        }
      }
      expect(problems).toBeGreaterThan(objects);
    });
  }
});

/** Whether a cut falls into the up to three bytes between the end of a message and the next. */
const isPadding = (ends: readonly number[], cut: number): boolean =>
  ends.some((end) => end < cut && cut <= ((end + 3) & ~3));

describe('parsers never throw', () => {
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  const header = (length: number): fc.Arbitrary<MessageHeader> =>
    fc.record({
      type: fc.nat(0xffff),
      flags: fc.nat(0xffff),
      sequence: u32,
      portId: u32,
      offset: fc.constant(0),
      length: fc.constant(length),
    });

  test('no parser throws on random datagrams', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => exerciseDatagram(bytes, newTally())));
  });

  test('no parser throws on random payloads', () => {
    const payload = fc
      .uint8Array({ maxLength: 120 })
      .chain((bytes) => fc.tuple(fc.constant(bytes), header(bytes.length)));
    fc.assert(
      fc.property(payload, ([bytes, one]) => exerciseMessage(bytes, one, newTally())),
      { numRuns: 3000 },
    );
  });

  test('no parser throws on payloads with random attributes', () => {
    const attribute = fc
      .tuple(fc.nat(60), fc.uint8Array({ maxLength: 24 }), fc.constantFrom(0, 0, 0, 0, 1, -1, 4))
      .map(([type, value, lie]) => {
        const bytes = new Uint8Array((value.length + 7) & ~3);
        bytes.set([value.length + 4 + lie, 0, type, 0]);
        bytes.set(value, 4);
        return [...bytes];
      });
    const payload = fc
      .tuple(
        fc.constantFrom(0, 2, 10),
        fc.uint8Array({ minLength: 11, maxLength: 11 }),
        fc.constantFrom(0, 4),
        fc.array(attribute, { maxLength: 8 }),
      )
      .map(([family, struct, more, attributes]) =>
        Uint8Array.from([family, ...struct, ...new Array<number>(more).fill(0), ...attributes.flat()]),
      )
      .chain((bytes) => fc.tuple(fc.constant(bytes), header(bytes.length)));
    const tally = newTally();
    fc.assert(
      fc.property(payload, ([bytes, one]) => exerciseMessage(bytes, one, tally)),
      { numRuns: 5000 },
    );
    expect(tally.decoded).toBeGreaterThan(500);
    expect(tally.malformed).toBeGreaterThan(500);
  });
});
