/** NetworkManager as a source of facts: what it says of devices and host on the bus (NetworkManager's D-Bus reference). */
import type { Fact, NetworkManagerFact } from '../../core/fact.ts';
import { type IfIndex, type Millis, millis } from '../../core/ids.ts';
import { isSameValue } from '../../core/same.ts';
import type { NetworkManagerDevice } from '../../core/state.ts';
import type { BusSignal, CallResult } from '../../ports/bus-connection.ts';
import type { Logger } from '../../ports/logger.ts';
import {
  type BusValue,
  booleanOf,
  dictionaryOf,
  listOf,
  numberOf,
  textOf,
  textsOf,
} from '../../wire/dbus/value.ts';
import { readPropertiesChanged } from '../shared/bus-properties.ts';
import type { BusSourceParts } from '../shared/bus-source-parts.ts';
import { ReadingRetry } from '../shared/reading-retry.ts';
import { TimerMap } from '../shared/timer-map.ts';
import { UnknownWords } from '../shared/unknown-words.ts';
import { reportDevice, type StateAndReason } from './device-report.ts';
import { LinkNames } from './link-names.ts';
import { Mirror } from './mirror.ts';
import { getManagedObjects, Interface, networkManager, signalRules } from './objects.ts';
import { beginsTakeOver, continuesTakeOver } from './take-over.ts';
import { connectivity, deviceState, hostState } from './words.ts';

interface DeviceNews {
  readonly index: IfIndex;
  readonly device: NetworkManagerDevice;
}

/** A device, which link it is, and what was told of it last. */
interface Device {
  current: StateAndReason | undefined;
  /** NetworkManager has come back and takes over what it finds. */
  isAssumed: boolean;
  index: IfIndex | undefined;
  told: NetworkManagerDevice | undefined;
}

/** By then a device has been taken over, or has failed: NetworkManager gives up on DHCP after 45 seconds. */
const takeOverPatience: Millis = millis(90_000);
/** When it ends, NetworkManager takes leave of some devices first. One whose end outlives this was really given up. */
const farewellTime: Millis = millis(2_000);

export class NetworkManagerSource implements Disposable {
  readonly #parts: BusSourceParts;
  readonly #log: Logger;
  readonly #names = new LinkNames();
  readonly #unknown: UnknownWords;
  readonly #retry: ReadingRetry;
  readonly #firstWord = Promise.withResolvers<void>();
  readonly #mirror = new Mirror();
  /** By path. */
  #devices = new Map<string, Device>();
  /** What was told of each link last, also by a NetworkManager that has ended since. */
  readonly #known = new Map<IfIndex, NetworkManagerDevice>();
  /** Until when devices are taken over, by path. */
  readonly #takingOver = new TimerMap<string>();
  /** Links that NetworkManager has no device for any more. */
  readonly #leaving = new TimerMap<IfIndex>();
  #host: Readonly<Record<string, string>> = {};
  #following: Disposable | undefined;
  #owner: string | undefined;
  /** The mirror is filled. */
  #isRead = false;
  /** The reading was told: from here on, changes are. */
  #isTold = false;
  /** The kernel has told which links there are: without their indexes, nothing can be told of devices. */
  #hasLinks = false;

  constructor(parts: BusSourceParts) {
    this.#parts = parts;
    this.#log = parts.log.with({ component: 'networkmanager', backend: 'NetworkManager' });
    this.#unknown = new UnknownWords(this.#log);
    this.#retry = new ReadingRetry('NetworkManager', parts.clock, this.#log);
  }

  /**
   * Resolves when NetworkManager has been read, or is known not to be there, for the first time. What was read is told
   * as soon as the kernel's links are known.
   */
  get firstWord(): Promise<void> {
    return this.#firstWord.promise;
  }

