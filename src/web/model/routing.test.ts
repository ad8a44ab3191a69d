import { expect, test } from 'bun:test';
import type { ExplainAnswer, RoutingFamily, RoutingLink } from '../../client/types.ts';
import { countPieces, gatewayText, missingPieces, relevantSteps, routingClass, stepText } from './routing.ts';

const family: RoutingFamily = {
  family: 'ipv4',
  state: 'missing',
  addresses: ['192.0.2.10'],
  paths: [],
  gateway: { via: ['192.0.2.1', '192.0.2.2'], from: 'lease of dhclient' },
  rules: [{ text: 'r1', present: true, problem: null }],
  routes: [{ text: 'r2', present: false, problem: 'ENETUNREACH' }],
};
const link: RoutingLink = {
  link: 'eth1',
  index: 3,
  state: 'missing',
  table: 203,
  table_origin: 'derived',
  contested: false,
  families: [family],
  conflicts: [],
  repairs_24h: 0,
  last_repair: null,
};

test('what is wanted and what is found is counted, and what is missing named', () => {
  expect(countPieces(link)).toEqual({ wanted: 2, found: 1 });
  expect(missingPieces(link).map(({ text }) => text)).toEqual(['r2']);
});

test.each([
  ['active', 'good'],
  ['waiting for gateway', 'partial'],
  ['down', 'off'],
  ['absent', 'off'],
  ['missing', 'bad'],
  ['conflict', 'bad'],
  ['diverted', 'bad'],
])('%s is %s', (state, kind) => {
  expect(routingClass({ ...link, state })).toBe(kind as never);
});

test('active is not good while another program deletes it', () => {
  expect(routingClass({ ...link, state: 'active', contested: true })).toBe('partial');
});

test('a gateway is shown with who named it', () => {
  expect(gatewayText(family)).toBe('192.0.2.1, 192.0.2.2 (lease of dhclient)');
  expect(gatewayText({ ...family, gateway: null })).toBe('no gateway known');
  expect(gatewayText({ ...family, gateway: { via: [], from: 'none' } })).toBe('no gateway needed (none)');
});

test('rules about other packets are counted, not shown', () => {
  const route = { text: 'default via 192.0.2.1 dev eth1', table: 203, protocol: 'netevd', metric: 0 };
  const answer: ExplainAnswer = {
    packet: { source: 'a', destination: 'b', iif: null, mark: 0 },
    steps: [
      { priority: 0, rule: 'x', outcome: 'noRoute' },
      { priority: 1, rule: 'y', outcome: 'noMatch', reason: 'another source' },
      { priority: 2, rule: 'z', outcome: 'decides', route },
    ],
    verdict: { kind: 'routed' },
    remarks: [],
    text: '',
  };
  const { steps, others } = relevantSteps(answer);
  expect(others).toBe(1);
  expect(steps.map(stepText)).toEqual(['has no route', 'decides: default via 192.0.2.1 dev eth1']);
});
