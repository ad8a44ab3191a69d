/** `netevd events`: the records of the history, and with `--follow` those that come. */
import type { Result } from '../../client/problem.ts';
import type { EventsAnswer, EventsQuery, NetevdRecord } from '../../client/types.ts';
import { ExitCode } from '../../exit-code.ts';
import { eventColumns } from '../render/event-line.ts';
import { fieldProblem } from '../render/table.ts';
import { EventPrinter } from './event-printer.ts';
import { followEvents } from './follow-events.ts';
import {
  type Connection,
  failRequest,
  failUsage,
  openConnection,
  requestSignal,
  type Session,
} from './session.ts';

export interface EventsOptions {
  readonly follow?: boolean | undefined;
  readonly interface?: string | undefined;
  readonly eventType?: string | undefined;
  /** How many of the newest records. */
  readonly tail?: number | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Records without `--since`, `--until` and `--tail`. */
const defaultTail = 20;
const pageSize = 1000;

/** 0 as soon as the list is complete or the user ends it. */
export async function runEvents(session: Session, options: EventsOptions): Promise<number> {
  const usage = usageProblem(session, options);
  if (usage !== undefined) return failUsage(session, usage);
  const opened = openConnection(session, 'read');
  if (!opened.ok) return failUsage(session, opened.problem);
  const { connection } = opened;
  const printer = new EventPrinter(session);
  if (options.follow === true) return await followEvents(session, connection, options, printer);
  const listed = await listEvents(session, connection, options, printer);
  printer.end();
  return listed.ok ? ExitCode.ok : failRequest(session, connection.endpoint, listed.problem);
}

function usageProblem({ options: { fields } }: Session, options: EventsOptions): string | undefined {
  const keys = eventColumns.map(({ key }) => key);
  if (options.follow === true && options.until !== undefined) {
    return '--until cannot be combined with --follow';
  }
  return fieldProblem(fields, keys);
}

/** Prints what was asked for, oldest first. */
async function listEvents(
  session: Session,
  connection: Connection,
  options: EventsOptions,
  printer: EventPrinter,
): Promise<Result<unknown>> {
  const { since, until, tail } = options;
  if (since !== undefined && until === undefined && tail === undefined) {
    return await pagesForward(session, connection, options, printer);
  }
  const limit = tail ?? (since === undefined && until === undefined ? defaultTail : Infinity);
  const newest = await newestRecords(session, connection, options, limit);
  if (!newest.ok) return newest;
  if (newest.value.truncated) printer.truncated(newest.value.oldest);
  for (const record of newest.value.records) printer.record(record);
  return newest;
}

async function pagesForward(
  session: Session,
  { client }: Connection,
  options: EventsOptions,
  printer: EventPrinter,
): Promise<Result<EventsAnswer>> {
  let query: EventsQuery = { ...selection(options), since: options.since, limit: pageSize };
  for (let isFirst = true; ; isFirst = false) {
    const page = await client.get('/api/v1/events', { query, signal: requestSignal(session) });
    if (!page.ok) return page;
    if (isFirst && page.value.truncated) printer.truncated(page.value.oldest_seq);
    for (const { details } of page.value.events) printer.record(details);
    if (!page.value.has_more || page.value.next === null) return page;
    query = { ...query, since: page.value.next };
  }
}

/** The newest records, oldest first. */
export interface NewestRecords {
  readonly records: readonly NetevdRecord[];
  /** Whether `since` is older than the oldest stored record, and that record's number. */
  readonly truncated: boolean;
  readonly oldest: number | null;
}

/** Reads at most `limit` of the newest records that the options select. */
export async function newestRecords(
  session: Session,
  { client }: Connection,
  options: EventsOptions,
  limit: number,
): Promise<Result<NewestRecords>> {
  const records: NetevdRecord[] = [];
  const latest =
    options.since === undefined ? undefined : new Date(session.world.wall() + 1000).toISOString();
  let until = options.until ?? latest;
  for (;;) {
    const asked = Math.min(pageSize, limit - records.length);
    const query: EventsQuery = { ...selection(options), since: options.since, until, limit: asked };
    const page = await client.get('/api/v1/events', { query, signal: requestSignal(session) });
    if (!page.ok) return page;
    const { events, has_more: more, next, truncated, oldest_seq: oldest } = page.value;
    records.push(...events.map(({ details }) => details));
    if (!more || next === null || records.length >= limit) {
      return { ok: true, value: { records: records.reverse(), truncated, oldest } };
    }
    until = next;
  }
}

/** What selects records, for the list and for the stream. */
export const selection = ({ interface: link, eventType }: EventsOptions): EventsQuery => ({
  interface: link,
  event_type: eventType,
});
