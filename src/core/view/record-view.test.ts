import { describe, expect, test } from 'bun:test';
import {
  sampleAddress,
  sampleEvent,
  sampleKernelLink,
  sampleRoute,
  sampleState,
} from '../../testing/sample-state.ts';
import type { Activity } from '../activity.ts';
import type { HookRun } from '../hooks/hook-run.ts';
import { type Epoch, eventId, generation, ifIndex, millis, seq, tableId, timestamp } from '../model/ids.ts';
import type { RuleObject } from '../model/kernel-objects.ts';
import { mapOf } from '../model/persistent-map.ts';
import { recordKinds } from '../model/record.ts';
import { recordViews } from './record-view.ts';

const epoch = '01930000-0000-7000-8000-000000000001' as Epoch;
const at = timestamp(1_790_000_000_123);
const context = { epoch, nameOf: (index: number) => `link${index}` };
const state = sampleState();
const numbered = { seq: seq(7), at };

const run: HookRun = {
  eventId: eventId(`${epoch}/6`),
  seq: seq(6),
  directory: 'routable',
  link: { index: ifIndex(2), generation: generation(0), name: 'eth0' },
  source: 'kernel',
  state: 'routable',
  script: '10-ddns',
  path: '/etc/netevd/routable.d/10-ddns',
  startedAt: at,
  duration: millis(12.34),
  outcome: { kind: 'exited', code: 0 },
  stdout: 'SECRET',
  stderr: 'SECRET',
  droppedOutput: 0,
  outputStillOpen: false,
  cpu: millis(1),
  retry: false,
};

const finding = (over: Partial<Activity & { kind: 'finding' }> = {}): Activity => ({
  kind: 'finding',
  before: state,
  after: state,
  changes: [],
  events: [],
  superseded: [],
  resync: false,
  initial: false,
  ...over,
});

const route = sampleRoute({ table: tableId(202) });
const sampleRule: RuleObject = {
  family: 4,
  priority: 30_000,
  table: tableId(202),
  action: 1,
  protocol: 157,
  flags: 0,
  tos: 0,
};
const addRoute = { kind: 'addRoute', route } as const;
const link = { index: ifIndex(2), generation: generation(0), name: 'eth0' };

const rows: [what: string, activity: Activity, fields: object][] = [
  [
    'a hook that succeeded',
    { kind: 'hookRunEnded', ...numbered, run },
    {
      kind: 'hook_run',
      event: 'routable',
      link: 'eth0',
      index: 2,
      severity: 'info',
      caused_by: `${epoch}/6`,
    },
  ],
  [
    'a hook that failed',
    { kind: 'hookRunEnded', ...numbered, run: { ...run, outcome: { kind: 'exited', code: 3 } } },
    { kind: 'hook_run', severity: 'error', run: { result: 'failed', exit_code: 3 } },
  ],
  [
    'a route that was added, with the event that made it necessary',
    {
      kind: 'routingChanged',
      ...numbered,
      outcome: { effect: addRoute, result: { kind: 'done' } },
      causedBy: eventId(`${epoch}/5`),
    },
    {
      kind: 'repair',
      event: 'route',
      object: 'route',
      action: 'added',
      table: 202,
      link: 'link2',
      result: 'done',
      error: null,
      severity: 'info',
      caused_by: `${epoch}/5`,
    },
  ],
  [
    'a rule that another program removed',
    {
      kind: 'routingChanged',
      ...numbered,
      outcome: {
        effect: { kind: 'addRule', rule: sampleRule, repairs: ifIndex(3) },
        result: { kind: 'done' },
      },
    },
    { kind: 'repair', event: 'rule', link: 'link3', restores: true },
  ],
  [
    'a route that the kernel refused',
    {
      kind: 'routingChanged',
      ...numbered,
      outcome: { effect: addRoute, result: { kind: 'failed', code: 'EPERM', text: 'no' } },
    },
    {
      kind: 'repair',
      result: 'failed',
      error: { code: 'EPERM', text: 'no' },
      severity: 'error',
      caused_by: null,
    },
  ],
  [
    'DNS servers that were set',
    {
      kind: 'resolverChanged',
      ...numbered,
      outcome: { call: { kind: 'setLinkDns', link, servers: ['192.0.2.53'] }, result: { kind: 'done' } },
    } as unknown as Activity,
    {
      kind: 'repair',
      event: 'dns',
      object: 'dns',
      action: 'set',
      text: '192.0.2.53',
      link: 'eth0',
      index: 2,
    },
  ],
  [
    'a source that was lost',
    { kind: 'sourceChanged', ...numbered, source: 'systemd-networkd', from: 'current', to: 'stale' },
    { kind: 'source', event: 'source-lost', source: 'systemd-networkd', state: 'stale', severity: 'warning' },
  ],
  [
    'a source that is back',
    { kind: 'sourceChanged', ...numbered, source: 'systemd-networkd', from: 'stale', to: 'current' },
    { kind: 'source', event: 'source-up', severity: 'info', cause: null },
  ],
  [
    'a configuration that was refused',
    {
      kind: 'configReloaded',
      ...numbered,
      ok: false,
      changed: [],
      problems: [{ code: 'C', message: 'm', line: 1, column: 2, path: 'a.b', text: 't' }],
    },
    { kind: 'config', event: 'reload-refused', problems: 1, severity: 'error' },
  ],
  [
    'a configuration that was taken over',
    { kind: 'configReloaded', ...numbered, ok: true, changed: ['routing'], problems: [] },
    { kind: 'config', event: 'reload', changed: ['routing'], severity: 'info' },
  ],
  ['the start', { kind: 'lifecycle', ...numbered, phase: 'ready' }, { kind: 'config', event: 'start' }],
  ['the stop', { kind: 'lifecycle', ...numbered, phase: 'stopping' }, { kind: 'config', event: 'stop' }],
];

