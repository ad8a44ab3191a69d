/** The four rules of an address and their priorities. */
import { maxPrefixLength } from '../../model/address.ts';
import { longestDefaultPart } from '../../model/default-part.ts';
import { type TableId, tableId } from '../../model/ids.ts';
import { ReservedTable, RuleAction, type RuleObject } from '../../model/kernel-objects.ts';
import { NETEVD_PROTOCOL } from '../../model/routing-identity.ts';
import type { ViewAddress } from '../view/view.ts';

/**
 * The priorities of the band. Rules of all addresses share them: their selectors exclude each other, so the
 * order within a priority does not matter, and no rule moves when an address appears or vanishes.
 */
export const RuleStage = {
  /** `from A lookup T suppress_prefixlength 7` (4 in IPv6): the networks of the link. */
  linkNetworks: 0,
  /**
   * `from A lookup main suppress_prefixlength 7` (4 in IPv6): routes of main that are more specific than (a part
   * of) a default route.
   */
  mainNetworks: 1,
  /** `from A lookup T`: the default route of the link. */
  linkDefault: 2,
  /** `to A lookup T`. */
  toAddress: 3,
} as const;

/** Number of used priorities of the band. */
export const RULE_STAGES = 4;

const main = tableId(ReservedTable.main);

/**
 * Returns the rules in the order of their addition: until the last `from` rule exists, packets leave as
 * before.
 */
export function rulesOfAddress(address: ViewAddress, table: TableId, band: number): readonly RuleObject[] {
  const prefix = { address: address.address, length: maxPrefixLength(address.family) };
  const rule = (stage: number, lookup: TableId): RuleObject => ({
    family: address.family,
    priority: band + stage,
    table: lookup,
    action: RuleAction.toTable,
    protocol: NETEVD_PROTOCOL,
    tos: 0,
    flags: 0,
  });
  const suppressPrefixLength = longestDefaultPart[address.family];
  return [
    { ...rule(RuleStage.linkNetworks, table), source: prefix, suppressPrefixLength },
    { ...rule(RuleStage.mainNetworks, main), source: prefix, suppressPrefixLength },
    { ...rule(RuleStage.linkDefault, table), source: prefix },
    { ...rule(RuleStage.toAddress, table), destination: prefix },
  ];
}
