/** Renders a line of the audit log. Keys and values of `event_type` are those of the Rust predecessor's log. */
import type {
  AuditActor,
  AuditContext,
  AuditEntry,
  AuditResult,
  ScriptExecutionEntry,
} from './audit-event.ts';

type Details = Readonly<Record<string, string | number | readonly string[] | undefined>>;

interface Rendered {
  readonly action: string;
  readonly resource: string;
  readonly result: AuditResult;
  readonly details: Details;
}

/** Limits of texts and lists: values of any peer must not fill the disk. */
const longestValue = 1024;
const mostValues = 64;

/**
 * One JSON object and a line feed. JSON escapes every control character, so a value never starts a line of its own.
 * `id`: the UUID of the line.
 */
export function renderAudit(id: string, entry: AuditEntry, context: AuditContext): string {
  const { action, resource, result, details } = bodyOf(entry);
  const { actor, seq, causedBy } = context;
  const line = {
    id,
    timestamp: new Date(context.at).toISOString(),
    event_type: entry.type,
    actor: actorName(actor),
    action: cut(action),
    resource: cut(resource),
    result,
    seq: seq ?? null,
    uid: actor.kind === 'process' ? actor.uid : null,
    pid: actor.kind === 'process' ? actor.pid : null,
    caused_by: causedBy ?? null,
    details: cutDetails(details),
  };
  return `${JSON.stringify(line)}\n`;
}

/** The line that replaces lines lost while the disk failed. */
export function renderLost(id: string, at: number, lost: number): string {
  const line = {
    id,
    timestamp: new Date(at).toISOString(),
    event_type: 'config_change',
    actor: 'netevd',
    action: 'audit-lost',
    resource: 'audit',
    result: 'failure',
    seq: null,
    uid: null,
    pid: null,
    caused_by: null,
    details: { lost },
  };
  return `${JSON.stringify(line)}\n`;
}

function actorName(actor: AuditActor): string {
  if (actor.kind === 'daemon') return 'netevd';
  if (actor.kind === 'socket') return cut(`unix:${actor.name}`);
  return actor.kind === 'process' ? `uid:${actor.uid}` : cut(`tcp:${actor.address}`);
}

function bodyOf(entry: AuditEntry): Rendered {
  switch (entry.type) {
    case 'network_event': {
      const { event, subject, state, backend } = entry;
      return { action: event, resource: subject, result: 'success', details: { state, backend } };
    }
    case 'script_execution':
      return scriptBody(entry);
    case 'config_change': {
      const { action, file, result, changed, problems } = entry;
      return { action, resource: file, result, details: { changed, problems } };
    }
    case 'api_request': {
      const { method, path, status, code } = entry;
      const result = status < 400 ? 'success' : 'failure';
      return { action: method, resource: path, result, details: { status, code } };
    }
    case 'route_change':
    case 'rule_change': {
      const { action, object, table, link, result, errno } = entry;
      return { action, resource: object, result, details: { table, link, errno } };
    }
    case 'interface_change': {
      const { object, action, link, value, result, error } = entry;
      return { action: `${object}-${action}`, resource: link ?? 'host', result, details: { value, error } };
    }
  }
}

function scriptBody(entry: ScriptExecutionEntry): Rendered {
  const { script, event, link, outcome, exitCode, signal, reason, durationMs } = entry;
  return {
    action: event,
    resource: script,
    result: scriptResults[outcome],
    details: { link, outcome, exit_code: exitCode, signal, reason, duration_ms: durationMs },
  };
}

/** `partial`: it started, and its own end was not observed. */
const scriptResults: Readonly<Record<ScriptExecutionEntry['outcome'], AuditResult>> = {
  ok: 'success',
  failed: 'failure',
  timeout: 'failure',
  refused: 'failure',
  not_started: 'failure',
  stopped: 'partial',
  unknown: 'partial',
};

const cut = (text: string): string =>
  text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`;

function cutDetails(details: Details): Details {
  const cutValue = (value: Details[string]): Details[string] => {
    if (typeof value === 'string') return cut(value);
    return typeof value === 'object' ? value.slice(0, mostValues).map(cut) : value;
  };
  return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, cutValue(value)]));
}
