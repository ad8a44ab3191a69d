/**
 * The loop: turns whatever comes in into a step of the engine, at once and one at a time, and hands the effects to those who
 * carry them out. It waits for none of them.
 */
import type { Effect, Finding, HookRunOrder } from '../core/effect.ts';
import type { Engine, EnginePolicy, Moment } from '../core/engine.ts';
import type { Fact } from '../core/model/fact.ts';
import { type Instant, millis } from '../core/model/ids.ts';
import type { LinkService, ResolverCall, ResolverOutcome } from '../core/resolver/call.ts';
import type { ResolverNotice } from '../core/resolver/resolver-notices.ts';
import type { Reading } from '../core/resync/kernel-resync.ts';
import type { RoutingEffect, RoutingOutcome } from '../core/routing/plan/routing-effect.ts';
import type { RoutingNotice } from '../core/routing/report/routing-notices.ts';
import type { Clock } from '../ports/clock.ts';

/** Those who carry effects out. A promise that rejects is a bug, and ends the process. */
export interface EffectHandlers {
  /** Keeps what must outlive the process; when it returns, the effects that follow may start. */
  record(finding: Finding): void;
  runHooks(order: HookRunOrder): Promise<void>;
  readKernel(reading: Reading): void;
  readNetworkd(): void;
  changeRouting(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]>;
  noticeRouting(notices: readonly RoutingNotice[]): void;
  /** A promise for each group of calls that ends by itself. */
  callResolver(calls: readonly ResolverCall[]): readonly Promise<readonly ResolverOutcome[]>[];
  noticeResolver(notices: readonly ResolverNotice[]): void;
  /** A step is over, and with it everything that came of one input. */
  stepEnded(): void;
}

/** Inputs that came while a step was being carried out: they wait for its end, in their order. */
type Input = (at: Moment) => unknown;

export class Loop implements Disposable {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #handlers: EffectHandlers;
  readonly #inputs: Input[] = [];
  #isStepping = false;
  #timer: { readonly at: Instant; readonly handle: Disposable } | undefined;
  #holdsHooks = false;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(engine: Engine, clock: Clock, handlers: EffectHandlers) {
    this.#engine = engine;
    engine.handOver((effect) => this.#carryOut(effect));
    this.#clock = clock;
    this.#handlers = handlers;
  }

  /** The first step: what is to be read is asked for. */
  start(): void {
    this.#step((at) => this.#engine.wake(at));
  }

  observe(facts: readonly Fact[]): void {
    this.#step((at) => this.#engine.observe(facts, at));
  }

  configure(policy: EnginePolicy): void {
    this.#step((at) => this.#engine.configure(policy, at));
  }

  resolverReturned(service: LinkService): void {
    this.#step((at) => this.#engine.resolverReturned(service, at));
  }

  /** From now on no hook starts; those that run go on. For the daemon's end: what waits is recorded, and runs after it. */
  pauseHooks(): void {
    this.#holdsHooks = true;
  }

  /** Resolves when the condition holds after a step; looks at once, and again after each. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#timer?.handle[Symbol.dispose]();
    this.#timer = undefined;
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
    this.#handlers.stepEnded();
    this.#armTimer();
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }

  #moment(): Moment {
    return { now: this.#clock.now(), wall: this.#clock.wall() };
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'record':
        this.#handlers.record(effect);
        break;
      case 'runHooks':
        this.#runHooks(effect.order);
        break;
      case 'readKernel':
        this.#handlers.readKernel(effect.reading);
        break;
      case 'readNetworkd':
        this.#handlers.readNetworkd();
        break;
      case 'changeRouting':
        this.#changeRouting(effect.effects);
        break;
      case 'noticeRouting':
        this.#handlers.noticeRouting(effect.notices);
        break;
      case 'callResolver':
        this.#callResolver(effect.calls);
        break;
      case 'noticeResolver':
        this.#handlers.noticeResolver(effect.notices);
    }
  }

  #runHooks(order: HookRunOrder): void {
    if (this.#holdsHooks) return;
    const finished = (): void => this.#step((at) => this.#engine.hooksFinished(order.lane, at));
    void this.#handlers.runHooks(order).then(finished);
  }

  #changeRouting(effects: readonly RoutingEffect[]): void {
    const finished = (outcomes: readonly RoutingOutcome[]): void =>
      this.#step((at) => this.#engine.routingFinished(outcomes, at));
    void this.#handlers.changeRouting(effects).then(finished);
  }

  #callResolver(calls: readonly ResolverCall[]): void {
    const finished = (outcomes: readonly ResolverOutcome[]): void =>
      this.#step((at) => this.#engine.resolverFinished(outcomes, at));
    for (const group of this.#handlers.callResolver(calls)) void group.then(finished);
  }

  #armTimer(): void {
    const at = this.#engine.nextWakeAt();
    if (at === this.#timer?.at) return;
    this.#timer?.handle[Symbol.dispose]();
    this.#timer = undefined;
    if (at === undefined || this.#isClosed) return;
    const wake = (): void => {
      this.#timer = undefined;
      this.#step((moment) => this.#engine.wake(moment));
    };
    const delay = millis(Math.max(0, at - this.#clock.now()));
    this.#timer = { at, handle: this.#clock.schedule(delay, wake) };
  }
}
