import { describe, expect, test } from 'bun:test';
import type { AuditContext, AuditEntry } from './audit-event.ts';
import { renderAudit, renderLost } from './render-audit.ts';

const at = Date.UTC(2026, 10, 28, 2, 51, 7, 123);
const id = '7d442d09-eb46-404f-ac24-5dea78fe014d';
const daemon: AuditContext = { at, actor: { kind: 'daemon' } };
const line = (entry: AuditEntry, context: AuditContext = daemon): Record<string, unknown> => {
  const text = renderAudit(id, entry, context);
  expect(text.indexOf('\n')).toBe(text.length - 1);
  return JSON.parse(text) as Record<string, unknown>;
};

const script = {
  type: 'script_execution',
  script: '/etc/netevd/routable.d/10-log',
  event: 'routable',
  durationMs: 12,
} as const;
type Body = readonly [action: string, resource: string, result: string, details: unknown];
const rows: readonly [entry: AuditEntry, body: Body][] = [
  [
    { type: 'network_event', event: 'routable', subject: 'eth0', state: 'routable', backend: 'kernel' },
    ['routable', 'eth0', 'success', { state: 'routable', backend: 'kernel' }],
  ],
  [
    { ...script, link: 'eth0', outcome: 'ok', exitCode: 0 },
    ['routable', script.script, 'success', { link: 'eth0', outcome: 'ok', exit_code: 0, duration_ms: 12 }],
  ],
  [
    { ...script, outcome: 'failed', exitCode: 3 },
    ['routable', script.script, 'failure', { outcome: 'failed', exit_code: 3, duration_ms: 12 }],
  ],
  [
    { ...script, outcome: 'failed', signal: 'SIGSEGV' },
    ['routable', script.script, 'failure', { outcome: 'failed', signal: 'SIGSEGV', duration_ms: 12 }],
  ],
  [
    { ...script, outcome: 'timeout' },
    ['routable', script.script, 'failure', { outcome: 'timeout', duration_ms: 12 }],
  ],
  [
    { ...script, outcome: 'refused', reason: 'writable by others' },
    [
      'routable',
      script.script,
      'failure',
      { outcome: 'refused', reason: 'writable by others', duration_ms: 12 },
    ],
  ],
  [
    { ...script, outcome: 'stopped' },
    ['routable', script.script, 'partial', { outcome: 'stopped', duration_ms: 12 }],
  ],
  [
    {
      type: 'config_change',
      action: 'reload',
      file: '/etc/netevd/netevd.yaml',
      result: 'success',
      changed: ['hooks', 'api'],
      problems: 0,
    },
    ['reload', '/etc/netevd/netevd.yaml', 'success', { changed: ['hooks', 'api'], problems: 0 }],
  ],
  [
    { type: 'api_request', method: 'POST', path: '/api/v1/reload', status: 403, code: 'forbidden' },
    ['POST', '/api/v1/reload', 'failure', { status: 403, code: 'forbidden' }],
  ],
  [
    { type: 'api_request', method: 'POST', path: '/api/v1/config/validate', status: 200 },
    ['POST', '/api/v1/config/validate', 'success', { status: 200 }],
  ],
  [
    {
      type: 'rule_change',
      action: 'added',
      object: 'from 192.0.2.10 lookup 203',
      table: 203,
      result: 'success',
    },
    ['added', 'from 192.0.2.10 lookup 203', 'success', { table: 203 }],
  ],
  [
    {
      type: 'route_change',
      action: 'removed',
      object: 'default via 192.0.2.1',
      table: 203,
      link: 'eth1',
      result: 'failure',
      errno: 'ESRCH',
    },
    ['removed', 'default via 192.0.2.1', 'failure', { table: 203, link: 'eth1', errno: 'ESRCH' }],
  ],
  [
    {
      type: 'interface_change',
      object: 'dns',
      action: 'set',
      link: 'eth0',
      value: '192.0.2.53',
      result: 'success',
    },
    ['dns-set', 'eth0', 'success', { value: '192.0.2.53' }],
  ],
  [
    {
      type: 'interface_change',
      object: 'hostname',
      action: 'set',
      value: 'gw1',
      result: 'failure',
      error: 'org.freedesktop.DBus.Error.AccessDenied',
    },
    ['hostname-set', 'host', 'failure', { value: 'gw1', error: 'org.freedesktop.DBus.Error.AccessDenied' }],
  ],
];

describe('renderAudit', () => {
  test.each(rows)('the line of the entry %j', (entry, [action, resource, result, details]) => {
    expect(line(entry)).toEqual({
      id,
      timestamp: '2026-11-28T02:51:07.123Z',
      event_type: entry.type,
      actor: 'netevd',
      action,
      resource,
      result,
      seq: null,
      uid: null,
      pid: null,
      caused_by: null,
      details,
    });
  });

  test('a line has the caller, the number and the cause', () => {
    const entry: AuditEntry = { type: 'api_request', method: 'POST', path: '/x', status: 200 };
    const context: AuditContext = {
      at,
      actor: { kind: 'process', uid: 1000, pid: 42 },
      seq: 7,
      causedBy: 'e/6',
    };
    expect(line(entry, context)).toMatchObject({
      actor: 'uid:1000',
      uid: 1000,
      pid: 42,
      seq: 7,
      caused_by: 'e/6',
    });
    const remote: AuditContext = { at, actor: { kind: 'address', address: '192.0.2.9' } };
    expect(line(entry, remote)).toMatchObject({ actor: 'tcp:192.0.2.9', uid: null, pid: null });
  });

  test('values of any peer cannot add a line or fill the disk', () => {
    const path = `/\n{"event_type":"forged"}\u2028\u0000\ud800${'x'.repeat(100_000)}`;
    const entry: AuditEntry = { type: 'api_request', method: 'GET\r\n', path, status: 404 };
    const text = renderAudit(id, entry, daemon);
    expect(text.length).toBeLessThan(2500);
    expect(line(entry)).toMatchObject({ action: 'GET\r\n', event_type: 'api_request' });
    const many: AuditEntry = {
      type: 'config_change',
      action: 'reload',
      file: 'f',
      result: 'failure',
      changed: Array.from({ length: 5000 }, () => 'y'.repeat(5000)),
      problems: 1,
    };
    expect(renderAudit(id, many, daemon).length).toBeLessThan(100_000);
  });

  test('the line that replaces lost lines has their number', () => {
    const lost = JSON.parse(renderLost(id, at, 12)) as Record<string, unknown>;
    expect(lost).toMatchObject({ action: 'audit-lost', result: 'failure', details: { lost: 12 } });
    const keys = Object.keys(line({ type: 'api_request', method: 'GET', path: '/', status: 200 }));
    expect(Object.keys(lost)).toEqual(keys);
  });
});
