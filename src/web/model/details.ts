/** What an open row of the timeline shows of its record: values with what they were before. Pure. */
import type {
  EventRecord,
  Json,
  NetevdRecord,
  NoticeRecord,
  RepairRecord,
  RouteDeltaView,
} from '../../client/types.ts';
import { formatDuration } from './time.ts';

/** One line: a value, or what it was and what it is. */
export interface Detail {
  readonly label: string;
  readonly before?: string;
  readonly after: string;
}

/** Lines for one record; none if its message says everything. */
export function detailsOf(record: NetevdRecord): readonly Detail[] {
  switch (record.kind) {
    case 'event':
      return eventDetails(record);
    case 'hook_run':
      return [
        { label: 'script', after: record.run.path },
        { label: 'took', after: formatDuration(record.run.duration_ms) },
        ...optional('reason', record.run.reason),
        ...optional('fix', record.run.remedy),
      ];
    case 'repair':
      return repairDetails(record);
    case 'source':
      return [{ label: record.source, after: record.state }, ...optional('cause', record.cause)];
    case 'config':
      return record.changed.length === 0 ? [] : [{ label: 'changed', after: record.changed.join(', ') }];
  }
}

function repairDetails(record: RepairRecord | NoticeRecord): readonly Detail[] {
  if (record.object === 'notice') return optional('fix', record.remedy);
  const { object, text, table, result, error } = record;
  const reason = error === null ? null : [error.code, error.text].filter((part) => part !== null).join(': ');
  return [
    { label: object, after: text },
    ...optional('table', table === null ? null : String(table)),
    { label: 'result', after: result },
    ...optional('error', reason),
  ];
}

const optional = (label: string, value: string | null): readonly Detail[] =>
  value === null ? [] : [{ label, after: value }];

function eventDetails(record: EventRecord): readonly Detail[] {
  const state: readonly Detail[] =
    record.previous_state === null
      ? [{ label: 'state', after: record.state }]
      : [{ label: 'state', before: record.previous_state, after: record.state }];
  return [
    ...state,
    ...changedDetails(record),
    ...(record.changed_addresses === null
      ? []
      : [{ label: 'addresses', after: record.changed_addresses.join(', ') }]),
    ...record.routes_delta.map(routeDetail),
    { label: 'reported by', after: record.resync ? `${record.backend}, by reading again` : record.backend },
  ];
}

/** Words that stand for a change of state are shown once. */
const changedDetails = ({ changed = [], before, after }: EventRecord): readonly Detail[] =>
  changed
    .filter((key) => key !== 'state')
    .map((key) => ({ label: key, before: valueText(before?.[key]), after: valueText(after?.[key]) }));

function valueText(value: Json | undefined): string {
  if (value === undefined || value === null || value === '') return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const routeActions = { new: 'added', del: 'removed', change: 'changed' } as const;

function routeDetail({ action, previous, ...route }: RouteDeltaView): Detail {
  const line = { label: `route ${routeActions[action]}`, after: routeText(route) };
  return previous === undefined ? line : { ...line, before: routeText(previous) };
}

function routeText({ dst, gateway, table, priority }: Omit<RouteDeltaView, 'action' | 'previous'>): string {
  const target = /^(0\.0\.0\.0|::)\/0$/.test(dst) ? 'default' : dst;
  const via = gateway === null ? '' : ` via ${gateway}`;
  const where = table === 254 ? '' : ` table ${table}`;
  return `${target}${via}${where}${priority === 0 ? '' : ` metric ${priority}`}`;
}
