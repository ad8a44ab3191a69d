import { describe, expect, test } from 'bun:test';
import { epoch1, epoch2 } from '../../testing/sample-records.ts';
import { formatPosition, gapBetween, parsePosition } from './stored-record.ts';

describe('parsePosition', () => {
  test('parsePosition reads the output of formatPosition', () => {
    const position = { epoch: epoch1, seq: 4711 };
    expect(parsePosition(formatPosition(position))).toEqual(position);
    expect(parsePosition(`${epoch1}.0`)).toEqual({ epoch: epoch1, seq: 0 });
  });

  test.each([
    ['', 'no text'],
    [epoch1, 'no number'],
    [`${epoch1}.`, 'an empty number'],
    [`${epoch1}.-1`, 'a negative number'],
    [`${epoch1}.01`, 'a leading zero'],
    [`${epoch1}.1.2`, 'two numbers'],
    [`${epoch1}.9007199254740992`, 'more than an exact number'],
    [`${epoch1.toUpperCase().replace('0', 'A')}.1`, 'upper case'],
    [`x.1`, 'no UUID'],
    [` ${epoch1}.1`, 'a space'],
  ])('parsePosition rejects %p: %s', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });
});

describe('gapBetween', () => {
  const rows: readonly [
    what: string,
    last: [string, number] | null,
    first: [string, number],
    gap: unknown,
  ][] = [
    ['there is no gap between consecutive records', [epoch1, 4], [epoch1, 5], undefined],
    ['there is no gap between a record and itself', [epoch1, 5], [epoch1, 5], undefined],
    ['the gap between two records of one epoch has the numbers in between', [epoch1, 4], [epoch1, 8], [5, 7]],
    ['there is no gap before the first record of another epoch', [epoch1, 4], [epoch2, 1], undefined],
    ['the gap between two epochs is the start of the second', [epoch1, 4], [epoch2, 3], [1, 2]],
    ['the gap of an empty history is the start of the epoch', null, [epoch1, 3], [1, 2]],
    ['there is no gap before the very first record', null, [epoch1, 1], undefined],
  ];
  test.each(rows)('%s', (_what, last, [epoch, seq], gap) => {
    const from = last === null ? null : { epoch: last[0], seq: last[1] };
    const found = gapBetween(from, { epoch, seq });
    expect(found === undefined ? undefined : [found.from?.seq, found.to?.seq]).toEqual(gap as never);
    if (found !== undefined) {
      expect([found.from?.epoch, found.cause]).toEqual([epoch, 'history-failed']);
      expect(found.lost).toBe((found.to?.seq ?? 0) - (found.from?.seq ?? 0) + 1);
    }
  });
});
