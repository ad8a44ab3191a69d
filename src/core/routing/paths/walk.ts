/**
 * Walks a packet through all rules and tables to every end that it may have. Where the order of rules of one priority
 * is not known, or several IPv6 routes are equally good, there is more than one.
 */
import { type RouteObject, RuleAction, type RuleObject } from '../../model/kernel-objects.ts';
import type { Flow, LookupInput } from '../lookup/lookup-input.ts';
import { type LookupStep, possibleSteps } from '../lookup/lookup-route.ts';

/** Where a packet may end: the rule that decides, and its route if it has one; neither if no rule leads anywhere. */
export interface PathEnd {
  readonly rule?: RuleObject;
  readonly route?: RouteObject;
  /** The first `goto` rule that was followed. */
  readonly through?: RuleObject;
}

/** Rules of one priority, in the order in which they apply. */
export type RuleGroups = readonly (readonly RuleObject[])[];

/** Returns rules by priority, lowest first. */
export function groupByPriority(rules: readonly RuleObject[]): RuleGroups {
  const groups: RuleObject[][] = [];
  for (const rule of rules.toSorted((a, b) => a.priority - b.priority)) {
    const last = groups.at(-1);
    if (last?.[0]?.priority === rule.priority) last.push(rule);
    else groups.push([rule]);
  }
  return groups;
}

/** What a packet walks through. */
export interface WalkInput extends Omit<LookupInput, 'rules'> {
  /** The rules that may be about the packet. */
  readonly groups: RuleGroups;
  /** The priorities of all rules: `goto` may lead to one that is not about the packet. */
  readonly priorities: ReadonlySet<number>;
}

/** Returns every end that the packet may have. Pure. */
export const endingsOf = (flow: Flow, input: WalkInput): readonly PathEnd[] => new Walk(flow, input).from(0);

class Walk {
  readonly #flow: Flow;
  readonly #groups: RuleGroups;
  readonly #priorities: ReadonlySet<number>;
  readonly #input: LookupInput;
  /** The ends from each group on: several `goto` rules may lead to one. */
  readonly #known = new Map<number, readonly PathEnd[]>();

  constructor(flow: Flow, { groups, priorities, routes, links }: WalkInput) {
    this.#flow = flow;
    this.#groups = groups;
    this.#priorities = priorities;
    this.#input = { routes, links, rules: [] };
  }

  from(at: number): readonly PathEnd[] {
    const known = this.#known.get(at);
    if (known !== undefined) return known;
    const group = this.#groups[at];
    const ends = group === undefined ? nowhere : this.#endsIn(group, at);
    this.#known.set(at, ends);
    return ends;
  }

  #endsIn(group: readonly RuleObject[], at: number): readonly PathEnd[] {
    const ends: PathEnd[] = [];
    let isLast = false;
    for (const rule of group) {
      const steps = possibleSteps(rule, this.#flow, this.#input);
      const target = this.#targetOf(rule, steps);
      for (const step of steps) if (step.kind === 'decides') ends.push(endingOf(step));
      if (target !== undefined) ends.push(...this.from(target).map((end) => ({ ...end, through: rule })));
      isLast ||= target !== undefined || isFinal(steps);
    }
    return isLast ? ends : [...ends, ...this.from(at + 1)];
  }

  /** Returns where a `goto` rule leads. One whose target does not exist, or comes earlier, does nothing. */
  #targetOf(rule: RuleObject, steps: readonly LookupStep[]): number | undefined {
    if (rule.action !== RuleAction.goto || steps[0]?.kind !== 'passed') return undefined;
    const { gotoTarget = 0, priority } = rule;
    if (gotoTarget <= priority || !this.#priorities.has(gotoTarget)) return undefined;
    const target = this.#groups.findIndex(([first]) => first !== undefined && first.priority >= gotoTarget);
    return target < 0 ? this.#groups.length : target;
  }
}

const nowhere: readonly PathEnd[] = Object.freeze([{}]);

/** Whether one of these steps certainly decides. */
const isFinal = (steps: readonly LookupStep[]): boolean =>
  steps.length > 0 && steps.every(({ kind }) => kind === 'decides');

const endingOf = (step: LookupStep): PathEnd => ({
  rule: step.rule,
  ...('route' in step && step.route !== undefined ? { route: step.route } : {}),
});
