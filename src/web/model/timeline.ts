/**
 * The timeline: rows from the newest to the oldest. Rows that arrive while the user reads are held back, so that
 * nothing moves under the finger. Pure.
 */

import type { EventsAnswer, Gap, NetevdRecord } from '../../client/types.ts';
import { cursorOf, parseCursor } from '../../client/url.ts';
import type { LocalTime } from './time.ts';

export type TimelineRow =
  | { readonly kind: 'record'; readonly key: string; readonly at: number; readonly record: NetevdRecord }
  | { readonly kind: 'gap'; readonly key: string; readonly at: number; readonly gap: Gap }
  /** The connection came back, `afterMs` after the last message of the one before. */
  | { readonly kind: 'reconnected'; readonly key: string; readonly at: number; readonly afterMs: number };

export interface Timeline {
  /** Newest first. */
  readonly rows: readonly TimelineRow[];
  /** Newest first; not shown yet. */
  readonly held: readonly TimelineRow[];
  /** The `until` that continues the list downwards; undefined if it is complete. */
  readonly older: string | undefined;
}

/** Rows that are kept; the oldest go, and can be had again from the server. */
export const MAX_ROWS = 1000;

export const emptyTimeline: Timeline = { rows: [], held: [], older: undefined };

export const recordRow = (record: NetevdRecord): TimelineRow => ({
  kind: 'record',
  key: record.id,
  at: Date.parse(record.ts),
  record,
});

/**
 * What the server answered to the filters. Of the rows of `before` those stay that came while it answered: they are
 * newer than its newest record.
 */
export function startTimeline(before: Timeline, { events, next, head_seq: head }: EventsAnswer): Timeline {
  const isLater = (row: TimelineRow): boolean =>
    row.kind !== 'record'
      ? row.at > (events[0] === undefined ? 0 : Date.parse(events[0].timestamp))
      : row.record.seq > (head ?? 0);
  const rows = [...before.rows.filter(isLater), ...events.map(({ details }) => recordRow(details))];
  return { rows, held: before.held.filter(isLater), older: next ?? undefined };
}

/** The first rows, and the open one wherever it stands (`<epoch>.<seq>`). */
export function visibleRows(
  rows: readonly TimelineRow[],
  limit: number,
  open: string | undefined,
): readonly TimelineRow[] {
  const first = rows.slice(0, limit);
  const opened = open === undefined ? undefined : rows.slice(limit).find(({ key }) => cursorOf(key) === open);
  return opened === undefined ? first : [...first, opened];
}

/** The next page of the past. */
export function appendOlder(timeline: Timeline, { events, next }: EventsAnswer): Timeline {
  const known = new Set(timeline.rows.map(({ key }) => key));
  const rows = events.map(({ details }) => recordRow(details)).filter(({ key }) => !known.has(key));
  return { ...timeline, rows: [...timeline.rows, ...rows], older: next ?? undefined };
}

/** One row that happened now. A record that is there already changes nothing. */
export function receiveRow(timeline: Timeline, row: TimelineRow, isReading: boolean): Timeline {
  if (isKnown(timeline.held, row.key) || isKnown(timeline.rows, row.key)) return timeline;
  if (isReading) return { ...timeline, held: [row, ...timeline.held].slice(0, MAX_ROWS) };
  return trimmed({ ...timeline, rows: [row, ...timeline.rows] });
}

/** New rows stand near the top. */
const isKnown = (rows: readonly TimelineRow[], key: string): boolean =>
  rows.slice(0, 100).some((row) => row.key === key);

/** Shows what was held back. */
export function releaseRows(timeline: Timeline): Timeline {
  if (timeline.held.length === 0) return timeline;
  return trimmed({ ...timeline, rows: [...timeline.held, ...timeline.rows], held: [] });
}

function trimmed(timeline: Timeline): Timeline {
  if (timeline.rows.length <= MAX_ROWS) return timeline;
  const rows = timeline.rows.slice(0, MAX_ROWS);
  const oldest = rows.findLast((row) => row.kind === 'record');
  return { ...timeline, rows, older: oldest === undefined ? timeline.older : cursorOf(oldest.key) };
}

/** `12 new`, `1000+ new`. */
export const heldText = ({ held }: Timeline): string =>
  held.length >= MAX_ROWS ? `${MAX_ROWS}+ new` : `${held.length} new`;

/** Whether the rows lie in one day, or a heading is due before `row`. */
export function startsDay(row: TimelineRow, above: TimelineRow | undefined, time: LocalTime): boolean {
  return above === undefined || time.day(above.at) !== time.day(row.at);
}

/** The text of a row that is no record. */
export function gapText({ lost, from, to, cause }: Gap): string {
  const count = lost === null ? 'records' : `${lost} record${lost === 1 ? '' : 's'}`;
  const ends = [from, to].map((cursor) => (cursor === null ? undefined : parseCursor(cursor)?.seq));
  const range = ends.includes(undefined) ? '' : ` (#${ends[0]} to #${ends[1]})`;
  return `gap: ${count}${range} ${gapReasons[cause] ?? 'are missing'}; what follows is the state now`;
}

const gapReasons: Readonly<Partial<Record<string, string>>> = {
  expired: 'are no longer kept',
  'slow-reader': 'came faster than this page could read them',
  'other-epoch': 'belong to an earlier boot or history',
  'history-failed': 'cannot be read from the history',
};

/** Records that `id` led to, oldest first. */
export const consequencesOf = (timeline: Timeline, id: string): readonly NetevdRecord[] =>
  timeline.rows
    .flatMap((row) => (row.kind === 'record' && row.record.caused_by === id ? [row.record] : []))
    .toReversed();
