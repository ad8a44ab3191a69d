/** Filters: whether an event runs its hooks, and which of them. */
import type { Family } from '../model/address.ts';
import type { HookDirectory } from '../model/event-table.ts';
import { matchAny } from '../model/glob.ts';
import type { Source } from '../model/vocabulary.ts';
import { type Condition, type ConditionContext, evaluate } from './condition.ts';

export type FilterAction = 'execute' | 'ignore' | 'log';
export type FilterFamily = 'ipv4' | 'ipv6' | 'any';

/** What an event must match. All present parts must match. */
export interface FilterMatch {
  readonly interface?: string;
  readonly interfacePattern?: string;
  readonly eventType?: HookDirectory;
  readonly ipFamily?: FilterFamily;
  readonly backend?: Source;
  readonly condition?: Condition;
  /** The text of the condition. */
  readonly conditionText?: string;
}

/** One entry of `filters[]`, validated. */
export interface FilterRule {
  readonly match: FilterMatch;
  readonly action: FilterAction;
  /** For `execute`: the files that run; absent means all. */
  readonly scripts?: readonly string[];
}

/** The properties of an event that filters use. */
export interface FilterSubject extends ConditionContext {
  readonly eventType: HookDirectory;
  readonly backend: Source;
  /** Families of the changed addresses or routes, else of the link's addresses. */
  readonly families: readonly Family[];
}

/** A compiled rule. */
export interface Filter {
  readonly rule: FilterRule;
  matches(subject: FilterSubject): boolean;
}

export type FilterDecision =
  /**
   * `by` is the index of the matching `execute` rule, absent if none matched; `scripts` are the files that
   * run.
   */
  | {
      readonly run: true;
      readonly by?: number;
      readonly scripts?: readonly string[];
      readonly logged: readonly number[];
    }
  | { readonly run: false; readonly by: number; readonly logged: readonly number[] };

/** Compiles the rules. Throws on an invalid pattern: the configuration validates patterns first. */
export function compileFilters(rules: readonly FilterRule[]): readonly Filter[] {
  return rules.map((rule) => {
    const pattern = rule.match.interfacePattern;
    const matchesName = pattern === undefined ? undefined : matchAny([pattern]);
    const matches = (subject: FilterSubject): boolean =>
      (matchesName?.(subject.interface) ?? true) && matchesRule(rule.match, subject);
    return { rule, matches };
  });
}

/**
 * Decides by the first matching `execute` or `ignore` rule. Lists the indexes of the `log` rules that match
 * before it in `logged`. Without a matching rule the hooks run.
 */
export function decide(filters: readonly Filter[], subject: FilterSubject): FilterDecision {
  const logged: number[] = [];
  for (const [index, { rule, matches }] of filters.entries()) {
    if (!matches(subject)) continue;
    if (rule.action === 'ignore') return { run: false, by: index, logged };
    if (rule.action === 'execute') {
      const decision = { run: true, by: index, logged } as const;
      return rule.scripts === undefined ? decision : { ...decision, scripts: rule.scripts };
    }
    logged.push(index);
  }
  return { run: true, logged };
}

function matchesRule(match: FilterMatch, subject: FilterSubject): boolean {
  return (
    (match.interface === undefined || match.interface === subject.interface) &&
    (match.eventType === undefined || match.eventType === subject.eventType) &&
    (match.backend === undefined || match.backend === subject.backend) &&
    isOfFamily(match.ipFamily, subject.families) &&
    (match.condition === undefined || evaluate(match.condition, subject))
  );
}

function isOfFamily(wanted: FilterFamily | undefined, families: readonly Family[]): boolean {
  if (wanted === undefined || wanted === 'any') return true;
  return families.includes(wanted === 'ipv4' ? 4 : 6);
}
