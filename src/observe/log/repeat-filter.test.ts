import { describe, expect, test } from 'bun:test';
import { instant } from '../../core/model/ids.ts';
import { RepeatFilter, repeatWindow } from './repeat-filter.ts';

type Step = readonly [
  at: number,
  key: string,
  text: string,
  expected: 'written' | 'held' | `sum ${number}` | `sum ${number}, written`,
];

describe('RepeatFilter', () => {
  const rows: [what: string, steps: Step[]][] = [
    [
      'the first line is written, a repeat is held back',
      [
        [0, 'a', 'no', 'written'],
        [1, 'a', 'no', 'held'],
        [2, 'a', 'no', 'held'],
      ],
    ],
    [
      'a different line is written after the sum of the repeats',
      [
        [0, 'a', 'no', 'written'],
        [1, 'a', 'no', 'held'],
        [2, 'a', 'no', 'held'],
        [3, 'a', 'yes', 'sum 2, written'],
      ],
    ],
    [
      'a different line without repeats before it has no sum',
      [
        [0, 'a', 'no', 'written'],
        [1, 'a', 'yes', 'written'],
        [2, 'a', 'no', 'written'],
      ],
    ],
    [
      'subjects do not mix',
      [
        [0, 'a', 'no', 'written'],
        [1, 'b', 'no', 'written'],
        [2, 'a', 'no', 'held'],
      ],
    ],
    [
      'a sum comes after five minutes',
      [
        [0, 'a', 'no', 'written'],
        [1, 'a', 'no', 'held'],
        [repeatWindow - 1, 'a', 'no', 'held'],
        [repeatWindow, 'a', 'no', 'sum 3'],
        [repeatWindow + 1, 'a', 'no', 'held'],
      ],
    ],
  ];
  for (const [what, steps] of rows) {
    test(what, () => {
      const filter = new RepeatFilter<string>();
      const seen = steps.map(([at, key, text]) => {
        const { write, summary } = filter.note(key, text, text, instant(at));
        const sum = summary === undefined ? [] : [`sum ${summary.times}`];
        return [...sum, ...(write ? ['written'] : [])].join(', ') || 'held';
      });
      expect(seen).toEqual(steps.map(([, , , expected]) => expected));
    });
  }

  test('repeats are summed up if no further line follows', () => {
    const filter = new RepeatFilter<string>();
    filter.note('a', 'no', 'first', instant(0));
    filter.note('a', 'no', 'second', instant(10));
    expect(filter.due(instant(repeatWindow - 1))).toEqual([]);
    expect(filter.due(instant(repeatWindow))).toEqual([{ line: 'second', times: 1, over: repeatWindow }]);
    expect(filter.due(instant(repeatWindow + 1))).toEqual([]);
  });

  test('a repeated line is written again after a quiet window', () => {
    const filter = new RepeatFilter<string>();
    filter.note('a', 'no', 'x', instant(0));
    filter.due(instant(repeatWindow));
    expect(filter.note('a', 'no', 'x', instant(repeatWindow + 1))).toEqual({ write: true });
  });

  test('repeats are summed up at the end', () => {
    const filter = new RepeatFilter<string>();
    filter.note('a', 'no', 'x', instant(0));
    filter.note('a', 'no', 'x', instant(5));
    expect(filter.drain(instant(9))).toEqual([{ line: 'x', times: 1, over: 9 }]);
    expect(filter.drain(instant(9))).toEqual([]);
  });

  test('the number of subjects is limited, and the sum about the oldest is written', () => {
    const filter = new RepeatFilter<string>();
    filter.note('first', 'no', 'x', instant(0));
    filter.note('first', 'no', 'x', instant(1));
    const sums = [];
    for (let i = 0; i < 1024; i++) sums.push(filter.note(`s${i}`, 'no', 'x', instant(2)).summary);
    expect(sums.filter((sum) => sum !== undefined)).toEqual([{ line: 'x', times: 1, over: 2 }]);
    expect(filter.note('first', 'no', 'x', instant(3)).write).toBe(true);
  });
});
