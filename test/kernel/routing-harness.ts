/** Policy routing on the real kernel: source, engine, planner and runner as the daemon joins them, and nothing else. */
import type { Fact } from '../../src/core/model/fact.ts';
import { type Instant, millis, seq } from '../../src/core/model/ids.ts';
import { selectLinks } from '../../src/core/model/link-selection.ts';
import { noResolver } from '../../src/core/resolver/wanted-settings.ts';
import type { RoutingEffect, RoutingOutcome } from '../../src/core/routing/plan/routing-effect.ts';
import type { RoutingPolicy } from '../../src/core/routing/policy.ts';
import type { RoutingNotice } from '../../src/core/routing/report/routing-notices.ts';
import { Loop } from '../../src/daemon/loop.ts';
import { RouteRunner } from '../../src/effects/routes/route-runner.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { KernelNetlinkChannel } from '../../src/platform/netlink.ts';
import type { NetlinkChannelOptions } from '../../src/ports/netlink-channel.ts';
import { RtnetlinkSource } from '../../src/sources/rtnetlink/rtnetlink-source.ts';
import { sampleEpoch } from '../../src/testing/collecting-engine.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';
import { samplePolicy } from '../../src/testing/routing-bench.ts';
import { sampleDamping } from '../../src/testing/sample-policy.ts';

export const openChannel = (options: NetlinkChannelOptions): KernelNetlinkChannel =>
  new KernelNetlinkChannel(options);

/** A daemon that does policy routing alone. Dispose of it as a crash would end it: what it made stays. */
export class RoutingDaemon implements AsyncDisposable {
  readonly outcomes: RoutingOutcome[] = [];
  readonly notices: RoutingNotice[] = [];
  readonly log: RecordingLogger = new RecordingLogger();
  readonly loop: Loop;
  readonly #source: RtnetlinkSource;
  readonly #runner: RouteRunner;
  readonly #clock = new SystemClock();
  #busy = 0;

  constructor(policy: Partial<RoutingPolicy>) {
    const clock = this.#clock;
    this.#runner = new RouteRunner({ openChannel, clock });
    this.loop = new Loop({
      engine: { policy: enginePolicy(samplePolicy(policy)), epoch: sampleEpoch, lastSeq: seq(0) },
      clock,
      handlers: {
        publish: ({ activity }) => {
          if (activity.kind === 'routingNoticed') this.notices.push(activity.notice);
        },
        runHooks: ({ order }, outcomes) => {
          queueMicrotask(() => outcomes.hooksFinished(order.lane, { link: order.event.link, rejected: [] }));
        },
        readNetworkd: () => undefined,
        readKernel: ({ request }) => this.#source.read(request),
        changeRouting: ({ effects }, outcomes) => {
          void this.#change(effects).then((ended) => outcomes.routingFinished(ended));
        },
        callResolver: () => undefined,
      },
      pollHookDirectories: () => undefined,
      stepEnded: () => undefined,
    });
    this.#source = new RtnetlinkSource({
      openChannel,
      drivers: { linkDriver: () => null },
      clock,
      log: this.log,
      sink: (facts) => this.loop.observe(facts),
    });
    this.#source.start();
    this.loop.observe([]);
  }

  now(): Instant {
    return this.#clock.now();
  }

  /** Something that another source would say. */
  hear(fact: Fact): void {
    this.loop.observe([fact]);
  }

  configure(policy: Partial<RoutingPolicy>): void {
    this.loop.configure(enginePolicy(samplePolicy(policy)));
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return this.loop.isReady && this.#busy === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.loop[Symbol.dispose]();
    await this.#source[Symbol.asyncDispose]();
    await this.#runner[Symbol.asyncDispose]();
  }

  async #change(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]> {
    this.#busy++;
    const outcomes = await this.#runner.run(effects);
    this.#busy--;
    this.outcomes.push(...outcomes);
    return outcomes;
  }
}

const enginePolicy = (routing: RoutingPolicy) => ({
  backend: 'auto' as const,
  selection: selectLinks({ interfaces: [], matchPatterns: [], exclude: [] }),
  limits: { debounce: millis(50), maxParallel: 4, queueLimit: 256 },
  onStart: 'never' as const,
  online: { families: 'any' as const, counts: (): boolean => true },
  damping: sampleDamping,
  routing,
  resolver: noResolver,
});
