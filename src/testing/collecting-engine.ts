/** The engine as it ships, with a collecting sink: each input returns its effects. */
import type { Finding } from '../core/activity.ts';
import type { Effect } from '../core/effect.ts';
import { Engine, type HooksFinished } from '../core/engine.ts';
import type { EngineOptions, EnginePolicy, Moment } from '../core/engine-options.ts';
import type { HookRun } from '../core/hooks/hook-run.ts';
import type { LaneKey } from '../core/hooks/queue.ts';
import type { Fact } from '../core/model/fact.ts';
import { type Epoch, epoch, type Instant, instant, seq } from '../core/model/ids.ts';
import type { LinkService, ResolverOutcome } from '../core/resolver/call.ts';
import type { RoutingOutcome } from '../core/routing/plan/routing-effect.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { sampleEnginePolicy } from './sample-policy.ts';

/** The epoch of engines in tests. */
export const sampleEpoch: Epoch = epoch('01890a5d-ac96-774b-bcce-b302099a8057');

export class CollectingEngine {
  #collected: Effect[] = [];
  readonly #engine: Engine;

  constructor(over: Partial<EngineOptions> = {}) {
    const options = { policy: sampleEnginePolicy(), epoch: sampleEpoch, lastSeq: seq(0), ...over };
    this.#engine = new Engine(options, (effect) => this.#collected.push(effect));
  }

  get isReady(): boolean {
    return this.#engine.isReady;
  }

  get isRoutingIdle(): boolean {
    return this.#engine.isRoutingIdle;
  }

  /** At an arbitrary instant. */
  get snapshot(): Snapshot {
    return this.#engine.snapshot(instant(0));
  }

  observe(facts: readonly Fact[], at: Moment): Effect[] {
    return this.#after(() => this.#engine.observe(facts, at));
  }

  hookRunEnded(run: HookRun, at: Moment): Effect[] {
    return this.#after(() => this.#engine.hookRunEnded(run, at));
  }

  hooksFinished(lane: LaneKey, at: Moment, finished: Partial<HooksFinished> = {}): Effect[] {
    const whole = { link: undefined, rejected: [], ...finished };
    return this.#after(() => this.#engine.hooksFinished(lane, whole, at));
  }

  routingFinished(outcomes: readonly RoutingOutcome[], at: Moment): Effect[] {
    return this.#after(() => this.#engine.routingFinished(outcomes, at));
  }

  resolverFinished(outcomes: readonly ResolverOutcome[], at: Moment): Effect[] {
    return this.#after(() => this.#engine.resolverFinished(outcomes, at));
  }

  resolverReturned(service: LinkService, at: Moment): Effect[] {
    return this.#after(() => this.#engine.resolverReturned(service, at));
  }

  wake(at: Moment): Effect[] {
    return this.#after(() => this.#engine.wake(at));
  }

  configure(policy: EnginePolicy, at: Moment): Effect[] {
    return this.#after(() => this.#engine.configure(policy, at));
  }

  reloaded(policy: EnginePolicy, changed: readonly string[], at: Moment): Effect[] {
    return this.#after(() => this.#engine.reloaded(policy, changed, at));
  }

  reloadRefused(...args: Parameters<Engine['reloadRefused']>): Effect[] {
    return this.#after(() => this.#engine.reloadRefused(...args));
  }

  nextWakeAt(): Instant | undefined {
    return this.#engine.nextWakeAt();
  }

  #after(input: () => void): Effect[] {
    input();
    const collected = this.#collected;
    this.#collected = [];
    return collected;
  }
}

/** The findings among effects. */
export const findingsOf = (effects: readonly Effect[]): Finding[] =>
  effects.flatMap((effect) =>
    effect.kind === 'publish' && effect.activity.kind === 'finding' ? [effect.activity] : [],
  );
