/**
 * What was told of one link, on its way to whoever listens. States that come with addresses wait for the details that come
 * with them (DNS, domains, gateway), so that a script told of `routable` knows the servers; but not for long, and a loss
 * waits for nothing.
 */
import type { NetworkdReport } from '../../core/model/fact.ts';
import type { DescribedLink } from './link-description.ts';
import type { LinkProperties } from './parse-properties.ts';

export type LinkReport = Partial<NetworkdReport>;

/** What to do after a step: tell these, in this order; and ask for the details, where `describe` says so. */
export interface LaneStep {
  readonly tell: readonly LinkReport[];
  readonly describe: boolean;
  /** Something waits now, and did not before: end it with `giveUpWaiting` after a moment. */
  readonly startsWaiting: boolean;
}

const nothing: LaneStep = { tell: [], describe: false, startsWaiting: false };

export class LinkLane {
  /** Everything known of the link. */
  #known: LinkReport = {};
  /** Whether enough was known, and told. */
  #isTold = false;
  #isDescribing = false;
  #held: LinkReport[] = [];

  get isTold(): boolean {
    return this.#isTold;
  }

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** It is known already, and whoever listens has it. */
  adopt(report: LinkReport): void {
    this.#known = { ...this.#known, ...report };
    this.#isTold = this.#isEnough();
  }

  /** States, as a signal or a reading told them. */
  words(words: LinkProperties): LaneStep {
    this.#known = { ...this.#known, ...words };
    const report = this.#reportOf(words);
    const wants = wantsDetails(words) && this.#ask();
    if (report === undefined) return { ...nothing, describe: wants };
    if (losesCarrier(words))
      return { tell: [...this.#release(), report], describe: wants, startsWaiting: false };
    if (this.#held.length === 0 && !waitsForDetails(words))
      return { ...nothing, tell: [report], describe: wants };
    this.#held.push(report);
    return { tell: [], describe: wants, startsWaiting: this.#held.length === 1 };
  }

  /** The details may have changed; says whether to ask for them, and not to wait for an answer under way. */
  doubtDetails(): boolean {
    return this.#ask();
  }

  /** An answer, or that there is none. */
  described(details: DescribedLink | undefined): LaneStep {
    this.#isDescribing = false;
    const [first, ...others] = this.#release();
    if (details === undefined) return { ...nothing, tell: first === undefined ? [] : [first, ...others] };
    this.#known = { ...this.#known, ...details };
    if (first === undefined) return { ...nothing, tell: this.#isTold ? [details] : [] };
    return { ...nothing, tell: [{ ...first, ...details }, ...others] };
  }

  /** What waits has waited long enough. */
  giveUpWaiting(): LaneStep {
    return { ...nothing, tell: this.#release() };
  }

  #ask(): boolean {
    if (this.#isDescribing) return false;
    this.#isDescribing = true;
    return true;
  }

  /** The first report has all that is known; undefined as long as that is not enough. */
  #reportOf(words: LinkProperties): LinkReport | undefined {
    if (this.#isTold) return words;
    this.#isTold = this.#isEnough();
    return this.#isTold ? this.#known : undefined;
  }

  #isEnough(): boolean {
    return this.#known.operational !== undefined && this.#known.administrative !== undefined;
  }

  #release(): LinkReport[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }
}

const settledSetups: ReadonlySet<string> = new Set(['configured', 'failed', 'unmanaged']);

/** What brings new servers or takes old ones away: addresses, and the end of a configuration. */
const wantsDetails = (words: LinkProperties): boolean =>
  words.addressState !== undefined ||
  words.ipv4AddressState !== undefined ||
  words.ipv6AddressState !== undefined ||
  (words.administrative !== undefined && settledSetups.has(words.administrative));

const present: ReadonlySet<string> = new Set(['routable', 'degraded']);

/** What scripts will ask servers for. The end of an address waits for nothing. */
const waitsForDetails = (words: LinkProperties): boolean =>
  [words.addressState, words.ipv4AddressState, words.ipv6AddressState].some((state) =>
    present.has(state ?? ''),
  ) ||
  words.administrative === 'configured' ||
  words.administrative === 'failed';

const withoutCarrier: ReadonlySet<string> = new Set(['missing', 'off', 'no-carrier', 'dormant']);

const losesCarrier = (words: LinkProperties): boolean =>
  words.operational !== undefined && withoutCarrier.has(words.operational);
