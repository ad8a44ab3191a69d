/** Renders records as JSON for history, stream, API, audit and sinks. */
import type { Activity, ConfigReloaded, LifecycleChanged, SourceChanged } from '../activity.ts';
import type { NetworkEvent } from '../model/event.ts';
import type { Epoch, EventId, IfIndex, Seq, Timestamp } from '../model/ids.ts';
import { type Numbered, type RecordKind, recordId } from '../model/record.ts';
import type { State } from '../model/state.ts';
import { renderEventFields } from './event-json.ts';
import { eventSentence, eventSeverity } from './event-sentence.ts';
import { hookRunSummary } from './hook-run-view.ts';
import { linkDetails } from './link-details.ts';
import { noticeView } from './notice-view.ts';
import { resolverRepair, routingRepair } from './repair-view.ts';
import { runText } from './sentences.ts';
import type { EventRecord, NetevdRecord } from './types/records.ts';

/** A record with the fields that readers select by. */
export interface RecordView {
  readonly epoch: Epoch;
  readonly seq: Seq;
  readonly at: Timestamp;
  readonly kind: RecordKind;
  /** The `event` field of the record. */
  readonly type: string;
  readonly link: string | undefined;
  readonly record: NetevdRecord;
}

export interface RecordContext {
  readonly epoch: Epoch;
  readonly nameOf: (index: IfIndex) => string;
}

/**
 * Renders the records of an activity, in the order of their numbers; none for an activity without a number.
 */
export function recordViews(activity: Activity, context: RecordContext): readonly RecordView[] {
  switch (activity.kind) {
    case 'finding':
      return activity.events.map((event) => eventView(event, stateOf(event, activity), context));
    case 'hookValuesRejected':
    case 'epochBegan':
      return [];
    default:
      return [viewOf(otherRecord(activity, context), activity, context)];
  }
}

const viewOf = (record: NetevdRecord, { seq, at }: Numbered, { epoch }: RecordContext): RecordView => ({
  epoch,
  seq,
  at,
  kind: record.kind,
  type: record.event,
  link: record.link ?? undefined,
  record,
});

/** Returns the state in which the link of the event exists. */
function stateOf(event: NetworkEvent, { before, after }: { before: State; after: State }): State {
  if (event.link === undefined) return after;
  return after.links.get(event.link.index)?.generation === event.link.generation ? after : before;
}

function eventView(event: NetworkEvent, state: State, context: RecordContext): RecordView {
  const details = event.link === undefined ? undefined : linkDetails(event.link, state);
  const record: EventRecord = {
    ...renderEventFields(event, details),
    kind: 'event',
    severity: eventSeverity(event),
    message: eventSentence(event),
    caused_by: null,
  };
  return viewOf(record, event, context);
}

type NumberedActivity = Exclude<Activity, { kind: 'finding' | 'hookValuesRejected' | 'epochBegan' }>;

function otherRecord(activity: NumberedActivity, context: RecordContext): NetevdRecord {
  const head = commonFields(activity, context);
  switch (activity.kind) {
    case 'hookRunEnded': {
      const { run } = activity;
      const summary = hookRunSummary(run, head.id);
      return {
        ...head,
        kind: 'hook_run',
        event: run.directory,
        link: summary.link,
        index: summary.index,
        severity: summary.result === 'ok' ? 'info' : 'error',
        message: runText(run),
        caused_by: run.eventId,
        run: summary,
      };
    }
    case 'routingChanged':
      return { ...head, ...routingRepair(activity, context.nameOf) };
    case 'resolverChanged':
      return { ...head, ...resolverRepair(activity.outcome) };
    case 'routingNoticed':
    case 'resolverNoticed':
      return { ...head, ...noticeView(activity) };
    case 'sourceChanged':
      return { ...head, ...sourceRecord(activity) };
    case 'configReloaded':
      return { ...head, ...reloadRecord(activity) };
    case 'lifecycle':
      return { ...head, ...lifecycleRecord(activity) };
  }
}

interface CommonFields {
  readonly schema: 'netevd.event.v1';
  readonly id: EventId;
  readonly seq: Seq;
  readonly ts: string;
  readonly link: null;
  readonly index: null;
  readonly caused_by: null;
}

const commonFields = ({ seq, at }: Numbered, { epoch }: RecordContext): CommonFields => ({
  schema: 'netevd.event.v1',
  id: recordId(epoch, seq),
  seq,
  ts: new Date(at).toISOString(),
  link: null,
  index: null,
  caused_by: null,
});

function sourceRecord({ source, to, cause }: SourceChanged) {
  const isBack = to === 'current';
  const event = cause === undefined ? (isBack ? 'source-up' : 'source-lost') : 'resync';
  const message = cause === undefined ? `${source}: ${isBack ? 'available' : to}` : `${source}: ${cause}`;
  return {
    kind: 'source',
    event,
    severity: isBack ? 'info' : 'warning',
    message,
    source,
    state: to,
    cause: cause ?? null,
  } as const;
}

function reloadRecord({ ok, changed, problems }: ConfigReloaded) {
  const summary = changed.length === 0 ? 'no changes' : `changed: ${changed.join(', ')}`;
  return {
    kind: 'config',
    event: ok ? 'reload' : 'reload-refused',
    severity: ok ? 'info' : 'error',
    message: ok ? `configuration reloaded, ${summary}` : `configuration refused, errors: ${problems.length}`,
    changed,
    problems: problems.length,
  } as const;
}

function lifecycleRecord({ phase }: LifecycleChanged) {
  return {
    kind: 'config',
    event: phase === 'ready' ? 'start' : 'stop',
    severity: 'info',
    message: phase === 'ready' ? 'netevd started' : 'netevd stops',
    changed: [],
    problems: 0,
  } as const;
}
