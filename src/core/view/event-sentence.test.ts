import { describe, expect, test } from 'bun:test';
import { ip, sampleEvent, sampleRoute } from '../../testing/sample-state.ts';
import type { NetworkEvent, RouteDelta } from '../model/event.ts';
import { eventSentence, eventSeverity } from './event-sentence.ts';
import type { Severity } from './types/vocabulary.ts';

const delta = (action: RouteDelta['action'], destination: string): RouteDelta => ({
  action,
  route: sampleRoute({ destination: ip(destination), prefixLength: destination === '0.0.0.0' ? 0 : 24 }),
});

const rows: [what: string, event: Partial<NetworkEvent>, severity: Severity][] = [
  ['a link becomes routable', { state: 'routable', previousState: 'carrier' }, 'info'],
  [
    'a link loses its carrier',
    { directory: 'no-carrier', state: 'no-carrier', previousState: 'routable' },
    'warning',
  ],
  [
    'a link that had no carrier goes down',
    { directory: 'off', state: 'off', previousState: 'no-carrier' },
    'info',
  ],
  ['a link disappears', { directory: 'link-removed', state: 'off', previousState: 'routable' }, 'warning'],
  ['a link appears', { directory: 'link-added', state: 'routable' }, 'info'],
  ['an address goes', { directory: 'address-removed' }, 'warning'],
  ['an address comes', { directory: 'address-added' }, 'info'],
  ['the default route goes', { directory: 'routes', routesDelta: [delta('del', '0.0.0.0')] }, 'warning'],
  ['another route goes', { directory: 'routes', routesDelta: [delta('del', '10.1.0.0')] }, 'info'],
  ['the default route comes', { directory: 'routes', routesDelta: [delta('new', '0.0.0.0')] }, 'info'],
];

describe('the severity', () => {
  for (const [what, event, severity] of rows) {
    test(`is ${severity} where ${what}`, () => {
      expect(eventSeverity(sampleEvent(event))).toBe(severity);
    });
    test(`is info where the start finds that ${what}`, () => {
      expect(eventSeverity(sampleEvent({ ...event, initial: true }))).toBe('info');
    });
  }
});

test('a sentence names the states, addresses and routes', () => {
  expect(eventSentence(sampleEvent({ directory: 'no-carrier', state: 'no-carrier' }))).toContain(
    'no-carrier',
  );
  const addresses = ['192.0.2.1', '192.0.2.2'] as unknown as NonNullable<NetworkEvent['changedAddresses']>;
  const added = eventSentence(sampleEvent({ directory: 'address-added', changedAddresses: addresses }));
  expect(added).toBe('address 192.0.2.1, 192.0.2.2 added');
});

test('a sentence lists three routes and counts the others', () => {
  const routesDelta = [1, 2, 3, 4, 5].map((i) => delta('new', `10.${i}.0.0`));
  const text = eventSentence(sampleEvent({ directory: 'routes', routesDelta }));
  expect(text).toContain('10.3.0.0/24');
  expect(text).not.toContain('10.4.0.0/24');
  expect(text).toEndWith('and 2 more');
});
