/** Converts records to audit entries: all but notices, which are no actions. */
import type {
  EventRecord,
  HookRunRecord,
  NetevdRecord,
  RepairRecord,
} from '../../core/view/types/records.ts';
import type { AuditContext, AuditEntry } from './audit-event.ts';

export interface AuditedRecord {
  readonly entry: AuditEntry;
  readonly context: AuditContext;
}

/** Undefined for a notice. `file`: path of the configuration. */
export function auditOf(record: NetevdRecord, file: string): AuditedRecord | undefined {
  const entry = entryOf(record, file);
  if (entry === undefined) return undefined;
  const { seq, ts, caused_by } = record;
  const cause = caused_by === null ? {} : { causedBy: caused_by };
  return { entry, context: { at: Date.parse(ts), actor: { kind: 'daemon' }, seq, ...cause } };
}

function entryOf(record: NetevdRecord, file: string): AuditEntry | undefined {
  switch (record.kind) {
    case 'event':
      return eventEntry(record);
    case 'hook_run':
      return runEntry(record);
    case 'repair':
      return record.object === 'notice' ? undefined : repairEntry(record);
    case 'source': {
      const { event, source, state } = record;
      return { type: 'network_event', event, subject: source, state, backend: source };
    }
    case 'config': {
      const { event, changed, problems } = record;
      const action = event === 'start' || event === 'stop' ? event : 'reload';
      const result = event === 'reload-refused' ? 'failure' : 'success';
      return { type: 'config_change', action, file, result, changed, problems };
    }
  }
}

const eventEntry = ({ event, link, state, backend }: EventRecord): AuditEntry => ({
  type: 'network_event',
  event,
  subject: link ?? 'host',
  state,
  backend,
});

function runEntry({ event, run }: HookRunRecord): AuditEntry {
  const { path, link, result, exit_code, signal, reason, duration_ms } = run;
  return {
    type: 'script_execution',
    script: path,
    event,
    outcome: result,
    durationMs: duration_ms,
    ...(link === null ? {} : { link }),
    ...(exit_code === null ? {} : { exitCode: exit_code }),
    ...(signal === null ? {} : { signal }),
    ...(reason === null ? {} : { reason }),
  };
}

function repairEntry({ object, action, text, table, link, result, error }: RepairRecord): AuditEntry {
  const ending = result === 'done' ? 'success' : 'failure';
  const where = link === null ? {} : { link };
  if (object === 'rule' || object === 'route') {
    return {
      type: object === 'rule' ? 'rule_change' : 'route_change',
      action: action === 'added' ? 'added' : 'removed',
      object: text,
      result: ending,
      ...where,
      ...(table === null ? {} : { table }),
      ...(error === null ? {} : { errno: error.code }),
    };
  }
  return {
    type: 'interface_change',
    object,
    action: action === 'set' ? 'set' : 'reverted',
    value: text,
    result: ending,
    ...where,
    ...(error === null ? {} : { error: error.code }),
  };
}
