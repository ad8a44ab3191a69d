/**
 * systemd-networkd as a source of facts: states of links and host from the bus (org.freedesktop.network1(5)).
 * Which links exist, the kernel alone decides.
 */
import type { Fact, NetworkdFact } from '../../core/model/fact.ts';
import { type IfIndex, type Millis, millis } from '../../core/model/ids.ts';
import type { BusSignal, CallResult } from '../../ports/bus-connection.ts';
import type { Logger } from '../../ports/logger.ts';
import { encodeLabel } from '../../wire/dbus/names.ts';
import { dictionaryOf, textOf } from '../../wire/dbus/value.ts';
import { getAll, parsePropertiesChanged, propertiesChanged } from '../shared/bus-properties.ts';
import type { BusSourceParts } from '../shared/bus-source-parts.ts';
import { ReadRetry } from '../shared/read-retry.ts';
import { TimerMap } from '../shared/timer-map.ts';
import { UnknownValues } from '../shared/unknown-values.ts';
import { describeCall, linkInterface, managerInterface, networkd } from './bus-names.ts';
import { type Described, parseDescription } from './link-description.ts';
import { type LaneStep, LinkLane } from './link-lane.ts';
import { NetworkdSession, type NetworkdSessionOutcome } from './networkd-session.ts';
import {
  indexOfPath,
  isStateProperty,
  type LinkStates,
  linkNamespace,
  parseHostProperties,
  parseLinkProperties,
} from './parse-properties.ts';

/** How long states wait for their details. networkd answers within a millisecond unless it is busy. */
const detailTimeout: Millis = millis(50);
/**
 * Time between a change that the kernel reports and the call of Describe: networkd must see the change first.
 */
const coalesceTime: Millis = millis(200);
/** With more facts than this during one session, the session starts again. */
const maxMeanwhile = 10_000;

export class NetworkdSource implements Disposable {
  readonly #parts: BusSourceParts;
  readonly #log: Logger;
  readonly #unknown: UnknownValues;
  readonly #retry: ReadRetry;
  readonly #initialReport = Promise.withResolvers<void>();
  #subscription: Disposable | undefined;
  #owner: string | undefined;
  #lanes = new Map<IfIndex, LinkLane>();
  #session: NetworkdSession | undefined;
  #meanwhile: NetworkdFact[] = [];
  /** Timers of states that wait for their details, and of calls of Describe. */
  readonly #waiting = new TimerMap<IfIndex>();
  readonly #coalescing = new TimerMap<IfIndex>();

  constructor(parts: BusSourceParts) {
    this.#parts = parts;
    this.#log = parts.log.with({ component: 'networkd', backend: 'systemd-networkd' });
    this.#unknown = new UnknownValues(this.#log);
    this.#retry = new ReadRetry('systemd-networkd', parts.clock, this.#log);
  }

  /** Resolves when networkd has been read, or is known to be absent, for the first time. */
  get initialReport(): Promise<void> {
    return this.#initialReport.promise;
  }

