/**
 * Orders the reports of one link. A state that comes with addresses waits for the details that belong to it
 * (DNS, domains, gateway), so that a hook for `routable` knows the servers. It waits for a short time only,
 * and the loss of a carrier never waits.
 */
import type { NetworkdReport } from '../../core/model/fact.ts';
import type { DescribedLink } from './link-description.ts';
import type { LinkStates } from './parse-properties.ts';

export type NetworkdLinkReport = Partial<NetworkdReport>;

/** What to do after a step: report these, in this order, and call Describe where `describe` is true. */
export interface LaneStep {
  readonly reports: readonly NetworkdLinkReport[];
  readonly describe: boolean;
  /** A report begins to wait. Call `stopWaiting` after a moment. */
  readonly startsWaiting: boolean;
}

const emptyStep: LaneStep = { reports: [], describe: false, startsWaiting: false };

export class LinkLane {
  /** Everything known of the link. */
  #known: NetworkdLinkReport = {};
  /** Whether the link has been reported. */
  #isReported = false;
  #isDescribing = false;
  /** Reports that wait for details. */
  #waiting: NetworkdLinkReport[] = [];

  get isReported(): boolean {
    return this.#isReported;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes over what the session reads; the session reports it. */
  adopt(report: NetworkdLinkReport): void {
    this.#known = { ...this.#known, ...report };
    this.#isReported = this.#isComplete();
  }

  /** States from a signal or an answer. */
  states(states: LinkStates): LaneStep {
    this.#known = { ...this.#known, ...states };
    const report = this.#reportOf(states);
    const describe = changesDetails(states) && this.#ask();
    if (report === undefined) return { ...emptyStep, describe };
    if (losesCarrier(states))
      return { reports: [...this.#release(), report], describe, startsWaiting: false };
    if (this.#waiting.length === 0 && !waitsForDetails(states))
      return { ...emptyStep, reports: [report], describe };
    this.#waiting.push(report);
    return { reports: [], describe, startsWaiting: this.#waiting.length === 1 };
  }

  /** The details may have changed. Returns true if Describe must be called: no call is under way. */
  refreshDetails(): boolean {
    return this.#ask();
  }

  /** The answer of Describe; undefined where the call failed. */
  described(details: DescribedLink | undefined): LaneStep {
    this.#isDescribing = false;
    const [first, ...others] = this.#release();
    if (details === undefined)
      return { ...emptyStep, reports: first === undefined ? [] : [first, ...others] };
    this.#known = { ...this.#known, ...details };
    if (first === undefined) return { ...emptyStep, reports: this.#isReported ? [details] : [] };
    return { ...emptyStep, reports: [{ ...first, ...details }, ...others] };
  }

  /** Reports without details what waits for them. */
  stopWaiting(): LaneStep {
    return { ...emptyStep, reports: this.#release() };
  }

  #ask(): boolean {
    if (this.#isDescribing) return false;
    this.#isDescribing = true;
    return true;
  }

  /** The first report has everything known; undefined as long as a required state is missing. */
  #reportOf(states: LinkStates): NetworkdLinkReport | undefined {
    if (this.#isReported) return states;
    this.#isReported = this.#isComplete();
    return this.#isReported ? this.#known : undefined;
  }

  #isComplete(): boolean {
    return this.#known.operational !== undefined && this.#known.administrative !== undefined;
  }

  #release(): NetworkdLinkReport[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}

const finalSetupStates: ReadonlySet<string> = new Set(['configured', 'failed', 'unmanaged']);

/** Changes that bring or remove servers: addresses, and the end of a configuration. */
const changesDetails = (states: LinkStates): boolean =>
  states.addressState !== undefined ||
  states.ipv4AddressState !== undefined ||
  states.ipv6AddressState !== undefined ||
  (states.administrative !== undefined && finalSetupStates.has(states.administrative));

const withAddress: ReadonlySet<string> = new Set(['routable', 'degraded']);

/** States whose hooks need the servers. The loss of an address does not wait. */
const waitsForDetails = (states: LinkStates): boolean =>
  [states.addressState, states.ipv4AddressState, states.ipv6AddressState].some((state) =>
    withAddress.has(state ?? ''),
  ) ||
  states.administrative === 'configured' ||
  states.administrative === 'failed';

const withoutCarrier: ReadonlySet<string> = new Set(['missing', 'off', 'no-carrier', 'dormant']);

const losesCarrier = (states: LinkStates): boolean =>
  states.operational !== undefined && withoutCarrier.has(states.operational);
