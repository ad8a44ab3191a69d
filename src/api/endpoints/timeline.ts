/** `/timeline`: how the operational states of the watched links went, for a strip of the last day. */
import { type IfIndex, timestamp } from '../../core/model/ids.ts';
import { hasCarrier, type OperationalState } from '../../core/model/vocabulary.ts';
import { parseRecord } from '../../core/records/parse-record.ts';
import { isOperational } from '../../core/view/sentences.ts';
import type { LinkTimeline, TimelineAnswer, TimelineSegment } from '../../core/view/types/links.ts';
import type { NetevdRecord } from '../../core/view/types/records.ts';
import type { ApiContext } from '../context.ts';
import { type ApiEndpoint, get } from '../endpoint.ts';
import { whole } from '../parameters.ts';
import { type ApiProblem, problem } from '../problem.ts';
import { listRecords } from '../records/list-records.ts';

const hour = 3_600_000;
/** Segments of one link: a strip has no more room. */
const mostSegments = 200;
/** Records that are looked at: the newest. */
const mostRecords = 20_000;
/** Requests that are answered or wait; one has all its records in memory, some 30 MB, so that there is one at a time. */
const mostRequests = 16;

/** Does one thing after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** Undefined where too many wait. */
  take<T>(work: () => Promise<T>): Promise<T> | undefined {
    if (this.#count >= mostRequests) return undefined;
    this.#count++;
    const mine = this.#last.then(work).finally(() => this.#count--);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

const turns = new Turns();
const busy: ApiProblem = problem(
  503,
  'NETEVD_API_BUSY',
  'too many timelines at once; try again in 1 s',
  null,
  {
    'retry-after': '1',
  },
);

export const timelineEndpoint: ApiEndpoint = get(
  '/api/v1/timeline',
  'read',
  { hours: whole(1, 168) },
  (context, { query: { hours = 24 } }) => turns.take(() => timeline(context, hours)) ?? busy,
);

async function timeline(context: ApiContext, hours: number): Promise<TimelineAnswer> {
  const now = context.clock.wall();
  const start = now - hours * hour;
  const list = await listRecords(context, {
    direction: 'backward',
    from: null,
    filter: { kinds: ['event', 'config'], since: start },
    accepts: () => true,
    limit: mostRecords,
  });
  const records = list.records.flatMap((stored) => parseRecord(stored) ?? []).reverse();
  const strips = new Strips(context, start);
  for (const record of records) strips.follow(record);
  const isWhole = !list.hasMore && !list.hasGap;
  const since = isWhole ? start : Math.max(start, Date.parse(records[0]?.ts ?? new Date(now).toISOString()));
  return {
    since: new Date(since).toISOString(),
    until: new Date(now).toISOString(),
    links: strips.finish(),
  };
}

interface Strip {
  readonly segments: TimelineSegment[];
  flaps: number;
}

/** Puts the states of records one after the other, link by link. */
class Strips {
  readonly #context: ApiContext;
  readonly #start: number;
  readonly #strips = new Map<IfIndex, Strip>();

  constructor(context: ApiContext, start: number) {
    this.#context = context;
    this.#start = start;
    const { state, selection } = context.snapshot();
    for (const { index, name } of state.links.values()) {
      if (selection.isMonitored(name)) this.#strips.set(index, { segments: [], flaps: 0 });
    }
  }

  /** Oldest first. */
  follow(record: NetevdRecord): void {
    if (record.kind === 'config' && record.event === 'stop') this.#nobodyWatches(record.ts);
    if (record.kind === 'config' && record.event === 'start') this.#watchesAgain(record.ts);
    if (record.kind !== 'event' || record.index === null) return;
    const strip = this.#strips.get(record.index as IfIndex);
    if (strip === undefined || !isOperational(record.state)) return;
    const previous = record.previous_state;
    if (strip.segments.length === 0 && previous !== null && isOperational(previous) && !record.initial) {
      strip.segments.push({ at: new Date(this.#start).toISOString(), state: previous });
    }
    if (previous !== null && isOperational(previous) && hasCarrier(previous) && !hasCarrier(record.state)) {
      strip.flaps++;
    }
    add(strip, record.ts, record.state);
  }

  /** Every watched link; one of which nothing was recorded was all the time what it is now. */
  finish(): readonly LinkTimeline[] {
    const { state } = this.#context.snapshot();
    return [...this.#strips].flatMap(([index, { segments, flaps }]) => {
      const link = state.links.get(index);
      if (link === undefined) return [];
      const now: TimelineSegment = { at: this.#sinceOf(index), state: link.operational };
      const whole = segments.length === 0 ? [now] : segments;
      return [{ name: link.name, index, segments: whole.slice(-mostSegments), flaps }];
    });
  }

  /** The daemon stopped: until its next start nobody knows. */
  #nobodyWatches(at: string): void {
    for (const strip of this.#strips.values()) if (strip.segments.length > 0) add(strip, at, 'unknown');
  }

  /** What has changed meanwhile was recorded before this; the rest is as it was. */
  #watchesAgain(at: string): void {
    for (const strip of this.#strips.values()) {
      const before = strip.segments.at(-2);
      if (strip.segments.at(-1)?.state === 'unknown' && before !== undefined) add(strip, at, before.state);
    }
  }

  #sinceOf(index: IfIndex): string {
    const since = this.#context.tracker.link(index)?.since ?? timestamp(this.#start);
    return new Date(Math.max(this.#start, since)).toISOString();
  }
}

function add({ segments }: Strip, at: string, state: OperationalState | 'unknown'): void {
  const last = segments.at(-1);
  if (last?.state === state) return;
  if (last?.at === at) segments.pop();
  segments.push({ at, state });
}
