import { expect, test } from 'bun:test';
import type {
  ConfigRecord,
  EventRecord,
  HookRunRecord,
  NetevdRecord,
  NoticeRecord,
  RepairRecord,
  SourceRecord,
} from '../../core/view/types/records.ts';
import { auditOf } from './record-audit.ts';

const file = '/etc/netevd/netevd.yaml';
const head = {
  schema: 'netevd.event.v1',
  id: 'e/7',
  seq: 7,
  ts: '2026-11-28T02:51:07.123Z',
  event: 'routable',
  link: 'eth0',
  index: 2,
  severity: 'info',
  message: '',
  caused_by: 'e/6',
} as const;

const event = { ...head, kind: 'event', state: 'routable', backend: 'kernel' } as unknown as EventRecord;
const run = (result: string, over: object = {}): HookRunRecord =>
  ({
    ...head,
    kind: 'hook_run',
    run: {
      path: '/etc/netevd/routable.d/10-log',
      link: 'eth0',
      result,
      exit_code: null,
      signal: null,
      reason: null,
      duration_ms: 12.3,
      ...over,
    },
  }) as unknown as HookRunRecord;
const repair = (over: Partial<RepairRecord>): RepairRecord => ({
  ...head,
  kind: 'repair',
  object: 'rule',
  action: 'added',
  text: 'from 192.0.2.10 lookup 203',
  restores: false,
  table: 203,
  result: 'done',
  error: null,
  ...over,
});
const source: SourceRecord = {
  ...head,
  kind: 'source',
  event: 'source-lost',
  link: null,
  source: 'systemd-networkd',
  state: 'absent',
  cause: null,
};
const config = (name: string, over: Partial<ConfigRecord> = {}): ConfigRecord => ({
  ...head,
  kind: 'config',
  event: name,
  changed: [],
  problems: 0,
  ...over,
});
const notice: NoticeRecord = { ...head, kind: 'repair', object: 'notice', remedy: null };
const dns = { object: 'dns', action: 'set', text: '192.0.2.53', table: null } as const;

const rows: readonly [record: NetevdRecord, entry: unknown][] = [
  [
    event,
    { type: 'network_event', event: 'routable', subject: 'eth0', state: 'routable', backend: 'kernel' },
  ],
  [
    { ...event, link: null, event: 'manager' },
    { type: 'network_event', event: 'manager', subject: 'host', state: 'routable', backend: 'kernel' },
  ],
  [
    source,
    {
      type: 'network_event',
      event: 'source-lost',
      subject: 'systemd-networkd',
      state: 'absent',
      backend: 'systemd-networkd',
    },
  ],
  [run('ok', { exit_code: 0 }), { type: 'script_execution', outcome: 'ok', exitCode: 0, durationMs: 12.3 }],
  [run('failed', { signal: 'SIGSEGV' }), { outcome: 'failed', signal: 'SIGSEGV', link: 'eth0' }],
  [run('refused', { reason: 'why', link: null }), { outcome: 'refused', reason: 'why' }],
  [repair({}), { type: 'rule_change', action: 'added', object: 'from 192.0.2.10 lookup 203', table: 203 }],
  [
    repair({ object: 'route', action: 'removed', result: 'failed', error: { code: 'ESRCH', text: null } }),
    { type: 'route_change', action: 'removed', result: 'failure', errno: 'ESRCH', link: 'eth0' },
  ],
  [repair(dns), { type: 'interface_change', object: 'dns', action: 'set', value: '192.0.2.53' }],
  [
    repair({ ...dns, object: 'hostname', action: 'reverted', text: '', link: null }),
    { type: 'interface_change', object: 'hostname', action: 'reverted', value: '', result: 'success' },
  ],
  [
    repair({ ...dns, result: 'failed', error: { code: 'org.x.Denied', text: 'no' } }),
    { result: 'failure', error: 'org.x.Denied' },
  ],
  [config('start'), { type: 'config_change', action: 'start', file, result: 'success' }],
  [config('reload', { changed: ['hooks'] }), { action: 'reload', result: 'success', changed: ['hooks'] }],
  [config('reload-refused', { problems: 2 }), { action: 'reload', result: 'failure', problems: 2 }],
];

test.each(rows)('the record %j has its audit entry', (record, entry) => {
  expect(auditOf(record, file)?.entry).toMatchObject(entry as object);
});

test('an entry has the number of its record, its time and its cause', () => {
  expect(auditOf(event, file)?.context).toEqual({
    at: Date.UTC(2026, 10, 28, 2, 51, 7, 123),
    actor: { kind: 'daemon' },
    seq: 7,
    causedBy: 'e/6',
  });
  expect(auditOf({ ...event, caused_by: null }, file)?.context).not.toHaveProperty('causedBy');
});

test('a notice has no entry', () => {
  expect(auditOf(notice, file)).toBeUndefined();
});
