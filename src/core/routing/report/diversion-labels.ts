/** Describes what leads packets of an address elsewhere, and the fix. */

import type { Diversion } from '../paths/path-finder.ts';
import { isOwn } from '../piece.ts';
import { usualBand } from '../wanted/band.ts';
import { ownerOfRoute, ownerOfRule } from './known-owners.ts';
import { describeRoute, describeRule, describeTable, type LinkNameOf } from './labels.ts';

export interface DiversionLabels {
  /** `rule 29999 (not from all fwmark 0xca6c lookup 51820)`, `route default dev wg0 table main`. */
  readonly text: string;
  readonly remedy: string;
}

/** `band`: the first priority of netevd's rules. */
export function diversionLabels(diversion: Diversion, band: number, nameOf: LinkNameOf): DiversionLabels {
  const part = diversion.isPartial ? ', some of the packets' : '';
  const { kind, rule, route } = diversion;
  if (kind === 'rule' && rule !== undefined) {
    const whose = owned(ownerOfRule(rule));
    const text = `rule ${rule.priority} (${describeRule(rule)})${whose}${part}`;
    return { text, remedy: ruleRemedy(rule.priority, band) };
  }
  if (kind === 'route' && route !== undefined) {
    const whose = owned(isOwn(route) ? undefined : ownerOfRoute(route));
    const table = describeTable(route.table);
    const text = `route ${describeRoute(route, nameOf)} table ${table}${whose}${part}`;
    const isLater = rule !== undefined && !isOwn(rule);
    return { text, remedy: isLater ? missing : `remove the route from table ${table}` };
  }
  return { text: `no route at all${part}`, remedy: missing };
}

const missing = "see which of netevd's rules and routes are missing";

const owned = (owner: string | undefined): string => (owner === undefined ? '' : ` of ${owner}`);

function ruleRemedy(priority: number, band: number): string {
  if (priority > band) return `remove it, or give it a priority outside of ${band} to ${band + 3}`;
  const isReachable = priority > 4;
  const lower = isReachable
    ? `, or set routing.rule_priority to ${Math.min(priority, usualBand) - 4} or less`
    : '';
  return `remove it, or give it a priority after ${band + 3}${lower}`;
}
