/** Folds kernel messages about policy rules. Counts equal rules, which the kernel allows. */
import type { RuleObject } from '../model/kernel-objects.ts';
import { ruleKey } from '../model/keys.ts';
import type { PersistentMap } from '../model/persistent-map.ts';
import type { KernelState } from '../model/state.ts';
import { invalidate } from './kernel-invalidation.ts';

/**
 * `FIB_RULE_PERMANENT`, `FIB_RULE_INVERT`, `FIB_RULE_FIND_SADDR` of linux/fib_rules.h. The other flags
 * (unresolved, detached) change without a message when links appear and vanish.
 */
const configuredFlags = 0x1 | 0x2 | 0x10000;

type Rules = PersistentMap<string, { readonly rule: RuleObject; readonly count: number }>;

/**
 * RTM_NEWRULE. A rule that is already known is either a second equal one, which is rare, or one from a dump
 * that overtook the message: the state asks for a complete dump.
 */
export function observeRule(kernel: KernelState, rule: RuleObject): KernelState {
  const seen = canonicalRule(rule);
  const counted = withCount(kernel, seen, 1);
  return kernel.rules.has(ruleKey(seen)) ? invalidate(counted, 'all', 'contradiction') : counted;
}

/** RTM_DELRULE. */
export function removeRule(kernel: KernelState, rule: RuleObject): KernelState {
  return withCount(kernel, canonicalRule(rule), -1);
}

/** Replaces all rules by those of a dump. */
export function replaceRules(kernel: KernelState, read: readonly RuleObject[]): KernelState {
  const wanted = new Map<string, { rule: RuleObject; count: number }>();
  for (const message of read) {
    const rule = canonicalRule(message);
    const key = ruleKey(rule);
    const known = wanted.get(key);
    if (known === undefined) wanted.set(key, { rule, count: 1 });
    else known.count++;
  }
  let rules: Rules = kernel.rules;
  for (const [key, entry] of wanted) {
    if (rules.get(key)?.count !== entry.count) rules = rules.set(key, entry);
  }
  for (const key of kernel.rules.keys()) if (!wanted.has(key)) rules = rules.delete(key);
  return rules === kernel.rules ? kernel : { ...kernel, rules };
}

function withCount(kernel: KernelState, rule: RuleObject, by: 1 | -1): KernelState {
  const key = ruleKey(rule);
  const known = kernel.rules.get(key);
  const count = (known?.count ?? 0) + by;
  if (known === undefined && by < 0) return kernel;
  const rules = count === 0 ? kernel.rules.delete(key) : kernel.rules.set(key, { rule, count });
  return { ...kernel, rules };
}

function canonicalRule(rule: RuleObject): RuleObject {
  const flags = rule.flags & configuredFlags;
  return flags === rule.flags ? rule : { ...rule, flags };
}
