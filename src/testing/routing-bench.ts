/**
 * Policy routing as a whole in a test: a kernel, the state folded from it, the planner, and a manual clock.
 */
import { emptyState } from '../core/model/empty-state.ts';
import type { Fact } from '../core/model/fact.ts';
import { after, type Instant, instant, type Millis, millis, tableId } from '../core/model/ids.ts';
import type { State } from '../core/model/state.ts';
import { reduce } from '../core/reduce/reduce.ts';
import { planRouting } from '../core/routing/plan/plan-routing.ts';
import type { RoutingEffect, RoutingOutcome } from '../core/routing/plan/routing-effect.ts';
import { emptyRoutingMemory, noteOutcomes, type RoutingMemory } from '../core/routing/plan/routing-memory.ts';
import type { RoutingPolicy } from '../core/routing/policy.ts';
import type { RoutingNotice } from '../core/routing/report/routing-notices.ts';
import { projectState, type RoutingProjection } from '../core/routing/view/project.ts';
import { FakeKernel } from './fake-kernel.ts';

export const samplePolicy = (over: Partial<RoutingPolicy> = {}): RoutingPolicy => ({
  links: ['eth1'],
  tableBase: 200,
  tables: new Map(),
  rulePriority: 30_000,
  ...over,
});

/** A policy with fixed tables. */
export const withTables = (tables: Readonly<Record<string, number>>): RoutingPolicy['tables'] =>
  new Map(Object.entries(tables).map(([name, id]) => [name, tableId(id)]));

export class RoutingBench {
  readonly kernel: FakeKernel = new FakeKernel();
  /** Every executed effect, in order. */
  readonly done: RoutingEffect[] = [];
  readonly notices: RoutingNotice[] = [];
  policy: RoutingPolicy;
  now: Instant = instant(1000);
  state: State = emptyState('auto');
  memory: RoutingMemory = emptyRoutingMemory;
  projection: RoutingProjection | undefined;
  nextAt: Instant | undefined;

  constructor(policy: RoutingPolicy = samplePolicy()) {
    this.policy = policy;
  }

  /** Folds a fact that is not the kernel's. */
  observe(fact: Fact): void {
    this.state = reduce(this.state, fact);
  }

  /** Reads the kernel. */
  read(): void {
    this.observe({ kind: 'kernelRead', snapshot: this.kernel.snapshot() });
  }

  /** Makes one plan and executes its first `limit` effects, or all; with a limit, the process then dies. */
  step(limit: number = Number.POSITIVE_INFINITY): readonly RoutingEffect[] {
    this.projection = projectState(this.state, this.policy, this.projection);
    const plan = planRouting(this.projection.view, this.policy, this.memory, this.now);
    this.memory = plan.memory;
    this.nextAt = plan.nextAt;
    this.notices.push(...plan.notices);
    const outcomes: RoutingOutcome[] = [];
    for (const effect of plan.effects.slice(0, limit)) {
      this.done.push(effect);
      outcomes.push({ effect, result: this.kernel.apply(effect) });
    }
    if (limit >= plan.effects.length) this.memory = noteOutcomes(this.memory, outcomes, this.now);
    return plan.effects;
  }

  /** Advances the time and makes the plans that become due. */
  advance(span: Millis | number): void {
    const end = after(this.now, millis(span));
    while (this.nextAt !== undefined && this.nextAt <= end) {
      this.now = this.nextAt > this.now ? this.nextAt : after(this.now, millis(1));
      this.reconcile();
    }
    this.now = end;
  }

  /** Reads, plans and executes until nothing is left to do at this time. */
  reconcile(): void {
    for (let round = 0; round < 100; round++) {
      this.read();
      if (this.step().length === 0) return;
    }
    throw new Error(`the planner does not converge: ${JSON.stringify(this.done.slice(-6))}`);
  }

  /** The process dies and starts again without memory. */
  restart(): void {
    this.memory = emptyRoutingMemory;
    this.state = emptyState('auto');
    this.projection = undefined;
    this.nextAt = undefined;
  }

  takeDone(): readonly RoutingEffect[] {
    return this.done.splice(0);
  }
}
