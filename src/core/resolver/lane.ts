/**
 * The lane of name resolution: calls the planner when something that it depends on changes or when it is due,
 * and stores what the planner remembers. Reads no clock and executes nothing.
 */
import { type Instant, instant } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import type { LinkService, ResolverCall, ResolverOutcome } from './call.ts';
import { planResolver } from './plan-resolver.ts';
import { isRelevantToResolver } from './relevance.ts';
import {
  emptyResolverMemory,
  noteResolverOutcomes,
  noteServiceReturned,
  type ResolverMemory,
  resumeResolver,
} from './resolver-memory.ts';
import type { ResolverNotice } from './resolver-notices.ts';
import type { ResolverInput, ResolverSettings } from './wanted-settings.ts';

export interface ResolverTurn {
  /** Calls of one lane run in order; lanes run in parallel. */
  readonly calls: readonly ResolverCall[];
  readonly notices: readonly ResolverNotice[];
}

const noTurn: ResolverTurn = Object.freeze({ calls: [], notices: [] });

export class ResolverLane {
  #memory: ResolverMemory = emptyResolverMemory;
  #planned: { readonly state: State; readonly settings: ResolverSettings } | undefined;
  #dueAt: Instant | undefined;

  /**
   * Call it before the first turn with the state of an earlier run: its settings are sent again or reverted.
   */
  resume(recovered: ResolverInput, settings: ResolverSettings): void {
    this.#memory = resumeResolver(recovered, settings);
  }

  /** Plans what is due. Call it after each step: it costs what has changed. */
  plan(state: State, settings: ResolverSettings, now: Instant): ResolverTurn {
    const last = this.#planned;
    const isDue = this.#dueAt !== undefined && this.#dueAt <= now;
    const isSame = last?.settings === settings && !isRelevantToResolver(last.state, state, this.#memory);
    if (isSame && !isDue) return noTurn;
    const plan = planResolver(state, settings, this.#memory, now);
    this.#memory = plan.memory;
    this.#planned = { state, settings };
    this.#dueAt = plan.nextAt;
    return plan;
  }

  /** Takes the outcomes of calls. Call `plan` afterwards. */
  finished(outcomes: readonly ResolverOutcome[], now: Instant): void {
    this.#memory = noteResolverOutcomes(this.#memory, outcomes, now);
    this.#dueAt = instant(0);
  }

  /** Records that a service returned. Call `plan` afterwards. */
  serviceReturned(service: LinkService): void {
    this.#memory = noteServiceReturned(this.#memory, service);
    this.#dueAt = instant(0);
  }

  /** When to call `plan` without a new step. */
  nextWakeAt(): Instant | undefined {
    return this.#dueAt;
  }
}
