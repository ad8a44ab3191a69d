import { describe, expect, test } from 'bun:test';
import { RuleAction, type RuleObject } from '../../core/model/kernel-objects.ts';
import { capturedMessages, ipOutput } from '../../testing/netlink-fixtures.ts';
import { MessageType } from './constants.ts';
import { parseRule, type RuleResult } from './rule.ts';
import { encodeText } from './text.ts';

type IpJson = Readonly<Record<string, unknown>>;

function decoded(scenario: string, file: string, types: readonly number[]): RuleResult[] {
  return capturedMessages(scenario, file)
    .filter(({ header }) => types.includes(header.type))
    .map(({ datagram, header }) => parseRule(datagram, header.offset, header.length));
}

const rules = (
  scenario: string,
  file = 'rules.hex',
  types: readonly number[] = [MessageType.newRule],
): RuleObject[] => decoded(scenario, file, types).flatMap((result) => (result.ok ? [result.rule] : []));

/** `FIB_RULE_*` of linux/fib_rules.h by the names of `ip`. */
const flagNames: readonly (readonly [number, string])[] = [
  [0x2, 'not'],
  [0x4, 'unresolved'],
  [0x8, 'iif_detached'],
  [0x10, 'oif_detached'],
];

function portsAsIp(range: readonly [number, number] | undefined, name: string): IpJson {
  if (range === undefined) return {};
  return range[0] === range[1]
    ? { [name]: range[0] }
    : { [`${name}_start`]: range[0], [`${name}_end`]: range[1] };
}

function prefixesAsIp(rule: RuleObject): IpJson {
  const full = rule.family === 4 ? 32 : 128;
  const { source, destination } = rule;
  return {
    src: source?.address ?? 'all',
    ...(source !== undefined && source.length < full && { srclen: source.length }),
    ...(destination !== undefined && { dst: destination.address }),
    ...(destination !== undefined && destination.length < full && { dstlen: destination.length }),
  };
}

function selectorsAsIp(rule: RuleObject): IpJson {
  const hex = (value: number): string => (value === 0 ? '0' : `0x${value.toString(16)}`);
  const { firewallMark: mark, firewallMask: mask } = rule;
  return {
    ...(rule.inputInterface !== undefined && { iif: raw(rule.inputInterface) }),
    ...(rule.outputInterface !== undefined && { oif: raw(rule.outputInterface) }),
    ...(mask !== undefined && { fwmark: hex(mark ?? 0) }),
    ...(mask !== undefined && mask !== 0xffffffff && { fwmask: hex(mask) }),
    ...(rule.tos !== 0 && { tos: hex(rule.tos) }),
    ...(rule.ipProtocol !== undefined && { ipproto: `ipproto-${rule.ipProtocol}` }),
    ...portsAsIp(rule.sourcePorts, 'sport'),
    ...portsAsIp(rule.destinationPorts, 'dport'),
    ...(rule.uidRange !== undefined && { uid_start: rule.uidRange[0], uid_end: rule.uidRange[1] }),
    ...(rule.tunnelId !== undefined && { tun_id: Number(rule.tunnelId) }),
    ...(rule.l3mdev === true && { l3mdev: null }),
  };
}

/** A rule as `ip -j -d -N rule` prints it. */
function ruleAsIp(rule: RuleObject): IpJson {
  const flags = flagNames.filter(([bit]) => (rule.flags & bit) !== 0).map(([, name]) => [name, null]);
  const rejects = rule.action >= RuleAction.blackhole;
  return {
    priority: rule.priority,
    protocol: String(rule.protocol),
    ...Object.fromEntries(flags),
    ...prefixesAsIp(rule),
    ...selectorsAsIp(rule),
    ...(rule.table !== 0 && { table: String(rule.table) }),
    ...(rule.suppressPrefixLength !== undefined && { suppress_prefixlen: rule.suppressPrefixLength }),
    ...(rule.suppressInterfaceGroup !== undefined && {
      suppress_ifgroup: String(rule.suppressInterfaceGroup),
    }),
    ...(rule.action === RuleAction.goto && { goto: rule.gotoTarget }),
    ...(rule.action === RuleAction.nop && { nop: null }),
    ...(rejects && { action: String(rule.action) }),
  };
}

const raw = (text: string): string => String.fromCharCode(...encodeText(text));

/** The output of `ip` without the realms, which the codec stores as unknown attributes. */
function withoutRealms({ flow_from: _from, flow_to: _to, ...rest }: IpJson): IpJson {
  return rest;
}

describe('parseRule', () => {
  for (const scenario of ['rules', 'names', 'links'] as const) {
    test(`parseRule agrees with ip on the rules of "${scenario}"`, () => {
      const printed = ipOutput(scenario, 'rules').map(withoutRealms);
      expect(printed.length).toBeGreaterThan(4);
      expect(rules(scenario).map(ruleAsIp)).toEqual(printed);
    });
  }

  test('every notification about a rule is parsed, including removals', () => {
    const types = [MessageType.newRule, MessageType.delRule];
    expect(decoded('rules', 'events.hex', types).filter((result) => !result.ok)).toEqual([]);
    const removed = rules('rules', 'events.hex', [MessageType.delRule]);
    expect(removed.map((rule) => [rule.family, rule.priority])).toEqual([
      [4, 100],
      [6, 101],
    ]);
  });

  test('unknown selectors are stored, so that two rules stay different', () => {
    const unknown = rules('rules').flatMap(({ priority, unknown: attributes }) =>
      attributes === undefined ? [] : [[priority, attributes] as const],
    );
    const realms = { 11: '04000300' };
    const dscp = { 25: '2e', 30: '3f' };
    const portMask = { 29: 'ffff' };
    expect(unknown).toEqual([
      [119, portMask],
      [123, realms],
      [124, dscp],
      [119, portMask],
    ]);
  });

  test('all 64 bits of a tunnel id are read', () => {
    const ids = rules('rules').flatMap((rule) => rule.tunnelId ?? []);
    expect(ids).toEqual([0xffffffffffffffffn, 0xffffffffffffffffn]);
  });

  const ipv4 = [2, 0, 0, 0, 254, 0, 0, 1, 0, 0, 0, 0];
  const rows: readonly (readonly [string, readonly number[], object])[] = [
    ['a struct cut short', ipv4.slice(0, 11), { code: 'struct-truncated', offset: 0 }],
    ['a source length of 33', [2, 0, 33, ...ipv4.slice(3)], { code: 'value-range', offset: 1 }],
    ['a priority of a byte', [...ipv4, 5, 0, 6, 0, 1, 0, 0, 0], { code: 'attribute-short', offset: 12 }],
    ['ports of two bytes', [...ipv4, 6, 0, 23, 0, 1, 0, 0, 0], { code: 'attribute-short', offset: 12 }],
    ['an attribute beyond the end', [...ipv4, 16, 0, 99, 0], { code: 'attribute-length', offset: 12 }],
  ];
  for (const [name, bytes, problem] of rows) {
    test(`parseRule reports the position of ${name}`, () => {
      const result = parseRule(Uint8Array.from(bytes), 0, bytes.length);
      expect(result).toMatchObject({ ok: false, ignored: false, problem });
    });
  }

  test('rules of multicast routing are ignored', () => {
    const bytes = Uint8Array.of(128, ...ipv4.slice(1));
    expect(parseRule(bytes, 0, bytes.length)).toEqual({ ok: false, ignored: true, reason: 'family' });
  });
});
