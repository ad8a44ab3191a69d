import { expect, test } from 'bun:test';
import { expiredGap } from './expired-gap.ts';

const epochs = [
  { name: 'a', last: 10 },
  { name: 'b', last: 0 },
  { name: 'c', last: 5 },
];
type At = readonly [epoch: string, seq: number];
const rows: readonly [what: string, after: At, horizon: At, gap: readonly [At, At, number] | undefined][] = [
  ['nothing where the horizon is the position', ['a', 4], ['a', 4], undefined],
  ['what lies between in one epoch', ['a', 4], ['a', 7], [['a', 5], ['a', 7], 3]],
  ['the rest of one epoch and the start of another', ['a', 8], ['c', 2], [['a', 9], ['c', 2], 4]],
  ['the start alone where the first epoch was read', ['a', 10], ['c', 2], [['c', 1], ['c', 2], 2]],
  ['the rest alone where the next epoch is whole', ['a', 8], ['c', 0], [['a', 9], ['a', 10], 2]],
  ['nothing where all of one epoch was read and the next is whole', ['a', 10], ['c', 0], undefined],
  ['nothing for a reader that knows more than was stored', ['a', 12], ['c', 0], undefined],
];

test.each(rows)('a reader misses %s', (_what, after, horizon, gap) => {
  const at = ([epoch, seq]: At) => ({ epoch, seq });
  expect(expiredGap(epochs, at(after), at(horizon))).toEqual(
    gap === undefined
      ? undefined
      : { kind: 'gap', cause: 'expired', from: at(gap[0]), to: at(gap[1]), lost: gap[2] },
  );
});