describe('a record', () => {
  for (const [what, activity, fields] of rows) {
    test(`of ${what}`, () => {
      const [view, ...more] = recordViews(activity, context);
      expect(more).toEqual([]);
      expect(view?.record).toMatchObject({
        schema: 'netevd.event.v1',
        id: `${epoch}/7`,
        seq: 7,
        ts: '2026-09-21T14:13:20.123Z',
        ...fields,
      } as object);
    });
  }

  test('repeats in its head what readers select by', () => {
    for (const [, activity] of rows) {
      for (const view of recordViews(activity, context)) {
        expect(recordKinds).toContain(view.kind);
        expect<object>(view).toMatchObject({
          epoch,
          seq: 7,
          at,
          kind: view.record.kind,
          type: view.record.event,
        });
        expect(view.link).toBe(view.record.link ?? undefined);
      }
    }
  });

  test('of a hook run has no output of the script', () => {
    expect(JSON.stringify(recordViews({ kind: 'hookRunEnded', ...numbered, run }, context))).not.toContain(
      'SECRET',
    );
  });

  test('does not exist for values that hooks do not get: they have no number', () => {
    const activity: Activity = { kind: 'hookValuesRejected', link: undefined, rejected: [['DNS', 1]] };
    expect(recordViews(activity, context)).toEqual([]);
  });
});

describe('the events of a finding', () => {
  test('are one record each, in the order of their numbers', () => {
    const events = [3, 4, 5].map((number) => sampleEvent({ seq: seq(number), directory: 'carrier' }));
    const views = recordViews(finding({ events }), context);
    expect(views.map((view) => [view.seq, view.type, view.link])).toEqual([
      [seq(3), 'carrier', 'eth0'],
      [seq(4), 'carrier', 'eth0'],
      [seq(5), 'carrier', 'eth0'],
    ]);
  });

  test('describe the link as it is after the change', () => {
    const after = sampleState({
      kernelLinks: [
        sampleKernelLink({
          addresses: mapOf([['198.51.100.9', sampleAddress('198.51.100.9')]]),
        }),
      ],
    });
    const [view] = recordViews(finding({ after, events: [sampleEvent()] }), context);
    expect(JSON.stringify(view?.record)).toContain('198.51.100.9');
  });

  test('describe a link that is gone as it was before', () => {
    const after = sampleState({ kernelLinks: [], statuses: [], routes: [] });
    const event = sampleEvent({ directory: 'link-removed', state: 'off', previousState: 'routable' });
    const [view] = recordViews(finding({ after, events: [event] }), context);
    expect(view?.record).toMatchObject({ severity: 'warning', link: 'eth0' });
    expect(JSON.stringify(view?.record)).toContain('192.168.1.100');
  });
});
