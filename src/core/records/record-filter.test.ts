import { expect, test } from 'bun:test';
import { epoch1, firstAt, sampleRecord } from '../../testing/sample-records.ts';
import { everyRecord, matchesFilter, type RecordFilter } from './record-filter.ts';

const record = sampleRecord(epoch1, 10);
const rows: readonly [filter: RecordFilter, matches: boolean][] = [
  [everyRecord, true],
  [{ link: 'eth0' }, true],
  [{ link: 'eth' }, false],
  [{ types: ['mtu', 'routable'] }, true],
  [{ types: [] }, false],
  [{ kinds: ['event'] }, true],
  [{ kinds: ['hook_run', 'repair'] }, false],
  [{ since: firstAt + 10_000 }, true],
  [{ since: firstAt + 10_001 }, false],
  [{ until: firstAt + 10_001 }, true],
  [{ until: firstAt + 10_000 }, false],
  [{ link: 'eth0', types: ['routable'], kinds: ['event'], since: 0, until: firstAt * 2 }, true],
  [{ link: 'eth0', types: ['mtu'] }, false],
];

test.each(rows)('filter %j matches the sample record: %p', (filter, matches) => {
  expect(matchesFilter(filter, record)).toBe(matches);
});

test('a record without a link does not match a filter by link', () => {
  const { link: _none, ...host } = record;
  expect(matchesFilter({ link: 'eth0' }, host)).toBe(false);
});
