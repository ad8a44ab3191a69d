/**
 * systemd-networkd as a source of facts: what it says of links and host on the bus (org.freedesktop.network1(5)). Which
 * links there are is the kernel's word alone.
 */
import type { Fact, NetworkdFact } from '../../core/model/fact.ts';
import { type IfIndex, type Millis, millis } from '../../core/model/ids.ts';
import type { BusSignal, CallResult } from '../../ports/bus-connection.ts';
import type { Logger } from '../../ports/logger.ts';
import { encodeLabel } from '../../wire/dbus/names.ts';
import { dictionaryOf, textOf } from '../../wire/dbus/value.ts';
import { getAll, propertiesChanged, readPropertiesChanged } from '../shared/bus-properties.ts';
import type { BusSourceParts } from '../shared/bus-source-parts.ts';
import { ReadRetry } from '../shared/read-retry.ts';
import { TimerMap } from '../shared/timer-map.ts';
import { UnknownValues } from '../shared/unknown-values.ts';
import { describeCall, linkInterface, managerInterface, networkd } from './bus-names.ts';
import { type Described, parseDescription } from './link-description.ts';
import { type LaneStep, LinkLane } from './link-lane.ts';
import { NetworkdSession, type ReadingOutcome } from './networkd-session.ts';
import {
  indexOfPath,
  isStateProperty,
  type LinkProperties,
  linkNamespace,
  parseHostProperties,
  parseLinkProperties,
} from './parse-properties.ts';

/** States wait so long for the details that belong to them. networkd answers within a millisecond unless it is busy. */
const detailPatience: Millis = millis(50);
/** Details are asked for so long after the kernel has told of a change: networkd has to hear of it first. */
const coalesceTime: Millis = millis(200);
/** More facts than this during one reading, and it is begun anew. */
const maxMeanwhile = 10_000;

export class NetworkdSource implements Disposable {
  readonly #parts: BusSourceParts;
  readonly #log: Logger;
  readonly #unknown: UnknownValues;
  readonly #retry: ReadRetry;
  readonly #firstWord = Promise.withResolvers<void>();
  #following: Disposable | undefined;
  #owner: string | undefined;
  #lanes = new Map<IfIndex, LinkLane>();
  #reading: NetworkdSession | undefined;
  #meanwhile: NetworkdFact[] = [];
  /** Until when states wait for their details, and details for networkd. */
  readonly #holding = new TimerMap<IfIndex>();
  readonly #coalescing = new TimerMap<IfIndex>();

  constructor(parts: BusSourceParts) {
    this.#parts = parts;
    this.#log = parts.log.with({ component: 'networkd', backend: 'systemd-networkd' });
    this.#unknown = new UnknownValues(this.#log);
    this.#retry = new ReadRetry('systemd-networkd', parts.clock, this.#log);
  }

  /** Resolves when networkd has been read, or is known not to be there, for the first time. */
  get firstWord(): Promise<void> {
    return this.#firstWord.promise;
  }

