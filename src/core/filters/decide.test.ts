import { describe, expect, test } from 'bun:test';
import type { Condition } from './condition.ts';
import { parseCondition } from './condition-parser.ts';
import {
  compileFilters,
  decide,
  type FilterDecision,
  type FilterRule,
  type FilterSubject,
} from './decide.ts';

const subject: FilterSubject = {
  hasGateway: true,
  dnsCount: 1,
  addressCount: 1,
  mtu: 1500,
  interface: 'eth0',
  state: 'routable',
  eventType: 'routable',
  backend: 'systemd-networkd',
  families: [4],
};

const decision = (rules: readonly FilterRule[], changes: Partial<FilterSubject> = {}): FilterDecision =>
  decide(compileFilters(rules), { ...subject, ...changes });

function condition(text: string): Condition {
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.condition;
}

describe('decide', () => {
  test('without filters all hooks run', () => {
    expect(decision([])).toEqual({ run: true, logged: [] });
  });

  test('hooks run if no filter matches', () => {
    expect(decision([{ match: { interface: 'eth1' }, action: 'ignore' }])).toEqual({ run: true, logged: [] });
  });

  test('the first matching execute or ignore decides', () => {
    const rules: readonly FilterRule[] = [
      { match: { interface: 'eth1' }, action: 'ignore' },
      { match: { interfacePattern: 'eth*' }, action: 'execute' },
      { match: {}, action: 'ignore' },
    ];
    expect(decision(rules)).toEqual({ run: true, by: 1, logged: [] });
    expect(decision(rules, { interface: 'eth1' })).toEqual({ run: false, by: 0, logged: [] });
    expect(decision(rules, { interface: 'wlan0' })).toEqual({ run: false, by: 2, logged: [] });
  });

  test('execute with scripts limits the hooks that run', () => {
    const rules: readonly FilterRule[] = [{ match: {}, action: 'execute', scripts: ['10-vpn', '20-dns'] }];
    expect(decision(rules)).toEqual({ run: true, by: 0, logged: [], scripts: ['10-vpn', '20-dns'] });
  });

  test('matching log filters are listed up to the filter that decides', () => {
    const rules: readonly FilterRule[] = [
      { match: {}, action: 'log' },
      { match: { interface: 'eth9' }, action: 'log' },
      { match: { eventType: 'routable' }, action: 'log' },
      { match: {}, action: 'ignore' },
      { match: {}, action: 'log' },
    ];
    expect(decision(rules)).toEqual({ run: false, by: 3, logged: [0, 2] });
    expect(decision(rules.slice(0, 1))).toEqual({ run: true, logged: [0] });
  });

  const cases: readonly (readonly [string, FilterRule['match'], Partial<FilterSubject>, boolean])[] = [
    ['the name of the link', { interface: 'eth0' }, {}, true],
    ['another name', { interface: 'eth' }, {}, false],
    ['a glob in the field for a name', { interface: 'eth*' }, {}, false],
    ['a glob', { interfacePattern: 'e*0' }, {}, true],
    ['another glob', { interfacePattern: 'w*' }, {}, false],
    ['the type', { eventType: 'routable' }, {}, true],
    ['another type', { eventType: 'carrier' }, {}, false],
    ['the source', { backend: 'systemd-networkd' }, {}, true],
    ['another source', { backend: 'kernel' }, {}, false],
    ['any family', { ipFamily: 'any' }, { families: [] }, true],
    ['IPv4 of an IPv4 event', { ipFamily: 'ipv4' }, {}, true],
    ['IPv6 of an IPv4 event', { ipFamily: 'ipv6' }, {}, false],
    ['IPv6 of an event of both', { ipFamily: 'ipv6' }, { families: [4, 6] }, true],
    ['IPv4 of an event without addresses', { ipFamily: 'ipv4' }, { families: [] }, false],
    ['a true condition', { condition: condition('has_gateway && dns_count > 0') }, {}, true],
    ['a false condition', { condition: condition('has_gateway && dns_count > 0') }, { dnsCount: 0 }, false],
    ['all parts', { interface: 'eth0', eventType: 'routable', ipFamily: 'ipv4' }, {}, true],
    ['all parts but one', { interface: 'eth0', eventType: 'routable', ipFamily: 'ipv6' }, {}, false],
  ];
  test.each(cases)('a filter matches as expected on %s', (_, match, changes, expected) => {
    expect(decision([{ match, action: 'ignore' }], changes).run).toBe(!expected);
  });
});
