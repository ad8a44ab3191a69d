/**
 * The lane of policy routing: calls the planner when something that it depends on changes or when it is due,
 * and stores what the planner remembers. Reads no clock and executes nothing.
 */
import type { Instant, TableId } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import { planRouting } from './plan/plan-routing.ts';
import type { RoutingEffect, RoutingOutcome } from './plan/routing-effect.ts';
import { emptyRoutingMemory, noteOutcomes, type RoutingMemory } from './plan/routing-memory.ts';
import type { RoutingPolicy } from './policy.ts';
import type { RoutingNotice } from './report/routing-notices.ts';
import { type RoutingStatus, routingStatus } from './report/status.ts';
import { projectState, type RoutingProjection } from './view/project.ts';
import { noTableNames, type TableNames, tableNames } from './wanted/table-names.ts';

export interface RoutingTurn {
  readonly effects: readonly RoutingEffect[];
  readonly notices: readonly RoutingNotice[];
}

const noTurn: RoutingTurn = Object.freeze({ effects: [], notices: [] });

export class RoutingLane {
  #memory: RoutingMemory = emptyRoutingMemory;
  #projection: RoutingProjection | undefined;
  #dueAt: Instant | undefined;
  #isAtRest = false;

  /** Plans what is due. Call it after each step: it costs what has changed. */
  plan(state: State, policy: RoutingPolicy, now: Instant): RoutingTurn {
    const before = this.#projection;
    this.#projection = projectState(state, policy, before);
    const isDue = this.#dueAt !== undefined && this.#dueAt <= now;
    if (!isDue && before?.view === this.#projection.view) return noTurn;
    const plan = planRouting(this.#projection.view, policy, this.#memory, now);
    this.#memory = plan.memory;
    this.#dueAt = plan.nextAt;
    this.#isAtRest = plan.isAtRest;
    return plan;
  }

  /** Takes the outcomes of effects. Call `plan` afterwards. */
  finished(outcomes: readonly RoutingOutcome[], now: Instant): void {
    this.#memory = noteOutcomes(this.#memory, outcomes, now);
    this.#dueAt = now;
  }

  /** Forces the next `plan`, after a change of the policy. */
  reconsider(now: Instant): void {
    this.#dueAt = now;
  }

  /** When to call `plan` without a new step. */
  nextWakeAt(): Instant | undefined {
    return this.#dueAt;
  }

  /** Whether no change of rules or routes is in flight, due, or not confirmed by the kernel yet. */
  get isIdle(): boolean {
    return this.#isAtRest;
  }

  /** Whether a policy link has this table. */
  isConcernedWith(table: TableId): boolean {
    return this.#projection?.interest.tables.has(table) === true;
  }

  /** Returns the status of policy routing; undefined before the first turn. Costs a plan. */
  status(policy: RoutingPolicy, now: Instant): RoutingStatus | undefined {
    return this.#projection && routingStatus(this.#projection.view, policy, this.#memory, now);
  }

  /** Returns the tables of the policy links with their names for iproute2. */
  tableNames(policy: RoutingPolicy): TableNames {
    return this.#projection === undefined ? noTableNames : tableNames(this.#projection.view, policy);
  }
}
