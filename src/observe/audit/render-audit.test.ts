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
} as const;
const rows: readonly [
  entry: AuditEntry,
  body: readonly [action: string, resource: string, result: string, details: unknown],
][] = [
  [
    { type: 'network_event', event: 'routable', link: 'eth0', state: 'routable', backend: 'kernel' },
    ['routable', 'eth0', 'success', { state: 'routable', backend: 'kernel' }],
  ],
  [
    { type: 'network_event', event: 'manager', state: 'online', backend: 'systemd-networkd' },
    ['manager', 'host', 'success', { state: 'online', backend: 'systemd-networkd' }],
  ],
  [
    { ...script, link: 'eth0', end: { kind: 'exit', code: 0 }, durationMs: 12 },
    ['routable', script.script, 'success', { link: 'eth0', exit_code: 0, duration_ms: 12 }],
  ],
  [
    { ...script, link: 'eth0', end: { kind: 'exit', code: 3 }, durationMs: 12 },
    ['routable', script.script, 'failure', { link: 'eth0', exit_code: 3, duration_ms: 12 }],
  ],
  [
    { ...script, end: { kind: 'signal', signal: 'SIGSEGV' }, durationMs: 1 },
    ['routable', script.script, 'failure', { signal: 'SIGSEGV', duration_ms: 1 }],
  ],
  [
    { ...script, end: { kind: 'timeout' }, durationMs: 30_000 },
    ['routable', script.script, 'failure', { reason: 'timeout', duration_ms: 30_000 }],
  ],
  [
    { ...script, end: { kind: 'failed', errno: 'ENOEXEC' } },
    ['routable', script.script, 'failure', { errno: 'ENOEXEC' }],
  ],
  [
    { ...script, end: { kind: 'refused', reason: 'writable by others' } },
    ['routable', script.script, 'failure', { reason: 'writable by others' }],
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
      action: 'add',
      object: 'from 192.0.2.10 lookup 203',
      table: 203,
      link: 'eth1',
      result: 'success',
    },
    ['add', 'from 192.0.2.10 lookup 203', 'success', { table: 203, link: 'eth1' }],
  ],
  [
    {
      type: 'route_change',
      action: 'delete',
      object: 'default via 192.0.2.1',
      table: 203,
      result: 'failure',
      errno: 'ESRCH',
    },
    ['delete', 'default via 192.0.2.1', 'failure', { table: 203, errno: 'ESRCH' }],
  ],
  [
    {
      type: 'interface_change',
      action: 'set-dns',
      link: 'eth0',
      values: ['192.0.2.53'],
      service: 'org.freedesktop.resolve1',
      result: 'partial',
    },
    ['set-dns', 'eth0', 'partial', { values: ['192.0.2.53'], service: 'org.freedesktop.resolve1' }],
  ],
  [
    {
      type: 'interface_change',
      action: 'set-hostname',
      values: ['gw1'],
      service: 'org.freedesktop.hostname1',
      result: 'failure',
      error: 'org.freedesktop.DBus.Error.AccessDenied',
    },
    [
      'set-hostname',
      'host',
      'failure',
      {
        values: ['gw1'],
        service: 'org.freedesktop.hostname1',
        error: 'org.freedesktop.DBus.Error.AccessDenied',
      },
    ],
  ],
];

describe('a line of the audit log', () => {
  test.each(rows)('of %j', (entry, [action, resource, result, details]) => {
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

  test('says who called, with number and cause', () => {
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

  test('stays one line, and short, whatever a peer sends', () => {
    const path = `/\n{"event_type":"forged"}\u2028\u0000\ud800${'x'.repeat(100_000)}`;
    const entry: AuditEntry = { type: 'api_request', method: 'GET\r\n', path, status: 404 };
    const text = renderAudit(id, entry, daemon);
    expect(text.length).toBeLessThan(2500);
    expect(line(entry)).toMatchObject({ action: 'GET\r\n', event_type: 'api_request' });
    const many: AuditEntry = {
      type: 'interface_change',
      action: 'set-dns',
      values: Array.from({ length: 5000 }, () => 'y'.repeat(5000)),
      service: 's',
      result: 'success',
    };
    expect(renderAudit(id, many, daemon).length).toBeLessThan(100_000);
  });

  test('in the place of lost ones says how many', () => {
    const lost = JSON.parse(renderLost(id, at, 12)) as Record<string, unknown>;
    expect(lost).toMatchObject({ action: 'audit-lost', result: 'failure', details: { lost: 12 } });
    const keys = Object.keys(line({ type: 'api_request', method: 'GET', path: '/', status: 200 }));
    expect(Object.keys(lost)).toEqual(keys);
  });
});
