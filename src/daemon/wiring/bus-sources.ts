/** The sources on the system bus: systemd-networkd and NetworkManager. */
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
  /** See `BarrierFacts`. Without it, facts are not delayed. */
  readonly barrier?: Barrier;
}

export class BusSources implements Disposable {
  readonly #clock: Clock;
  readonly #bus: StartableBus;
  readonly #networkd: NetworkdSource;
  readonly #networkManager: NetworkManagerSource;
  readonly #sink: (facts: readonly Fact[]) => void;
  readonly #behindBarrier: BarrierFacts;
  /** Facts that wait for `initialReports`; undefined afterwards. */
  #delayed: Fact[] | undefined = [];
  /** Whether the kernel's first dump is being delivered: facts of managers that it causes come before it. */
  #isBeginning = false;
  #hasBegun = false;

  constructor({ bus, clock, log, sink: tell, barrier = (done) => done() }: BusSourcesParts) {
    this.#bus = bus;
    this.#clock = clock;
    this.#sink = tell;
    this.#behindBarrier = new BarrierFacts(barrier, tell);
    const sink = (facts: readonly Fact[]): void => {
      if (this.#delayed !== undefined) this.#delayed.push(...facts);
      else if (this.#isBeginning) tell(facts);
      else this.#behindBarrier.tell(facts);
    };
    this.#networkd = new NetworkdSource({ bus, clock, log, sink });
    this.#networkManager = new NetworkManagerSource({ bus, clock, log, sink });
  }

  /** For other users of the bus. */
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
   * Connects and follows both managers. Their reports are delivered once `initialReports` resolves. Call it
   * after privileges were given up.
   */
  start(): void {
    this.#networkd.start();
    this.#networkManager.start();
    this.#bus.start();
  }

  /**
   * Resolves when networkd has been read, is known to be absent, or `timeout` is over. So the start events
   * contain its states and servers. It does not wait for NetworkManager, whose reports may come a moment
   * later.
   */
  async initialReports(timeout: Millis): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.schedule(timeout, resolve);
    await Promise.race([promise, this.#networkd.initialReport]);
    const delayed = this.#delayed ?? [];
    this.#delayed = undefined;
    this.#sink(delayed);
  }

  /**
   * Takes the kernel's facts before they are delivered to others. They show which device is which link, and
   * which reports may be outdated.
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

  /** Reads systemd-networkd again. */
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
