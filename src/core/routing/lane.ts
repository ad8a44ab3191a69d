/**
 * The planner of policy routing with what it has to remember between its turns: when it is asked again, and whether anything
 * that it looks at has changed. Reads no clock and carries nothing out.
 */
import type { Instant, TableId } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import { planRouting } from './plan/plan-routing.ts';
import type { RoutingEffect, RoutingOutcome } from './plan/routing-effect.ts';
import { emptyMemory, noteOutcomes, type RoutingMemory } from './plan/routing-memory.ts';
import type { RoutingPolicy } from './policy.ts';
import type { RoutingNotice } from './report/routing-notices.ts';
import { type RoutingStatus, routingStatus } from './report/status.ts';
import { type Projection, projectState } from './view/project.ts';
import { noTableNames, type TableNames, tableNames } from './wanted/table-names.ts';

export interface RoutingTurn {
  readonly effects: readonly RoutingEffect[];
  readonly notices: readonly RoutingNotice[];
}

const nothing: RoutingTurn = Object.freeze({ effects: [], notices: [] });

export class RoutingLane {
  #memory: RoutingMemory = emptyMemory;
  #projection: Projection | undefined;
  #dueAt: Instant | undefined;

  /** To be called after whatever has changed, as often as one likes: it costs what has changed. */
  plan(state: State, policy: RoutingPolicy, now: Instant): RoutingTurn {
    const before = this.#projection;
    this.#projection = projectState(state, policy, before);
    const isDue = this.#dueAt !== undefined && this.#dueAt <= now;
    if (!isDue && before?.view === this.#projection.view) return nothing;
    const plan = planRouting(this.#projection.view, policy, this.#memory, now);
    this.#memory = plan.memory;
    this.#dueAt = plan.nextAt;
    return plan;
  }

  /** How effects ended; `plan` is to follow. */
  finished(outcomes: readonly RoutingOutcome[], now: Instant): void {
    this.#memory = noteOutcomes(this.#memory, outcomes, now);
    this.#dueAt = now;
  }

  /** Something else is wanted; `plan` is to follow. */
  reconsider(now: Instant): void {
    this.#dueAt = now;
  }

  /** When to call `plan` if nothing else happens before. */
  nextWakeAt(): Instant | undefined {
    return this.#dueAt;
  }

  /** Whether no change of rules or routes is under way. */
  get isIdle(): boolean {
    return this.#memory.inFlight.size === 0;
  }

  /** Whether a link under policy routing has this table. */
  isConcernedWith(table: TableId): boolean {
    return this.#projection?.interest.tables.has(table) === true;
  }

  /** How things stand; costs a plan. Undefined before the first turn. */
  status(policy: RoutingPolicy, now: Instant): RoutingStatus | undefined {
    return this.#projection && routingStatus(this.#projection.view, policy, this.#memory, now);
  }

  /** The tables of the links under policy routing, by their names for people. */
  tableNames(policy: RoutingPolicy): TableNames {
    return this.#projection === undefined ? noTableNames : tableNames(this.#projection.view, policy);
  }
}
