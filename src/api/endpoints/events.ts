/** `/events`. */
import { ifIndex } from '../../core/model/ids.ts';
import { formatPosition, type RecordPosition } from '../../core/records/stored-record.ts';
import { renderInterface } from '../../core/view/event-json.ts';
import { linkDetails } from '../../core/view/link-details.ts';
import type { EventsQuery } from '../../core/view/types/endpoints.ts';
import type { EventRow } from '../../core/view/types/records.ts';
import type { ApiContext } from '../context.ts';
import { type ApiEndpoint, get } from '../endpoint.ts';
import { bound, one, whole } from '../parameters.ts';
import { eventRow, type ListRequest, listRecords } from '../records/list-records.ts';
import {
  isSevere,
  type RangeBound,
  rangeBound,
  recordFilter,
  recordParameters,
} from '../records/record-query.ts';

export const eventsEndpoint: ApiEndpoint = get(
  '/api/v1/events',
  'read',
  { ...recordParameters, until: bound, limit: whole(1, 1000), full: one },
  async (context, { query }) => {
    const request = listRequest(context, query);
    const list = await listRecords(context, request);
    const rows = list.records.flatMap((record) => eventRow(record) ?? []);
    const { history } = context;
    return {
      events: query.full === 1 ? rows.map((row) => withInterface(context, row)) : rows,
      count: rows.length,
      has_more: list.hasMore,
      next: list.hasMore && list.next !== null ? formatPosition(list.next) : null,
      oldest_seq: history.oldest()?.seq ?? null,
      head_seq: history.head()?.seq ?? null,
      truncated: list.hasGap && query.since !== undefined,
    };
  },
);

/** With `since`, oldest first from there; else newest first. */
function listRequest(context: ApiContext, query: EventsQuery): ListRequest {
  const at = { epoch: context.snapshot().epoch, now: context.clock.wall() };
  const since = rangeBound(query.since, at);
  const until = rangeBound(query.until, at);
  const isForward = since !== undefined;
  const times = { ...timeOf('since', since), ...timeOf('until', until) };
  const end = until?.kind === 'position' ? until.position : undefined;
  return {
    direction: isForward ? 'forward' : 'backward',
    from: positionOf(isForward ? since : until),
    filter: { ...recordFilter(query), ...times },
    accepts: (record) =>
      isSevere(record, query.severity) &&
      (!isForward || end === undefined || record.epoch !== end.epoch || record.seq < end.seq),
    limit: query.limit ?? 100,
  };
}

const positionOf = (bound: RangeBound | undefined): RecordPosition | null =>
  bound?.kind === 'position' ? bound.position : null;

const timeOf = (key: 'since' | 'until', bound: RangeBound | undefined): { readonly [key: string]: number } =>
  bound?.kind === 'time' ? { [key]: bound.at } : {};

/** `full=1`: the record with the interface as it is now; as it was then, nobody keeps it. */
function withInterface(context: ApiContext, row: EventRow): EventRow {
  const { details } = row;
  if (details.kind !== 'event' || details.index === null) return row;
  const { state } = context.snapshot();
  const status = state.links.get(ifIndex(details.index));
  if (status === undefined || status.name !== details.link) return row;
  const now = linkDetails(status, state);
  return { ...row, details: { ...details, interface: renderInterface({ state: status.operational }, now) } };
}
