import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { EventsAnswer, Gap, NetevdRecord } from '../../client/types.ts';
import { sampleEvent, sampleRunRecord } from '../../testing/api-samples.ts';
import { filterQuery, isFiltering, matchesFilters, noFilters, parseKind } from './filters.ts';
import { localTime } from './time.ts';
import {
  appendOlder,
  consequencesOf,
  emptyTimeline,
  gapText,
  heldText,
  MAX_ROWS,
  receiveRow,
  recordRow,
  releaseRows,
  startsDay,
  startTimeline,
  type Timeline,
  visibleRows,
} from './timeline.ts';
import { formatUrlState, parseUrlState } from './url-state.ts';

const page = (records: readonly NetevdRecord[], next: string | null = null): EventsAnswer => ({
  events: records.map((record) => ({
    id: record.id,
    seq: record.seq,
    timestamp: record.ts,
    event_type: record.event,
    interface: record.link,
    action: record.message,
    details: record,
  })),
  count: records.length,
  has_more: next !== null,
  next,
  oldest_seq: 1,
  head_seq: records[0]?.seq ?? null,
  truncated: false,
});
const keys = ({ rows }: Timeline): readonly string[] => rows.map(({ key }) => key);
const receive = (timeline: Timeline, seq: number, isReading: boolean = false): Timeline =>
  receiveRow(timeline, recordRow(sampleEvent(seq)), isReading);

describe('a new row', () => {
  test('stands at the top', () => {
    expect(keys(receive(receive(emptyTimeline, 1), 2))).toEqual(['e/2', 'e/1']);
  });

  test('waits while the user reads, and appears when it is released', () => {
    const held = receive(receive(receive(emptyTimeline, 1), 2, true), 3, true);
    expect(keys(held)).toEqual(['e/1']);
    expect(heldText(held)).toBe('2 new');
    expect(keys(releaseRows(held))).toEqual(['e/3', 'e/2', 'e/1']);
    expect(releaseRows(held).held).toEqual([]);
  });

  test('that is there already, shown or held, changes nothing', () => {
    const timeline = receive(receive(emptyTimeline, 1), 2, true);
    expect(receive(timeline, 1)).toBe(timeline);
    expect(receive(timeline, 2, true)).toBe(timeline);
  });

  test('pushes the oldest out, which can be read again from there', () => {
    let timeline = emptyTimeline;
    for (let seq = 1; seq <= MAX_ROWS + 3; seq++) timeline = receive(timeline, seq);
    expect(timeline.rows).toHaveLength(MAX_ROWS);
    expect(timeline.older).toBe('e.4');
  });

  test('comes once and in order whatever is held and released in between', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ isReading: fc.boolean(), isReleased: fc.boolean() })), (steps) => {
        let timeline = emptyTimeline;
        for (const [index, { isReading, isReleased }] of steps.entries()) {
          if (isReleased || !isReading) timeline = releaseRows(timeline);
          timeline = receive(timeline, index + 1, isReading);
        }
        const expected = steps.map((_, index) => `e/${steps.length - index}`);
        expect(keys(releaseRows(timeline))).toEqual(expected);
      }),
    );
  });
});

describe('pages', () => {
  test('replace what was there, but for rows that came while the server answered', () => {
    const waiting = receive(receive(emptyTimeline, 2), 9);
    const timeline = startTimeline(waiting, page([sampleEvent(8), sampleEvent(2)], 'e.2'));
    expect(keys(timeline)).toEqual(['e/9', 'e/8', 'e/2']);
    expect(timeline.older).toBe('e.2');
  });

  test('follow below, without a row twice', () => {
    const first = startTimeline(emptyTimeline, page([sampleEvent(5), sampleEvent(4)], 'e.4'));
    const both = appendOlder(first, page([sampleEvent(4), sampleEvent(3)]));
    expect(keys(both)).toEqual(['e/5', 'e/4', 'e/3']);
    expect(both.older).toBeUndefined();
  });
});

