/** The system bus and those who are heard on it, put together. */
import type { Fact } from '../../core/model/fact.ts';
import type { Millis } from '../../core/model/ids.ts';
import type { CallCounts } from '../../platform/bus/call-counts.ts';
import type { BusConnection } from '../../ports/bus-connection.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { NetworkdSource } from '../../sources/networkd/networkd-source.ts';
import { NetworkManagerSource } from '../../sources/networkmanager/networkmanager-source.ts';
import { type Barrier, BarrierFacts } from './barrier-facts.ts';

/** A bus that connects when it is started. */
export interface StartableBus extends BusConnection, Disposable {
  /** Whether calls reach the bus now. */
  readonly isConnected: boolean;
  readonly counts: CallCounts;
  start(): void;
}

export interface BusSourcesParts {
  /** Not yet started; disposed of with the sources. */
  readonly bus: StartableBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly sink: (facts: readonly Fact[]) => void;
  /** See `BarrierFacts`. Without it, facts wait for nothing. */
  readonly barrier?: Barrier;
}

export class BusSources implements Disposable {
  readonly #clock: Clock;
  readonly #bus: StartableBus;
  readonly #networkd: NetworkdSource;
  readonly #networkManager: NetworkManagerSource;
  readonly #sink: (facts: readonly Fact[]) => void;
  readonly #behindBarrier: BarrierFacts;
  /** What was heard before the first words were complete. */
  #held: Fact[] | undefined = [];
  /** The kernel's first reading is about to be told: what it makes managers say belongs before it. */
  #isBeginning = false;
  #hasBegun = false;

  constructor({ bus, clock, log, sink: tell, barrier = (done) => done() }: BusSourcesParts) {
    this.#bus = bus;
    this.#clock = clock;
    this.#sink = tell;
    this.#behindBarrier = new BarrierFacts(barrier, tell);
    const sink = (facts: readonly Fact[]): void => {
      if (this.#held !== undefined) this.#held.push(...facts);
      else if (this.#isBeginning) tell(facts);
      else this.#behindBarrier.tell(facts);
    };
    this.#networkd = new NetworkdSource({ bus, clock, log, sink });
    this.#networkManager = new NetworkManagerSource({ bus, clock, log, sink });
  }

  /** For whoever else has something to say on the bus. */
  get bus(): BusConnection {
    return this.#bus;
  }

  /** Calls on the bus, for the metrics. */
  get counts(): CallCounts {
    return this.#bus.counts;
  }

  get isConnected(): boolean {
    return this.#bus.isConnected;
  }

  /**
   * Connects, and follows both managers from now on; what they say is told once `firstWords` resolves. To be
   * called after privileges were given up.
   */
  start(): void {
    this.#networkd.start();
    this.#networkManager.start();
    this.#bus.start();
  }

  /**
   * Resolves when networkd has been read or is known not to be there, at the latest after `patience`: so that
   * what the start tells has its words and its servers in it. NetworkManager has states of its own, which may
   * come a moment later.
   */
  async initialReports(patience: Millis): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.schedule(patience, resolve);
    await Promise.race([promise, this.#networkd.initialReport]);
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#sink(held);
  }

  /**
   * Facts of the kernel, before they are told to others: they say which device is which link, and what may
   * have changed.
   */
  onKernelFacts(facts: readonly Fact[]): void {
    this.#isBeginning = !this.#hasBegun && facts.some(({ kind }) => kind === 'kernelRead');
    this.#hasBegun ||= this.#isBeginning;
    this.#networkManager.onKernelFacts(facts);
    this.#isBeginning = false;
    for (const fact of facts) {
      if (fact.kind === 'addressObserved' || fact.kind === 'addressVanished') {
        this.#networkd.refreshDetails(fact.address.ifindex);
      }
    }
  }

  /** What systemd-networkd said is in doubt. */
  readNetworkd(): void {
    this.#networkd.resync();
  }

  [Symbol.dispose](): void {
    this.#behindBarrier.close();
    this.#networkManager[Symbol.dispose]();
    this.#networkd[Symbol.dispose]();
    this.#bus[Symbol.dispose]();
  }
}
