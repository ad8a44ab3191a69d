/** The states of a link over the last day, as shapes and as a sentence. Pure. */
import type { LinkTimeline, NetevdRecord } from '../../client/types.ts';
import { isOperational, type StateClass, stateClass } from './link-state.ts';
import { formatAge } from './time.ts';

export const STRIP_HOURS = 24;
export const STRIP_SPAN: number = STRIP_HOURS * 3_600_000;
/** Units of the drawing: one for each minute. */
export const STRIP_WIDTH: number = STRIP_HOURS * 60;
export const STRIP_HEIGHT = 20;

/** A link that flaps all day must not fill the memory of a tab that is open all year. */
const MAX_SEGMENTS = 400;

export interface StripSegment {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: string;
}

export interface Strip {
  /** Oldest first. */
  readonly segments: readonly StripSegment[];
}

/** As the timeline of the API has it. */
export const stripOf = ({ segments }: LinkTimeline): Strip => ({
  segments: segments.map(({ at, state }) => ({ at: Date.parse(at), state })),
});

/** `strip` with the state that a record tells of. */
export function foldStrip(strip: Strip, record: NetevdRecord): Strip {
  if (record.kind !== 'event' || record.event !== record.state || !isOperational(record.state)) return strip;
  const at = Date.parse(record.ts);
  const last = strip.segments.at(-1);
  if (last !== undefined && (at < last.at || last.state === record.state)) return strip;
  return { segments: [...strip.segments.slice(1 - MAX_SEGMENTS), { at, state: record.state }] };
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly state: string;
}

/** Segments with their ends, cut to the day before `now`. */
function spansOf({ segments }: Strip, now: number): readonly Span[] {
  const start = now - STRIP_SPAN;
  return segments.flatMap(({ at, state }, index) => {
    const from = Math.max(at, start);
    const to = Math.min(segments[index + 1]?.at ?? now, now);
    return to > from ? [{ from, to, state }] : [];
  });
}

/** How tall each class is drawn: a worse state is taller, so the strip works without colour. */
const heights: Readonly<Record<StateClass, number>> = { good: 4, partial: 9, bad: 20, off: 2, unknown: 1 };
/** The narrowest visible width. */
const LEAST_WIDTH = 12;

export interface StripShape {
  readonly class: StateClass;
  /** The `d` of an SVG path. */
  readonly path: string;
}

/** One path for each class of state: four nodes for a link, however often it flapped. */
export function stripShapes(strip: Strip, now: number): readonly StripShape[] {
  const paths = new Map<StateClass, string>();
  for (const { from, to, state } of spansOf(strip, now)) {
    const kind = stateClass(state);
    const x = ((from - now + STRIP_SPAN) / STRIP_SPAN) * STRIP_WIDTH;
    const least = kind === 'bad' || kind === 'partial' ? LEAST_WIDTH : 0;
    const width = Math.max(least, ((to - from) / STRIP_SPAN) * STRIP_WIDTH);
    const left = Math.min(x, STRIP_WIDTH - width);
    const height = heights[kind];
    const piece = `M${round(left)} ${STRIP_HEIGHT - height}h${round(width)}v${height}h${round(-width)}z`;
    paths.set(kind, `${paths.get(kind) ?? ''}${piece}`);
  }
  const order: readonly StateClass[] = ['unknown', 'off', 'good', 'partial', 'bad'];
  return order.flatMap((kind) => {
    const path = paths.get(kind);
    return path === undefined ? [] : [{ class: kind, path }];
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Losses of carrier, in the last day. */
export function countFlaps(strip: Strip, now: number): number {
  const start = now - STRIP_SPAN;
  return strip.segments.filter(({ at, state }, index) => {
    const before = strip.segments[index - 1]?.state;
    return at >= start && before !== undefined && stateClass(state) === 'bad' && isUp(before);
  }).length;
}

const isUp = (state: string): boolean => ['good', 'partial'].includes(stateClass(state));

/** `last 24 h: routable 23 h 12 min, no-carrier 48 min; carrier lost 3 times`: what the shapes say, in words. */
export function stripText(strip: Strip, now: number): string {
  const totals = new Map<string, number>();
  for (const { from, to, state } of spansOf(strip, now)) {
    totals.set(state, (totals.get(state) ?? 0) + to - from);
  }
  if (totals.size === 0) return 'last 24 h: nothing recorded';
  const parts = [...totals].toSorted((a, b) => b[1] - a[1]).map(([state, ms]) => `${state} ${formatAge(ms)}`);
  const flaps = countFlaps(strip, now);
  const lost = flaps === 0 ? '' : `; carrier lost ${flaps === 1 ? 'once' : `${flaps} times`}`;
  return `last 24 h: ${parts.join(', ')}${lost}`;
}
