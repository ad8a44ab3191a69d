import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { StreamParser } from './stream-parser.ts';
import type { StreamMessage } from './types.ts';

const block = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
const record = (seq: number, epoch: string = 'e'): string =>
  block('record', { id: `${epoch}/${seq}`, seq }, `${epoch}.${seq}`);
const seqs = (messages: readonly StreamMessage[]): readonly number[] =>
  messages.flatMap((message) => (message.type === 'record' ? [message.record.seq] : []));

const whole = [
  'retry: 2000\n\n',
  block('hello', { epoch: 'e', head: 2 }),
  block('snapshot', { seq: 2 }, 'e.2'),
  record(3),
  block('gap', { cause: 'expired', lost: 4 }),
  record(8),
  block('bookmark', { time: 't' }, 'e.9'),
  block('bye', { reason: 'stopping' }),
].join('');

describe('the parser of the stream', () => {
  test('yields every kind of message with the id to resume from', () => {
    const parser = new StreamParser();
    const { messages } = parser.feed(whole);
    expect(messages.map(({ type, lastId }) => [type, lastId])).toEqual([
      ['hello', undefined],
      ['snapshot', 'e.2'],
      ['record', 'e.3'],
      ['gap', 'e.3'],
      ['record', 'e.8'],
      ['bookmark', 'e.9'],
      ['bye', 'e.9'],
    ]);
    expect(parser.retryMs).toBe(2000);
  });

  test('yields the same wherever the bytes are cut', () => {
    const expected = new StreamParser().feed(whole).messages;
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
        const parser = new StreamParser();
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = bounds.slice(1).map((end, index) => whole.slice(bounds[index], end));
        expect(pieces.flatMap((piece) => parser.feed(piece).messages)).toEqual([...expected]);
      }),
    );
  });

  test('leaves out records that an earlier connection has already yielded', () => {
    const parser = new StreamParser('e.5');
    expect(seqs(parser.feed(record(4) + record(5) + record(6)).messages)).toEqual([6]);
  });

  test('takes records of another epoch although their numbers are lower', () => {
    const parser = new StreamParser('e.5');
    expect(seqs(parser.feed(record(1, 'f') + record(2, 'f')).messages)).toEqual([1, 2]);
    expect(parser.lastId).toBe('f.2');
  });

  test('forgets half a message when the connection is new, and keeps the id', () => {
    const parser = new StreamParser();
    parser.feed(record(1) + record(2).slice(0, 30));
    parser.reset();
    expect(seqs(parser.feed(record(2)).messages)).toEqual([2]);
  });

  test('leaves out messages of a type that it does not know', () => {
    const parser = new StreamParser();
    expect(parser.feed(block('novelty', {}, 'e.7') + record(1)).messages.map(({ type }) => type)).toEqual([
      'record',
    ]);
  });

  test('reports data that is no JSON object, after what came before it', () => {
    const fed = new StreamParser().feed(`${record(1)}event: record\nid: e.2\ndata: [oops\n\n`);
    expect(seqs(fed.messages)).toEqual([1]);
    expect(fed.problem).toBeDefined();
  });
});
