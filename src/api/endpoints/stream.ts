/** `/events/stream`. */
import { everyRecord } from '../../core/records/record-filter.ts';
import { parsePosition, type RecordPosition } from '../../core/records/stored-record.ts';
import type { StreamQuery } from '../../core/view/types/endpoints.ts';
import type { ApiContext } from '../context.ts';
import type { ApiEndpoint, ApiResult, EndpointRequest } from '../endpoint.ts';
import { one } from '../parameters.ts';
import { problem } from '../problem.ts';
import { quote } from '../query.ts';
import { type RangeBound, rangeBound, recordFilter, recordParameters } from '../records/record-query.ts';
import { statusAnswer } from '../status/status-answer.ts';
import { encodeMessage, sseContentType } from '../stream/sse.ts';
import { streamLimit } from '../stream/stream-hub.ts';
import type { InterfaceList } from './interfaces.ts';

export const streamEndpoint = (list: InterfaceList): ApiEndpoint => ({
  method: 'GET',
  path: '/api/v1/events/stream',
  access: 'read',
  query: { ...recordParameters, snapshot: one },
  run: (context, request: EndpointRequest<StreamQuery>) => openStream(context, request, list),
});

function openStream(
  context: ApiContext,
  { query, header }: EndpointRequest<StreamQuery>,
  list: InterfaceList,
): ApiResult {
  const lastId = header('last-event-id');
  const last = lastId === undefined || lastId === '' ? undefined : parsePosition(lastId);
  if (lastId !== undefined && lastId !== '' && last === undefined) {
    return problem(400, 'NETEVD_API_REQUEST', `Last-Event-ID is ${quote(lastId)}, expected <epoch>.<seq>`);
  }
  const at = { epoch: context.snapshot().epoch, now: context.clock.wall() };
  const since: RangeBound | undefined =
    last === undefined ? rangeBound(query.since, at) : { kind: 'position', position: last };
  const session = context.streams.open({
    filter: { ...everyRecord, ...recordFilter(query), ...(since?.kind === 'time' && { since: since.at }) },
    severity: query.severity,
    from: since === undefined ? undefined : since.kind === 'position' ? since.position : null,
    hello: helloMessage(context),
    snapshot: (position) => snapshotMessage(context, list, position),
    wantsSnapshot: query.snapshot === 1,
  });
  if (session !== undefined) return { kind: 'stream', stream: session, contentType: sseContentType };
  const message = `there are ${streamLimit} readers of the stream already`;
  return problem(503, 'NETEVD_API_STREAM_LIMIT', message, null, { 'retry-after': '10' });
}

function helloMessage(context: ApiContext): Uint8Array {
  return encodeMessage({
    type: 'hello',
    epoch: context.snapshot().epoch,
    hostname: context.hostname(),
    version: context.about.version,
    time: new Date(context.clock.wall()).toISOString(),
    oldest: context.history.oldest()?.seq ?? null,
    head: context.history.head()?.seq ?? null,
  });
}

/** The state now. Its id is where the records go on that follow. */
function snapshotMessage(
  context: ApiContext,
  list: InterfaceList,
  position: RecordPosition | undefined,
): Uint8Array {
  const snapshot = {
    type: 'snapshot',
    seq: context.history.head()?.seq ?? null,
    status: statusAnswer(context),
    interfaces: list.links(context),
  } as const;
  return encodeMessage(snapshot, position ?? context.history.head() ?? undefined);
}