  /** Follows NetworkManager from now on. */
  start(): void {
    this.#following = this.#parts.bus.follow({
      name: networkManager.name,
      signals: signalRules,
      appeared: (owner) => this.#appeared(owner),
      vanished: () => this.#gone({ kind: 'networkManagerVanished' }),
      lost: (cause) => this.#gone({ kind: 'sourceLostSync', source: 'NetworkManager', cause }),
      signal: (signal) => this.#signal(signal),
    });
  }

  /** What the kernel tells: which links there are, and their names. To be called before the same facts are told to others. */
  heed(facts: readonly Fact[]): void {
    for (const fact of facts) {
      if (fact.kind === 'linkVanished') this.#known.delete(fact.index);
      if (fact.kind === 'kernelRead') this.#hasLinks = true;
    }
    const isNews = this.#names.heed(facts);
    if (!this.#isTold) this.#tellReading();
    else if (isNews) for (const path of this.#devices.keys()) this.#tell(path);
  }

  [Symbol.dispose](): void {
    this.#following?.[Symbol.dispose]();
    this.#forget();
  }

  #appeared(owner: string): void {
    this.#forget();
    this.#owner = owner;
    this.#retry.succeeded();
    this.#parts.sink([{ kind: 'networkManagerAppeared' }]);
    this.#read();
  }

  #gone(fact: Fact): void {
    this.#forget();
    this.#parts.sink([fact]);
    this.#firstWord.resolve();
  }

  #forget(): void {
    this.#owner = undefined;
    this.#isRead = false;
    this.#isTold = false;
    this.#devices = new Map();
    this.#takingOver.clear();
    this.#leaving.clear();
    this.#retry.cancel();
  }

  /** One call, so that it is one picture: what was said before the answer is in it, what is said after is not. */
  #read(): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.#parts.bus.call(getManagedObjects(owner), (result) => {
      if (owner === this.#owner) this.#done(result);
    });
  }

  #done(result: CallResult): void {
    const isRead = result.ok && this.#mirror.fill(result.values[0]);
    if (isRead) {
      this.#isRead = true;
      this.#retry.succeeded();
      this.#devices = new Map();
      for (const [path] of this.#mirror.devices()) this.#adopt(path);
      this.#host = this.#readHost();
      this.#tellReading();
    } else {
      const reason = result.ok ? 'its list of objects is none' : result.message;
      this.#retry.failed(reason, () => this.#read());
    }
    this.#firstWord.resolve();
  }

  #readHost(): Readonly<Record<string, string>> {
    const manager = this.#mirror.get(networkManager.path, Interface.manager);
    const state = hostState(numberOf(manager?.get('State')));
    const reach = connectivity(numberOf(manager?.get('Connectivity')));
    return {
      ...(state !== undefined && { State: state }),
      ...(reach !== undefined && { Connectivity: reach }),
    };
  }

  #tellReading(): void {
    if (!this.#isRead || !this.#hasLinks) return;
    this.#isTold = true;
    this.#parts.sink([{ kind: 'networkManagerRead', host: this.#host, devices: this.#readDevices() }]);
  }

  #readDevices(): ReadonlyMap<IfIndex, NetworkManagerDevice> {
    const found = new Map<IfIndex, NetworkManagerDevice>();
    for (const [path, device] of this.#devices) {
      const news = this.#newsOf(path, device);
      if (news === undefined) continue;
      this.#note(device, news);
      found.set(news.index, news.device);
    }
    return found;
  }

  /** A device that the mirror has got. */
  #adopt(path: string): void {
    const properties = this.#mirror.get(path, Interface.device);
    const [, reason] = listOf(properties?.get('StateReason')) ?? [];
    const current = this.#stateOf(numberOf(properties?.get('State')), numberOf(reason));
    const isAssumed = current !== undefined && beginsTakeOver(current, this.#isStarting);
    this.#devices.set(path, { current, isAssumed, index: undefined, told: undefined });
    if (isAssumed) this.#limitTakeOver(path);
  }

  #stateOf(state: number | undefined, reason: number | undefined): StateAndReason | undefined {
    const word = deviceState(state);
    if (word !== undefined) return { state: word, reason: reason ?? 0 };
    this.#unknown.remark(`NetworkManager tells of device state ${state}`);
    return undefined;
  }

  #signal({ path, interface: name, member, values }: BusSignal): void {
    if (!this.#isRead) return;
    switch (member) {
      case 'StateChanged':
        if (name === Interface.device) this.#deviceState(path, values);
        else this.#hostState(values);
        break;
      case 'PropertiesChanged':
        this.#changed(path, values);
        break;
      case 'InterfacesAdded':
        this.#added(textOf(values[0]), values[1]);
        break;
      case 'InterfacesRemoved':
        this.#removed(textOf(values[0]), textsOf(values[1]) ?? []);
    }
  }

  /** `StateChanged(u new, u old, u reason)`: one signal for each state, however short it was. */
  #deviceState(path: string, values: readonly BusValue[]): void {
    const device = this.#devices.get(path);
    const current = this.#stateOf(numberOf(values[0]), numberOf(values[2]));
    if (device === undefined || current === undefined) return;
    device.current = current;
    device.isAssumed = device.isAssumed && continuesTakeOver(current, this.#isStarting);
    this.#tell(path);
  }

  get #isStarting(): boolean {
    const manager = this.#mirror.get(networkManager.path, Interface.manager);
    return booleanOf(manager?.get('Startup')) === true;
  }

  /** NetworkManager has finished with what it found: what it has not touched by then it will not take over. */
  #started(): void {
    for (const [path, device] of this.#devices) {
      if (!device.isAssumed || device.current === undefined) continue;
      device.isAssumed = continuesTakeOver(device.current, false);
      this.#tell(path);
    }
  }

  /** However long it takes, what is told is not hidden for ever. */
  #limitTakeOver(path: string): void {
    this.#takingOver.set(path, this.#parts.clock, takeOverPatience, () => {
      const device = this.#devices.get(path);
      if (device !== undefined) device.isAssumed = false;
      this.#tell(path);
    });
  }

  #hostState(values: readonly BusValue[]): void {
    const state = hostState(numberOf(values[0]));
    if (state === undefined) return;
    this.#host = { ...this.#host, State: state };
    this.#emit({ kind: 'networkManagerHostObserved', host: { State: state } });
  }

  #changed(path: string, values: readonly BusValue[]): void {
    const change = readPropertiesChanged(values);
    if (change === undefined || !this.#mirror.change(path, change.interface, change.changed)) return;
    if (change.interface !== Interface.manager) {
      this.#touched(path);
      return;
    }
    if (booleanOf(change.changed.get('Startup')) === false) this.#started();
    const reach = connectivity(numberOf(change.changed.get('Connectivity')));
    if (reach === undefined) return;
    this.#host = { ...this.#host, Connectivity: reach };
    this.#emit({ kind: 'networkManagerHostObserved', host: { Connectivity: reach } });
  }

  #added(path: string | undefined, interfaces: BusValue | undefined): void {
    if (path === undefined) return;
    this.#mirror.add(path, dictionaryOf(interfaces));
    if (this.#mirror.get(path, Interface.device) !== undefined && !this.#devices.has(path)) this.#adopt(path);
    this.#touched(path);
  }

  #removed(path: string | undefined, interfaces: readonly string[]): void {
    if (path === undefined) return;
    this.#mirror.remove(path, interfaces);
    const device = this.#devices.get(path);
    if (device === undefined || this.#mirror.get(path, Interface.device) !== undefined) return;
    this.#devices.delete(path);
    const { index } = device;
    if (index !== undefined) {
      this.#leaving.set(index, this.#parts.clock, farewellTime, () => this.#vanished(index));
    }
  }

  /** An object has changed: a device, or what one of them refers to. */
  #touched(path: string): void {
    if (this.#devices.has(path)) {
      this.#tell(path);
      return;
    }
    for (const [of, properties] of this.#mirror.devices()) {
      if (references.some((property) => textOf(properties.get(property)) === path)) this.#tell(of);
    }
  }

  /** Tells of a device where there is something to tell. */
  #tell(path: string): void {
    const device = this.#devices.get(path);
    if (device === undefined || !this.#isTold) return;
    const before = device.index;
    const news = this.#newsOf(path, device);
    if (before !== undefined && before !== device.index) {
      device.told = undefined;
      this.#vanished(before);
    }
    if (news === undefined || isSameValue(device.told, news.device)) return;
    this.#note(device, news);
    this.#emit({ kind: 'networkManagerDeviceObserved', index: news.index, device: news.device });
  }

  /** What happens before the reading is told is in it. */
  #emit(fact: NetworkManagerFact): void {
    if (this.#isTold) this.#parts.sink([fact]);
  }

  #note(device: Device, news: DeviceNews): void {
    device.told = news.device;
    this.#known.set(news.index, news.device);
  }

  /** What is to be said of a device now; undefined where it is no link, or in a state that nobody knows. */
  #newsOf(path: string, device: Device): DeviceNews | undefined {
    const properties = this.#mirror.get(path, Interface.device);
    device.index = properties === undefined ? undefined : this.#indexOf(properties);
    if (properties === undefined || device.current === undefined || device.index === undefined)
      return undefined;
    const state = this.#stateToTell(device, device.current, device.index);
    const { device: report, rejected } = reportDevice(this.#mirror, properties, state);
    if (rejected > 0) this.#remark(device.index, rejected);
    return { index: device.index, device: report };
  }

  /**
   * NetworkManager takes a device that it finds configured through all states once more after its own restart. The
   * device has not left the state that it was in, unless that fails.
   */
  #stateToTell({ isAssumed }: Device, current: StateAndReason, index: IfIndex): StateAndReason {
    const known = isAssumed ? this.#known.get(index) : undefined;
    return known === undefined ? current : { state: known.state, reason: known.reason };
  }

  /** A device that is not real has no link yet; a modem's is known by its other name. */
  #indexOf(properties: ReadonlyMap<string, BusValue>): IfIndex | undefined {
    if (booleanOf(properties.get('Real')) === false) return undefined;
    const [own, ip] = [properties.get('Interface'), properties.get('IpInterface')].map(textOf);
    return this.#names.indexOf(own ?? '') ?? this.#names.indexOf(ip ?? '');
  }

  /** Unless another device has become this link meanwhile. */
  #vanished(index: IfIndex | undefined): void {
    if (index === undefined || [...this.#devices.values()].some((device) => device.index === index)) return;
    this.#emit({ kind: 'networkManagerDeviceVanished', index });
  }

  #remark(index: IfIndex, rejected: number): void {
    this.#log.warn(`NetworkManager, link ${index}: ${rejected} values are not of their types, and left out`, {
      ifindex: index,
      messageId: 'valueRejected',
      repeatKey: `networkmanager-${index}`,
    });
  }
}

/** Properties of a device that name other objects. */
const references = ['ActiveConnection', 'Ip4Config', 'Ip6Config', 'Dhcp4Config', 'Dhcp6Config'] as const;
