/**
 * The planner with what it has to remember between its turns: when it is asked again, and whether anything that it looks
 * at has changed. Reads no clock and carries nothing out.
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
import type { ResolverSettings, WantingState } from './wanted-settings.ts';

export interface ResolverTurn {
  /** Of one lane in their order; lanes beside each other. */
  readonly calls: readonly ResolverCall[];
  readonly notices: readonly ResolverNotice[];
}

const nothing: ResolverTurn = Object.freeze({ calls: [], notices: [] });

export class ResolverLane {
  #memory: ResolverMemory = emptyResolverMemory;
  #planned: { readonly state: State; readonly settings: ResolverSettings } | undefined;
  #dueAt: Instant | undefined;

  /** An earlier run knew this state: what it has sent is sent again or taken back. Before the first turn. */
  resume(recovered: WantingState, settings: ResolverSettings): void {
    this.#memory = resumeResolver(recovered, settings);
  }

  /** To be called after whatever has changed, as often as one likes: it costs what has changed. */
  plan(state: State, settings: ResolverSettings, now: Instant): ResolverTurn {
    const last = this.#planned;
    const isDue = this.#dueAt !== undefined && this.#dueAt <= now;
    const isSame = last?.settings === settings && !isRelevantToResolver(last.state, state, this.#memory);
    if (isSame && !isDue) return nothing;
    const plan = planResolver(state, settings, this.#memory, now);
    this.#memory = plan.memory;
    this.#planned = { state, settings };
    this.#dueAt = plan.nextAt;
    return plan;
  }

  /** How calls ended; `plan` is to follow. */
  finished(outcomes: readonly ResolverOutcome[], now: Instant): void {
    this.#memory = noteResolverOutcomes(this.#memory, outcomes, now);
    this.#dueAt = instant(0);
  }

  /** A service is there again; `plan` is to follow. */
  serviceReturned(service: LinkService): void {
    this.#memory = noteServiceReturned(this.#memory, service);
    this.#dueAt = instant(0);
  }

  /** When to call `plan` if nothing else happens before. */
  nextWakeAt(): Instant | undefined {
    return this.#dueAt;
  }
}
