import { expect, test } from 'bun:test';
import { parseValues } from './parsed-values.ts';

test('valid values keep their order and count once, invalid texts are counted', () => {
  expect(parseValues(['3', 'x', '1', '3'], (text) => (/^\d$/.test(text) ? Number(text) : undefined))).toEqual(
    {
      values: [3, 1],
      rejected: 1,
    },
  );
});