  /** Starts to follow networkd. */
  start(): void {
    this.#subscription = this.#parts.bus.follow({
      name: networkd.name,
      signals: [propertiesChanged(networkd.path)],
      appeared: (owner) => this.#appeared(owner),
      vanished: () => this.#gone({ kind: 'networkdVanished' }),
      lost: (cause) => this.#gone({ kind: 'sourceLostSync', source: 'systemd-networkd', cause }),
      signal: (signal) => this.#signal(signal),
    });
  }

  /**
   * To be called when the kernel reports a change of the link's addresses or routes. Its servers may have
   * changed too, and networkd sends no signal for that (a renewed lease with other servers).
   */
  refreshDetails(index: IfIndex): void {
    const isReported = this.#lanes.get(index)?.isReported === true;
    if (this.#session !== undefined || !isReported || this.#coalescing.has(index)) return;
    this.#coalescing.set(index, this.#parts.clock, coalesceTime, () => {
      if (this.#lanes.get(index)?.refreshDetails() === true) this.#describe(index);
    });
  }

  /** Reads everything again. Does nothing where networkd does not run. */
  resync(): void {
    this.#releaseAll();
    this.#read();
  }

  [Symbol.dispose](): void {
    this.#subscription?.[Symbol.dispose]();
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
    this.#initialReport.resolve();
  }

  #forget(): void {
    this.#owner = undefined;
    this.#session?.abandon();
    this.#session = undefined;
    this.#meanwhile = [];
    this.#lanes = new Map();
    this.#waiting.clear();
    this.#coalescing.clear();
    this.#retry.cancel();
  }

  /** Reports without details everything that waits for them. */
  #releaseAll(): void {
    if (this.#session !== undefined) return;
    for (const [index, lane] of this.#lanes) this.#apply(index, lane.stopWaiting());
  }

  #read(): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#session?.abandon();
    this.#meanwhile = [];
    this.#lanes = new Map();
    this.#session = new NetworkdSession({
      bus: this.#parts.bus,
      owner,
      onLink: (index, states) => this.#lane(index).adopt(states),
      onUnknown: (unknown) => this.#warnUnknown(unknown),
      onDescribed: (index, described) => {
        if (described.ok) this.#lane(index).adopt(described.details);
        this.#warnRejected(index, described);
      },
      onDone: (outcome) => this.#done(outcome),
    });
    this.#session.begin();
  }

  #done(outcome: NetworkdSessionOutcome): void {
    this.#session = undefined;
    if (!outcome.ok) {
      this.#readLater(outcome.reason);
      return;
    }
    const { host, links } = outcome;
    const meanwhile = this.#meanwhile;
    this.#meanwhile = [];
    this.#retry.succeeded();
    this.#parts.sink([{ kind: 'networkdRead', host, links }, ...meanwhile]);
    this.#initialReport.resolve();
  }

  #readLater(reason: string): void {
    this.#meanwhile = [];
    this.#lanes = new Map();
    this.#retry.failed(reason, () => this.#read());
    this.#initialReport.resolve();
  }

  #signal({ path, values }: BusSignal): void {
    const change = parsePropertiesChanged(values);
    if (change === undefined || this.#owner === undefined) return;
    if (path === networkd.path && change.interface === managerInterface) {
      if (this.#session?.coversHost === true) return;
      const { host, unknown } = parseHostProperties(change.changed);
      this.#warnUnknown(unknown);
      if (Object.keys(host).length > 0) this.#emit([{ kind: 'networkdHostObserved', host }]);
    } else if (change.interface === linkInterface) {
      const index = indexOfPath(path);
      if (index === undefined || this.#session?.covers(index) === true) return;
      const { states, unknown } = parseLinkProperties(change.changed);
      this.#warnUnknown(unknown);
      this.#linkChanged(index, states, change.invalidated.some(isStateProperty));
    }
  }

  #linkChanged(index: IfIndex, states: LinkStates, isIncomplete: boolean): void {
    const isNew = !this.#lanes.has(index);
    const lane = this.#lane(index);
    if (Object.keys(states).length > 0) this.#apply(index, lane.states(states));
    if (states.administrative === 'linger') {
      this.#apply(index, lane.stopWaiting());
      this.#lanes.delete(index);
    } else if (isIncomplete || (isNew && !lane.isReported)) this.#readStates(index);
  }

  /** Reads what the signals lack: the states of a new link, or a property that changed without its value. */
  #readStates(index: IfIndex): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#parts.bus.call(getAll(owner, pathOf(index), linkInterface), (result) => {
      const lane = this.#laneOf(owner, index);
      const properties = result.ok ? dictionaryOf(result.values[0]) : undefined;
      if (lane === undefined || properties === undefined) return;
      const { states, unknown } = parseLinkProperties(properties);
      this.#warnUnknown(unknown);
      this.#apply(index, lane.states(states));
    });
  }

  #apply(index: IfIndex, step: LaneStep): void {
    this.#emit(step.reports.map((link) => ({ kind: 'networkdLinkObserved', index, link })));
    if (step.describe) this.#describe(index);
    if (!step.startsWaiting || this.#lanes.get(index)?.isWaiting !== true) return;
    this.#waiting.set(index, this.#parts.clock, detailTimeout, () => {
      const lane = this.#lanes.get(index);
      if (lane !== undefined) this.#apply(index, lane.stopWaiting());
    });
  }

  #describe(index: IfIndex): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#parts.bus.call(describeCall(owner, pathOf(index)), (result) => {
      const lane = this.#laneOf(owner, index);
      if (lane === undefined) return;
      const described = this.#readDescription(index, result);
      this.#apply(index, lane.described(described?.ok === true ? described.details : undefined));
    });
  }

  #readDescription(index: IfIndex, result: CallResult): Described | undefined {
    const text = result.ok ? textOf(result.values[0]) : undefined;
    if (text === undefined) {
      const reason = result.ok ? 'the answer is not text' : result.message;
      this.#log.debug(`systemd-networkd: Describe failed: ${reason}`, {
        ifindex: index,
        repeatKey: 'networkd-describe',
      });
      return undefined;
    }
    const described = parseDescription(text);
    this.#warnRejected(index, described);
    return described;
  }

  /** The lane of the link; undefined where networkd has another owner by now. */
  #laneOf(owner: string, index: IfIndex): LinkLane | undefined {
    return this.#owner === owner ? this.#lanes.get(index) : undefined;
  }

  #lane(index: IfIndex): LinkLane {
    const known = this.#lanes.get(index);
    if (known !== undefined) return known;
    const lane = new LinkLane();
    this.#lanes.set(index, lane);
    return lane;
  }

  #emit(facts: readonly NetworkdFact[]): void {
    if (facts.length === 0) return;
    if (this.#session === undefined) {
      this.#parts.sink(facts);
    } else if (this.#meanwhile.length + facts.length <= maxMeanwhile) {
      this.#meanwhile.push(...facts);
    } else {
      this.#read();
    }
  }

  #warnRejected(index: IfIndex, described: Described): void {
    if (described.ok && described.rejected === 0) return;
    const what = described.ok
      ? `${described.rejected} invalid values of its description left out`
      : `description left out: ${described.problem}`;
    const fields = { ifindex: index, messageId: 'valueRejected', repeatKey: `networkd-${index}` } as const;
    this.#log.warn(`systemd-networkd, link ${index}: ${what}`, fields);
  }

  #warnUnknown(unknown: readonly string[]): void {
    for (const value of unknown) this.#unknown.report('systemd-networkd', value);
  }
}

const pathOf = (index: IfIndex): string => `${linkNamespace}/${encodeLabel(String(index))}`;
