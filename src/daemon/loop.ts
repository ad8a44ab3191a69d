/**
 * The loop: turns each input into a step of the engine, at once and one at a time, and hands the effects to their
 * handlers. It does not wait for them.
 */
import type { LifecyclePhase, ReloadProblem } from '../core/activity.ts';
import type { Effect, EffectKind, EffectPayloads } from '../core/effect.ts';
import { Engine, type HooksFinished } from '../core/engine.ts';
import type { EngineOptions, EnginePolicy, Moment } from '../core/engine-options.ts';
import type { HookRun } from '../core/hooks/hook-run.ts';
import type { LaneKey } from '../core/hooks/queue.ts';
import type { HookDirectory } from '../core/model/event-table.ts';
import type { Fact } from '../core/model/fact.ts';
import { type Epoch, type Instant, millis } from '../core/model/ids.ts';
import type { LinkService, ResolverOutcome } from '../core/resolver/call.ts';
import type { RoutingOutcome } from '../core/routing/plan/routing-effect.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { Clock } from '../ports/clock.ts';

/** How effects report back. Each call is a step of the engine. */
export interface EffectOutcomes {
  hookRunEnded(run: HookRun): void;
  hooksFinished(lane: LaneKey, finished: HooksFinished): void;
  routingFinished(outcomes: readonly RoutingOutcome[]): void;
  resolverFinished(outcomes: readonly ResolverOutcome[]): void;
}

/** A handler for each effect; the compiler demands one for each new entry of `EffectPayloads`. None may block. */
export type EffectHandlers = {
  readonly [K in EffectKind]: (payload: EffectPayloads[K], outcomes: EffectOutcomes) => void;
};

export interface LoopParts {
  readonly engine: EngineOptions;
  readonly clock: Clock;
  readonly handlers: EffectHandlers;
  /** Called before each step that has facts. Returns the directories with hooks if they differ from the last answer. */
  readonly pollHookDirectories: () => ReadonlySet<HookDirectory> | undefined;
  /** Called after each step, when all of its effects have been handed over. */
  readonly stepEnded: () => void;
}

/** Inputs that arrive during a step wait for its end, in order. */
type Input = (at: Moment) => void;

export class Loop implements EffectOutcomes, Disposable {
  readonly #parts: LoopParts;
  readonly #engine: Engine;
  readonly #inputs: Input[] = [];
  #isStepping = false;
  #timer: { readonly at: Instant; readonly handle: Disposable } | undefined;
  #areHooksPaused = false;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#engine = new Engine(parts.engine, (effect) => this.#carryOut(effect));
  }

  /** Everything that the daemon knows now. */
  snapshot(): Snapshot {
    return this.#engine.snapshot(this.#parts.clock.now());
  }

  get isReady(): boolean {
    return this.#engine.isReady;
  }

  get isRoutingIdle(): boolean {
    return this.#engine.isRoutingIdle;
  }

  /** The first step: requests the initial reads. */
  start(): void {
    this.#step((at) => this.#engine.wake(at));
  }

  observe(facts: readonly Fact[]): void {
    this.#step((at) => this.#engine.observe(this.#withHookDirectories(facts), at));
  }

  configure(policy: EnginePolicy): void {
    this.#step((at) => this.#engine.configure(policy, at));
  }

  reloaded(policy: EnginePolicy, changed: readonly string[]): void {
    this.#step((at) => this.#engine.reloaded(policy, changed, at));
  }

  reloadRefused(problems: readonly ReloadProblem[]): void {
    this.#step((at) => this.#engine.reloadRefused(problems, at));
  }

  beginEpoch(epoch: Epoch): void {
    this.#step(() => this.#engine.beginEpoch(epoch));
  }

  lifecycle(phase: LifecyclePhase): void {
    this.#step((at) => this.#engine.lifecycle(phase, at));
  }

  resolverReturned(service: LinkService): void {
    this.#step((at) => this.#engine.resolverReturned(service, at));
  }

  hookRunEnded(run: HookRun): void {
    this.#step((at) => this.#engine.hookRunEnded(run, at));
  }

  hooksFinished(lane: LaneKey, finished: HooksFinished): void {
    this.#step((at) => this.#engine.hooksFinished(lane, finished, at));
  }

  routingFinished(outcomes: readonly RoutingOutcome[]): void {
    this.#step((at) => this.#engine.routingFinished(outcomes, at));
  }

  resolverFinished(outcomes: readonly ResolverOutcome[]): void {
    this.#step((at) => this.#engine.resolverFinished(outcomes, at));
  }

  /** Starts no more hooks; running ones continue. For the end of the daemon: waiting events run after the next start. */
  pauseHooks(): void {
    this.#areHooksPaused = true;
  }

  /** Resolves when the condition holds: checks at once, and after each step. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.handle[Symbol.dispose]();
    this.#timer = undefined;
  }

  #withHookDirectories(facts: readonly Fact[]): readonly Fact[] {
    const directories = this.#parts.pollHookDirectories();
    return directories === undefined ? facts : [{ kind: 'hookDirectoriesRead', directories }, ...facts];
  }

  #step(input: Input): void {
    if (this.#isClosed) return;
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        next(this.#moment());
      }
    } finally {
      this.#isStepping = false;
    }
    this.#parts.stepEnded();
    this.#armTimer();
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }

  #moment(): Moment {
    const { clock } = this.#parts;
    return { now: clock.now(), wall: clock.wall() };
  }

  #carryOut(effect: Effect): void {
    if (effect.kind === 'runHooks' && this.#areHooksPaused) return;
    const handle = this.#parts.handlers[effect.kind] as (payload: Effect, outcomes: EffectOutcomes) => void;
    handle(effect, this);
  }

  #armTimer(): void {
    const at = this.#engine.nextWakeAt();
    if (at === this.#timer?.at) return;
    this.#timer?.handle[Symbol.dispose]();
    this.#timer = undefined;
    if (at === undefined || this.#isClosed) return;
    const { clock } = this.#parts;
    const wake = (): void => {
      this.#timer = undefined;
      this.#step((moment) => this.#engine.wake(moment));
    };
    this.#timer = { at, handle: clock.schedule(millis(Math.max(0, at - clock.now())), wake) };
  }
}
