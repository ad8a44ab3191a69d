/** Changes of policy rules. */
import type { Change } from '../model/change.ts';
import type { KernelState } from '../model/state.ts';
import { mapDifferences } from './map-differences.ts';

/** Adds the rules that vanished, then those that appeared. */
export function diffRules(
  before: KernelState['rules'],
  after: KernelState['rules'],
  changes: Change[],
): void {
  const appeared: Change[] = [];
  for (const { was, is } of mapDifferences(before, after)) {
    const more = (is?.count ?? 0) - (was?.count ?? 0);
    if (more > 0 && is !== undefined) appeared.push({ kind: 'ruleAppeared', rule: is.rule, count: more });
    if (more < 0 && was !== undefined) changes.push({ kind: 'ruleVanished', rule: was.rule, count: -more });
  }
  for (const change of appeared) changes.push(change);
}
