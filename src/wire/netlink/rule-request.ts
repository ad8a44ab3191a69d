/**
 * Encodes requests that add and remove policy rules: `struct fib_rule_hdr` and `FRA_*` of linux/fib_rules.h.
 */
import type { RuleObject } from '../../core/model/kernel-objects.ts';
import { RuleAttribute as FRA, HeaderFlag, MessageType, StructSize } from './constants.ts';
import { encodeHex } from './hex.ts';
import { familyNumber, ipBytes } from './ip.ts';
import { MessageWriter } from './writer.ts';

/** `FIB_RULE_UNRESOLVED`, `_IIF_DETACHED` and `_OIF_DETACHED`: only the kernel sets them. */
const kernelFlags = 0x4 | 0x8 | 0x10;

/**
 * Encodes the request to add a rule (EEXIST if an equal one exists), or to remove one. The kernel
 * acknowledges it. The kernel removes the first rule that matches every selector of the request; it does not
 * compare selectors that the request lacks (rule_find in net/core/fib_rules.c), so only one rule should have
 * a priority.
 */
export function encodeRuleChange(change: 'add' | 'remove', rule: RuleObject, sequence: number): Uint8Array {
  const type = change === 'add' ? MessageType.newRule : MessageType.delRule;
  const creation = change === 'add' ? HeaderFlag.create | HeaderFlag.exclusive : 0;
  const writer = new MessageWriter(type, HeaderFlag.request | HeaderFlag.ack | creation, sequence);
  const struct = writer.reserve(StructSize.rule);
  writer.setU8(struct, familyNumber(rule.family));
  writer.setU8(struct + 1, rule.destination?.length ?? 0);
  writer.setU8(struct + 2, rule.source?.length ?? 0);
  writer.setU8(struct + 3, rule.tos);
  writer.setU8(struct + 4, rule.table < 256 ? rule.table : 0);
  writer.setU8(struct + 7, rule.action);
  writer.setU32(struct + 8, rule.flags & ~kernelFlags);
  addIdentity(writer, rule);
  addSelectors(writer, rule);
  addFlowSelectors(writer, rule);
  for (const [number, hex] of Object.entries(rule.unknown ?? {})) {
    writer.addBytes(Number(number), encodeHex(hex));
  }
  return writer.finish();
}

function addIdentity(writer: MessageWriter, rule: RuleObject): void {
  writer.addU32(FRA.priority, rule.priority);
  if (rule.table !== 0) writer.addU32(FRA.table, rule.table);
  if (rule.gotoTarget !== undefined) writer.addU32(FRA.goto, rule.gotoTarget);
  writer.addU8(FRA.protocol, rule.protocol);
  if (rule.suppressPrefixLength !== undefined) {
    writer.addU32(FRA.suppressPrefixLength, rule.suppressPrefixLength);
  }
  if (rule.suppressInterfaceGroup !== undefined) {
    writer.addU32(FRA.suppressInterfaceGroup, rule.suppressInterfaceGroup);
  }
  if (rule.l3mdev === true) writer.addU8(FRA.l3mdev, 1);
}

function addSelectors(writer: MessageWriter, rule: RuleObject): void {
  if (rule.source !== undefined && rule.source.length > 0) {
    writer.addBytes(FRA.source, ipBytes(rule.source.address));
  }
  if (rule.destination !== undefined && rule.destination.length > 0) {
    writer.addBytes(FRA.destination, ipBytes(rule.destination.address));
  }
  if (rule.inputInterface !== undefined) writer.addText(FRA.inputInterface, rule.inputInterface);
  if (rule.outputInterface !== undefined) writer.addText(FRA.outputInterface, rule.outputInterface);
  if (rule.firewallMark !== undefined) writer.addU32(FRA.firewallMark, rule.firewallMark);
  if (rule.firewallMask !== undefined) writer.addU32(FRA.firewallMask, rule.firewallMask);
}

function addFlowSelectors(writer: MessageWriter, rule: RuleObject): void {
  if (rule.ipProtocol !== undefined) writer.addU8(FRA.ipProtocol, rule.ipProtocol);
  if (rule.sourcePorts !== undefined) addPorts(writer, FRA.sourcePorts, rule.sourcePorts);
  if (rule.destinationPorts !== undefined) addPorts(writer, FRA.destinationPorts, rule.destinationPorts);
  if (rule.uidRange !== undefined) {
    const at = writer.addZeros(FRA.uidRange, 8);
    writer.setU32(at, rule.uidRange[0]);
    writer.setU32(at + 4, rule.uidRange[1]);
  }
  if (rule.tunnelId !== undefined) {
    writer.addBytes(FRA.tunnelId, encodeHex(rule.tunnelId.toString(16).padStart(16, '0')));
  }
}

/** Adds a `struct fib_rule_port_range`: in the byte order of the machine, unlike ports elsewhere. */
function addPorts(writer: MessageWriter, type: number, range: readonly [number, number]): void {
  const at = writer.addZeros(type, 4);
  writer.setU16(at, range[0]);
  writer.setU16(at + 2, range[1]);
}
