import { expect, test } from 'bun:test';
import type { NetevdRecord } from '../../client/types.ts';
import { sampleEvent, sampleRunRecord } from '../../testing/api-samples.ts';
import { detailsOf } from './details.ts';

const labels = (record: NetevdRecord): readonly string[] => detailsOf(record).map(({ label }) => label);

test('a transition shows what was and what is', () => {
  expect(detailsOf(sampleEvent(1))[0]).toEqual({ label: 'state', before: 'routable', after: 'no-carrier' });
});

test('every changed value is shown with both its values', () => {
  const record = sampleEvent(1, {
    changed: ['state', 'gateway', 'dns'],
    before: { gateway: null, dns: ['192.0.2.53'] },
    after: { gateway: '192.0.2.1', dns: [] },
  });
  expect(detailsOf(record).slice(1, 3)).toEqual([
    { label: 'gateway', before: 'none', after: '192.0.2.1' },
    { label: 'dns', before: '192.0.2.53', after: 'none' },
  ]);
});

test('a route is shown as a person writes it', () => {
  const route = { family: 'ipv4', src: null, table: 254, protocol: 4, scope: 0, type: 1 } as const;
  const previous = { ...route, dst: '0.0.0.0/0', gateway: '192.0.2.1', priority: 1024 };
  const delta = { ...previous, action: 'change', priority: 100, previous } as const;
  const details = detailsOf(sampleEvent(1, { routes_delta: [delta] }));
  expect(details.find(({ label }) => label === 'route changed')).toEqual({
    label: 'route changed',
    before: 'default via 192.0.2.1 metric 1024',
    after: 'default via 192.0.2.1 metric 100',
  });
});

test('every kind of record has its lines', () => {
  const head = {
    schema: 'netevd.event.v1',
    ts: '',
    link: null,
    index: null,
    message: '',
    caused_by: null,
  } as const;
  const repair = {
    ...head,
    id: 'e/1',
    seq: 1,
    kind: 'repair',
    event: 'rule',
    severity: 'error',
    object: 'rule',
    action: 'added',
    text: 'from 192.0.2.10 lookup 203',
    table: 203,
    restores: false,
    result: 'failed',
    error: { code: 'EPERM', text: null },
  } as const;
  const source = {
    ...head,
    id: 'e/2',
    seq: 2,
    kind: 'source',
    event: 'source-lost',
    severity: 'warning',
  } as const;
  const config = { ...head, id: 'e/3', seq: 3, kind: 'config', event: 'reload', severity: 'info' } as const;
  const notice = {
    ...head,
    id: 'e/4',
    seq: 4,
    kind: 'repair',
    event: 'routing-conflict',
    severity: 'warning',
  } as const;
  expect(labels(repair)).toEqual(['rule', 'table', 'result', 'error']);
  expect(labels({ ...notice, object: 'notice', remedy: 'ip rule del …' })).toEqual(['fix']);
  expect(labels({ ...source, source: 'kernel', state: 'stale', cause: 'ENOBUFS' })).toEqual([
    'kernel',
    'cause',
  ]);
  expect(labels({ ...config, changed: ['hooks'], problems: 0 })).toEqual(['changed']);
  expect(labels(sampleRunRecord(1, { reason: 'r', remedy: 'm' }))).toEqual([
    'script',
    'took',
    'reason',
    'fix',
  ]);
});
