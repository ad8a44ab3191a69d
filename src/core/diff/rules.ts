/** What differs of policy rules. */
import type { Change } from '../model/change.ts';
import type { KernelState } from '../model/state.ts';
import { differences } from './map-differences.ts';

/** Rules that went, then those that came. */
export function diffRules(
  before: KernelState['rules'],
  after: KernelState['rules'],
  changes: Change[],
): void {
  const came: Change[] = [];
  for (const { was, is } of differences(before, after)) {
    const more = (is?.count ?? 0) - (was?.count ?? 0);
    if (more > 0 && is !== undefined) came.push({ kind: 'ruleAppeared', rule: is.rule, count: more });
    if (more < 0 && was !== undefined) changes.push({ kind: 'ruleVanished', rule: was.rule, count: -more });
  }
  for (const change of came) changes.push(change);
}
