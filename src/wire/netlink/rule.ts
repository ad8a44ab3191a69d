/**
 * Parses policy rules: RTM_NEWRULE and RTM_DELRULE, `struct fib_rule_hdr` and `FRA_*` of linux/fib_rules.h.
 */
import { type Family, type Prefix, unspecified } from '../../core/model/address.ts';
import { tableId } from '../../core/model/ids.ts';
import type { RuleObject } from '../../core/model/kernel-objects.ts';
import { AttributeTable, visitAttributes } from './attributes.ts';
import { readU16, readU32 } from './bytes.ts';
import { attributeTypeMask, RuleAttribute as FRA, StructSize } from './constants.ts';
import { decodeHex } from './hex.ts';
import { addressSize, formatIp } from './ip.ts';
import { readPrefixedFamily } from './prefixed-struct.ts';
import type { Rejected } from './problem.ts';
import { decodeText } from './text.ts';

export type RuleResult = { readonly ok: true; readonly rule: RuleObject } | Rejected;

const policyFor = (family: Family): Readonly<Record<number, number>> => ({
  [FRA.destination]: addressSize(family),
  [FRA.source]: addressSize(family),
  [FRA.inputInterface]: 0,
  [FRA.goto]: 4,
  [FRA.priority]: 4,
  [FRA.firewallMark]: 4,
  [FRA.tunnelId]: 8,
  [FRA.suppressInterfaceGroup]: 4,
  [FRA.suppressPrefixLength]: 4,
  [FRA.table]: 4,
  [FRA.firewallMask]: 4,
  [FRA.outputInterface]: 0,
  [FRA.padding]: 0,
  [FRA.l3mdev]: 1,
  [FRA.uidRange]: 8,
  [FRA.protocol]: 1,
  [FRA.ipProtocol]: 1,
  [FRA.sourcePorts]: 4,
  [FRA.destinationPorts]: 4,
});
const ipv4Attributes = new AttributeTable(policyFor(4));
const ipv6Attributes = new AttributeTable(policyFor(6));
const known: ReadonlySet<number> = new Set(Object.values(FRA));

/** The kernel writes -1 for a suppressor that is not set. */
const unset = 0xffff_ffff;

/**
 * Parses the rule in the payload at [offset, offset + length). Stores unknown attributes in `unknown` by
 * their complete type: a selector of a newer kernel must not make two rules look equal.
 */
export function parseRule(bytes: Uint8Array, offset: number, length: number): RuleResult {
  const family = readPrefixedFamily(bytes, offset, length, StructSize.rule, 'fib_rule_hdr');
  if (typeof family !== 'number') return family;
  const attributes = family === 4 ? ipv4Attributes : ipv6Attributes;
  const start = offset + StructSize.rule;
  const broken = attributes.index(bytes, start, offset + length);
  if (broken !== undefined) return broken;
  const rule = readRule(bytes, offset, family, attributes);
  readSelectors(bytes, rule, attributes);
  readFlowSelectors(bytes, rule, attributes);
  readUnknown(bytes, start, offset + length, rule);
  return { ok: true, rule };
}

type MutableRule = { -readonly [Key in keyof RuleObject]: RuleObject[Key] };

function readRule(
  bytes: Uint8Array,
  offset: number,
  family: Family,
  attributes: AttributeTable,
): MutableRule {
  const priority = attributes.at(FRA.priority);
  const table = attributes.at(FRA.table);
  const protocol = attributes.at(FRA.protocol);
  const rule: MutableRule = {
    family,
    priority: priority === 0 ? 0 : readU32(bytes, priority),
    table: tableId(table === 0 ? (bytes[offset + 4] as number) : readU32(bytes, table)),
    action: bytes[offset + 7] as number,
    protocol: protocol === 0 ? 0 : (bytes[protocol] as number),
    tos: bytes[offset + 3] as number,
    flags: readU32(bytes, offset + 8),
  };
  const source = readPrefix(bytes, attributes.at(FRA.source), bytes[offset + 2] as number, family);
  if (source !== undefined) rule.source = source;
  const destination = readPrefix(bytes, attributes.at(FRA.destination), bytes[offset + 1] as number, family);
  if (destination !== undefined) rule.destination = destination;
  return rule;
}

/** Reads a prefix; returns undefined for length 0, which matches everything. */
function readPrefix(bytes: Uint8Array, at: number, length: number, family: Family): Prefix | undefined {
  if (length === 0) return undefined;
  return { address: at === 0 ? unspecified(family) : formatIp(bytes, at, family), length };
}

function readSelectors(bytes: Uint8Array, rule: MutableRule, attributes: AttributeTable): void {
  const input = attributes.at(FRA.inputInterface);
  if (input !== 0) rule.inputInterface = decodeText(bytes, input, attributes.length(FRA.inputInterface));
  const output = attributes.at(FRA.outputInterface);
  if (output !== 0) rule.outputInterface = decodeText(bytes, output, attributes.length(FRA.outputInterface));
  const prefixLength = numberAt(bytes, attributes, FRA.suppressPrefixLength);
  if (prefixLength !== undefined && prefixLength !== unset) rule.suppressPrefixLength = prefixLength;
  const group = numberAt(bytes, attributes, FRA.suppressInterfaceGroup);
  if (group !== undefined && group !== unset) rule.suppressInterfaceGroup = group;
  const mark = numberAt(bytes, attributes, FRA.firewallMark);
  if (mark !== undefined) rule.firewallMark = mark;
  const mask = numberAt(bytes, attributes, FRA.firewallMask);
  if (mask !== undefined) rule.firewallMask = mask;
  const target = numberAt(bytes, attributes, FRA.goto);
  if (target !== undefined) rule.gotoTarget = target;
  const l3mdev = attributes.at(FRA.l3mdev);
  if (l3mdev !== 0 && bytes[l3mdev] !== 0) rule.l3mdev = true;
}

function readFlowSelectors(bytes: Uint8Array, rule: MutableRule, attributes: AttributeTable): void {
  const ipProtocol = attributes.at(FRA.ipProtocol);
  if (ipProtocol !== 0) rule.ipProtocol = bytes[ipProtocol] as number;
  const sourcePorts = attributes.at(FRA.sourcePorts);
  if (sourcePorts !== 0) rule.sourcePorts = [readU16(bytes, sourcePorts), readU16(bytes, sourcePorts + 2)];
  const ports = attributes.at(FRA.destinationPorts);
  if (ports !== 0) rule.destinationPorts = [readU16(bytes, ports), readU16(bytes, ports + 2)];
  const users = attributes.at(FRA.uidRange);
  if (users !== 0) rule.uidRange = [readU32(bytes, users), readU32(bytes, users + 4)];
  const tunnel = attributes.at(FRA.tunnelId);
  if (tunnel !== 0) rule.tunnelId = BigInt(`0x${decodeHex(bytes, tunnel, 8, '')}`);
}

function numberAt(bytes: Uint8Array, attributes: AttributeTable, type: number): number | undefined {
  const at = attributes.at(type);
  return at === 0 ? undefined : readU32(bytes, at);
}

function readUnknown(bytes: Uint8Array, start: number, end: number, rule: MutableRule): void {
  let unknown: Record<number, string> | undefined;
  visitAttributes(bytes, start, end, (type, at, length) => {
    if (known.has(type & attributeTypeMask)) return;
    unknown ??= {};
    unknown[type] = decodeHex(bytes, at, length, '');
  });
  if (unknown !== undefined) rule.unknown = unknown;
}
