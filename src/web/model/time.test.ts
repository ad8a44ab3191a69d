import { describe, expect, test } from 'bun:test';
import { formatAge, formatDuration, formatShortAge, localTime } from './time.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

test.each([
  [-5, '0 s'],
  [999, '0 s'],
  [4 * second, '4 s'],
  [59 * second, '59 s'],
  [minute, '1 min'],
  [59 * minute, '59 min'],
  [2 * hour, '2 h'],
  [2 * hour + 5 * minute, '2 h 5 min'],
  [12 * day + 4 * hour, '12 d 4 h'],
])('an age of %d ms is %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

test.each([
  [3 * minute, '3 min'],
  [2 * hour + 5 * minute, '2 h'],
  [12 * day + 4 * hour, '12 d'],
])('a short age of %d ms is %s', (ms, text) => {
  expect(formatShortAge(ms)).toBe(text);
});

test.each([
  [34, '34 ms'],
  [2304, '2.3 s'],
  [30_000, '30 s'],
  [210_000, '3.5 min'],
])('%d ms took %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

describe('local time', () => {
  const time = localTime('Europe/Berlin');
  const at = Date.parse('2026-11-28T23:30:07.000Z');

  test('is of the time zone', () => {
    expect([time.clock(at), time.minute(at), time.day(at)]).toEqual(['00:30:07', '00:30', 'Sun, Nov 29']);
  });

  test('names the day if it is another one', () => {
    expect(time.moment(at, at + hour)).toBe('00:30');
    expect(time.moment(at, at + 24 * hour)).toBe('Nov 29, 00:30');
  });
});