describe('the list', () => {
  const rows = [5, 4, 3, 2, 1].map((seq) => recordRow(sampleEvent(seq)));

  test('is as long as wanted, and has the open row wherever that stands', () => {
    expect(visibleRows(rows, 2, undefined).map(({ key }) => key)).toEqual(['e/5', 'e/4']);
    expect(visibleRows(rows, 2, 'e.1').map(({ key }) => key)).toEqual(['e/5', 'e/4', 'e/1']);
    expect(visibleRows(rows, 2, 'e.5').map(({ key }) => key)).toEqual(['e/5', 'e/4']);
  });

  test('has a heading where a day begins', () => {
    const utc = localTime('UTC');
    const [today, before] = [sampleEvent(0), sampleEvent(-3 * 3600)].map(recordRow) as [never, never];
    expect(startsDay(today, undefined, utc)).toBe(true);
    expect(startsDay(today, today, utc)).toBe(false);
    expect(startsDay(before, today, utc)).toBe(true);
  });

  test('finds what a record led to, in the order in which it happened', () => {
    const timeline = [
      sampleEvent(1),
      { ...sampleRunRecord(2), caused_by: 'e/1' },
      { ...sampleRunRecord(3), caused_by: 'e/1' },
    ].reduce((list, record) => receiveRow(list, recordRow(record), false), emptyTimeline);
    expect(consequencesOf(timeline, 'e/1').map(({ seq }) => seq)).toEqual([2, 3]);
  });
});

describe('a gap', () => {
  const gap: Gap = { cause: 'expired', from: 'e.300', to: 'e.611', oldest: 612, lost: 312 };

  test('says what is missing and why', () => {
    expect(gapText(gap)).toContain('312 records (#300 to #611) are no longer kept');
  });

  test('is described also if its size is unknown', () => {
    expect(gapText({ ...gap, cause: 'other-epoch', from: null, to: null, lost: null })).toContain(
      'records belong',
    );
  });
});

describe('filters', () => {
  test.each([
    [{}, true],
    [{ link: 'eth2' }, true],
    [{ link: 'eth' }, false],
    [{ kind: 'event' }, true],
    [{ kind: 'repair' }, false],
    [{ failures: true }, true],
  ] as const)('%j pass a warning of eth2: %p', (change, passes) => {
    expect(matchesFilters({ ...noFilters, ...change }, sampleEvent(1))).toBe(passes);
  });

  test('for failures leave out what went well', () => {
    expect(matchesFilters({ ...noFilters, failures: true }, sampleRunRecord(1))).toBe(false);
  });

  test('are the query of a request too', () => {
    expect(filterQuery({ link: 'eth2', kind: 'repair', failures: true })).toEqual({
      interface: 'eth2',
      kind: 'repair',
      severity: 'warning',
    });
    expect(Object.values(filterQuery(noFilters))).toEqual([undefined, undefined, undefined]);
    expect([noFilters, { ...noFilters, failures: true }].map(isFiltering)).toEqual([false, true]);
  });

  test('know no other kinds than those that there are', () => {
    expect(['event', 'constructor', 'x', ''].map(parseKind)).toEqual(['event', '', '', '']);
  });
});

describe('the address', () => {
  test('is empty for the default state', () => {
    expect(formatUrlState({ filters: noFilters, record: undefined })).toBe('');
  });

  test('gives back every state that it was made from', () => {
    const kinds = fc.constantFrom('', 'event', 'hook_run', 'repair', 'source', 'config');
    const filters = fc.record({ link: fc.string(), kind: kinds, failures: fc.boolean() });
    fc.assert(
      fc.property(filters, fc.option(fc.string({ minLength: 1 }), { nil: undefined }), (some, record) => {
        const state = { filters: some, record } as Parameters<typeof formatUrlState>[0];
        expect(parseUrlState(formatUrlState(state))).toEqual(state);
      }),
    );
  });

  test('is not believed', () => {
    expect(parseUrlState('#kind=nonsense&failures=yes&x=1').filters).toEqual(noFilters);
  });
});
