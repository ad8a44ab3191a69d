/**
 * Whether a policy rule matches a packet (fib_rule_match, fib4_rule_match, fib6_rule_match), and if not, why.
 */
import { contains } from '../../model/address.ts';
import type { RuleObject } from '../../model/kernel-objects.ts';
import type { Flow, LookupInput } from './lookup-input.ts';
import { isSameService } from './lookup-table.ts';

/** `FIB_RULE_INVERT` of linux/fib_rules.h. */
const invertFlag = 2;

/** Describes the first selector that does not match; returns undefined if the rule matches the packet. */
export function mismatchOf(rule: RuleObject, flow: Flow, input: LookupInput): string | undefined {
  const reason = firstMismatch(rule, flow, input);
  if ((rule.flags & invertFlag) === 0) return reason;
  return reason === undefined ? 'it matches everything else' : undefined;
}

function firstMismatch(rule: RuleObject, flow: Flow, input: LookupInput): string | undefined {
  return (
    addressMismatch(rule, flow) ??
    interfaceMismatch(rule, flow, input) ??
    markMismatch(rule, flow) ??
    flowMismatch(rule, flow) ??
    unknownMismatch(rule)
  );
}

function addressMismatch(rule: RuleObject, flow: Flow): string | undefined {
  const { source, destination } = rule;
  if (source !== undefined && !contains(source, flow.source)) return `not from ${flow.source}`;
  if (destination !== undefined && !contains(destination, flow.destination)) {
    return `not to ${flow.destination}`;
  }
  return undefined;
}

/** For rules, packets that this machine sends have the input interface `lo`. */
function interfaceMismatch(rule: RuleObject, flow: Flow, input: LookupInput): string | undefined {
  const inputInterface = flow.inputInterface ?? 'lo';
  if (rule.inputInterface !== undefined && rule.inputInterface !== inputInterface) {
    return `not in by ${inputInterface}`;
  }
  const exists = input.links.some((link) => link.name === rule.inputInterface);
  if (rule.inputInterface !== undefined && !exists) return `there is no ${rule.inputInterface}`;
  if (rule.outputInterface !== undefined) return `only out by ${rule.outputInterface}`;
  return rule.l3mdev === true ? 'not of a VRF' : undefined;
}

function markMismatch({ firewallMark, firewallMask }: RuleObject, flow: Flow): string | undefined {
  const mask = firewallMask ?? (firewallMark === undefined ? 0 : 0xffff_ffff);
  const differs = ((flow.mark ^ (firewallMark ?? 0)) & mask) !== 0;
  return differs ? `not with mark ${flow.mark}` : undefined;
}

function flowMismatch(rule: RuleObject, flow: Flow): string | undefined {
  if (rule.tos !== 0 && !isSameService(rule.tos, flow.tos)) return `not with tos ${flow.tos}`;
  if (rule.ipProtocol !== undefined && rule.ipProtocol !== flow.ipProtocol) return 'not with this protocol';
  if (isOutside(rule.sourcePorts, flow.sourcePort)) return 'not from this port';
  if (isOutside(rule.destinationPorts, flow.destinationPort)) return 'not to this port';
  return isOutside(rule.uidRange, flow.uid) ? `not of user ${flow.uid ?? 'unknown'}` : undefined;
}

const isOutside = (range: readonly [number, number] | undefined, value: number | undefined): boolean =>
  range !== undefined && (value === undefined || value < range[0] || value > range[1]);

function unknownMismatch(rule: RuleObject): string | undefined {
  if (rule.tunnelId !== undefined && rule.tunnelId !== 0n) return 'only of one tunnel';
  return rule.unknown === undefined ? undefined : 'it has selectors that netevd does not know';
}