  /** Follows networkd from now on. */
  start(): void {
    this.#following = this.#parts.bus.follow({
      name: networkd.name,
      signals: [propertiesChanged(networkd.path)],
      appeared: (owner) => this.#appeared(owner),
      vanished: () => this.#gone({ kind: 'networkdVanished' }),
      lost: (cause) => this.#gone({ kind: 'sourceLostSync', source: 'systemd-networkd', cause }),
      signal: (signal) => this.#signal(signal),
    });
  }

  /**
   * The kernel tells of a change of the link's addresses or routes: its servers may have changed too, of which networkd
   * says nothing by itself (a lease that is renewed with others).
   */
  doubtDetails(index: IfIndex): void {
    if (this.#reading !== undefined || this.#lanes.get(index)?.isTold !== true || this.#coalescing.has(index))
      return;
    this.#coalescing.set(index, this.#parts.clock, coalesceTime, () => {
      if (this.#lanes.get(index)?.doubtDetails() === true) this.#describe(index);
    });
  }

  /** Reads everything once more: what was said before is in doubt. Harmless where networkd is not there. */
  readAgain(): void {
    this.#releaseAll();
    this.#read();
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
    this.#forget();
  }

  #appeared(owner: string): void {
    this.#forget();
    this.#owner = owner;
    this.#retry.succeeded();
    this.#parts.sink([{ kind: 'networkdAppeared' }]);
    this.#read();
  }

  #gone(fact: Fact): void {
    this.#releaseAll();
    this.#forget();
    this.#parts.sink([fact]);
    this.#firstWord.resolve();
  }

  #forget(): void {
    this.#owner = undefined;
    this.#reading?.abandon();
    this.#reading = undefined;
    this.#meanwhile = [];
    this.#lanes = new Map();
    this.#holding.clear();
    this.#coalescing.clear();
    this.#retry.cancel();
  }

  /** What still waits for details is told without them. */
  #releaseAll(): void {
    if (this.#reading !== undefined) return;
    for (const [index, lane] of this.#lanes) this.#follow(index, lane.giveUpWaiting());
  }

  #read(): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#reading?.abandon();
    this.#meanwhile = [];
    this.#lanes = new Map();
    this.#reading = new NetworkdSession({
      bus: this.#parts.bus,
      owner,
      onLink: (index, words) => this.#lane(index).adopt(words),
      onUnknown: (unknown) => this.#remarkUnknown(unknown),
      onDescribed: (index, described) => {
        if (described.ok) this.#lane(index).adopt(described.details);
        this.#warning(index, described);
      },
      onDone: (outcome) => this.#done(outcome),
    });
    this.#reading.begin();
  }

  #done(outcome: ReadingOutcome): void {
    this.#reading = undefined;
    if (!outcome.ok) {
      this.#readLater(outcome.reason);
      return;
    }
    const { host, links } = outcome;
    const meanwhile = this.#meanwhile;
    this.#meanwhile = [];
    this.#retry.succeeded();
    this.#parts.sink([{ kind: 'networkdRead', host, links }, ...meanwhile]);
    this.#firstWord.resolve();
  }

  #readLater(reason: string): void {
    this.#meanwhile = [];
    this.#lanes = new Map();
    this.#retry.failed(reason, () => this.#read());
    this.#firstWord.resolve();
  }

  #signal({ path, values }: BusSignal): void {
    const change = readPropertiesChanged(values);
    if (change === undefined || this.#owner === undefined) return;
    if (path === networkd.path && change.interface === managerInterface) {
      if (this.#reading?.coversHost === true) return;
      const { host, unknown } = parseHostProperties(change.changed);
      this.#remarkUnknown(unknown);
      if (Object.keys(host).length > 0) this.#emit([{ kind: 'networkdHostObserved', host }]);
    } else if (change.interface === linkInterface) {
      const index = indexOfPath(path);
      if (index === undefined || this.#reading?.covers(index) === true) return;
      const { words, unknown } = parseLinkProperties(change.changed);
      this.#remarkUnknown(unknown);
      this.#linkSpoke(index, words, change.invalidated.some(isStateProperty));
    }
  }

  #linkSpoke(index: IfIndex, words: LinkProperties, isIncomplete: boolean): void {
    const isNew = !this.#lanes.has(index);
    const lane = this.#lane(index);
    if (Object.keys(words).length > 0) this.#follow(index, lane.words(words));
    if (words.administrative === 'linger') {
      this.#follow(index, lane.giveUpWaiting());
      this.#lanes.delete(index);
    } else if (isIncomplete || (isNew && !lane.isTold)) this.#askStates(index);
  }

  /** What signals have not told: of a link that is new, or of a property that changed without its value. */
  #askStates(index: IfIndex): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#parts.bus.call(getAll(owner, pathOf(index), linkInterface), (result) => {
      const lane = this.#laneOf(owner, index);
      const properties = result.ok ? dictionaryOf(result.values[0]) : undefined;
      if (lane === undefined || properties === undefined) return;
      const { words, unknown } = parseLinkProperties(properties);
      this.#remarkUnknown(unknown);
      this.#follow(index, lane.words(words));
    });
  }

  #follow(index: IfIndex, step: LaneStep): void {
    this.#emit(step.tell.map((link) => ({ kind: 'networkdLinkObserved', index, link })));
    if (step.describe) this.#describe(index);
    if (!step.startsWaiting || this.#lanes.get(index)?.isHolding !== true) return;
    this.#holding.set(index, this.#parts.clock, detailPatience, () => {
      const lane = this.#lanes.get(index);
      if (lane !== undefined) this.#follow(index, lane.giveUpWaiting());
    });
  }

  #describe(index: IfIndex): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#parts.bus.call(describeCall(owner, pathOf(index)), (result) => {
      const lane = this.#laneOf(owner, index);
      if (lane === undefined) return;
      const described = this.#readDescription(index, result);
      this.#follow(index, lane.described(described?.ok === true ? described.details : undefined));
    });
  }

  #readDescription(index: IfIndex, result: CallResult): Described | undefined {
    const text = result.ok ? textOf(result.values[0]) : undefined;
    if (text === undefined) {
      const reason = result.ok ? 'it answers with no text' : result.message;
      this.#log.debug(`systemd-networkd does not describe the link (${reason})`, {
        ifindex: index,
        repeatKey: 'networkd-describe',
      });
      return undefined;
    }
    const described = parseDescription(text);
    this.#warning(index, described);
    return described;
  }

  /** The lane of a link, as long as it is about the same owner's. */
  #laneOf(owner: string, index: IfIndex): LinkLane | undefined {
    return this.#owner === owner ? this.#lanes.get(index) : undefined;
  }

  #lane(index: IfIndex): LinkLane {
    const held = this.#lanes.get(index);
    if (held !== undefined) return held;
    const lane = new LinkLane();
    this.#lanes.set(index, lane);
    return lane;
  }

  #emit(facts: readonly NetworkdFact[]): void {
    if (facts.length === 0) return;
    if (this.#reading === undefined) {
      this.#parts.sink(facts);
    } else if (this.#meanwhile.length + facts.length <= maxMeanwhile) {
      this.#meanwhile.push(...facts);
    } else {
      this.#read();
    }
  }

  #warning(index: IfIndex, described: Described): void {
    if (described.ok && described.rejected === 0) return;
    const what = described.ok
      ? `${described.rejected} values of its description are not of their types, and left out`
      : `its description is left out: ${described.problem}`;
    const fields = { ifindex: index, messageId: 'valueRejected', repeatKey: `networkd-${index}` } as const;
    this.#log.warn(`systemd-networkd, link ${index}: ${what}`, fields);
  }

  #remarkUnknown(unknown: readonly string[]): void {
    for (const word of unknown) this.#unknown.warning(`systemd-networkd says '${word}'`);
  }
}

const pathOf = (index: IfIndex): string => `${linkNamespace}/${encodeLabel(String(index))}`;
