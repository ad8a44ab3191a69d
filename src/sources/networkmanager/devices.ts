/** NetworkManager's devices: which link each of them is, in which state, and what of it is news. */

import { isSameValue } from '../../core/model/equality.ts';
import type { Fact, NetworkManagerFact } from '../../core/model/fact.ts';
import { type IfIndex, type Millis, millis } from '../../core/model/ids.ts';
import type { NetworkManagerDevice } from '../../core/model/state.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { type BusValue, booleanOf, listOf, numberOf, textOf } from '../../wire/dbus/value.ts';
import { TimerMap } from '../shared/timer-map.ts';
import { UnknownValues } from '../shared/unknown-values.ts';
import { Interface, networkManager } from './bus-names.ts';
import { reportDevice, type StateAndReason } from './device-report.ts';
import { LinkNames } from './link-names.ts';
import type { Mirror } from './mirror.ts';
import { deviceState } from './state-names.ts';
import { beginsTakeOver, continuesTakeOver } from './take-over.ts';

export interface DevicesParts {
  /** What the objects say; kept up by the owner, who tells of it by `touched`, `added` and `removed`. */
  readonly mirror: Mirror;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tell: (fact: NetworkManagerFact) => void;
}

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

export class Devices {
  readonly #parts: DevicesParts;
  readonly #names = new LinkNames();
  readonly #unknown: UnknownValues;
  /** By path. */
  #devices = new Map<string, Device>();
  /** What was told of each link last, also by a NetworkManager that has ended since. */
  readonly #known = new Map<IfIndex, NetworkManagerDevice>();
  /** Until when devices are taken over, by path. */
  readonly #takingOver = new TimerMap<string>();
  /** Links that NetworkManager has no device for any more. */
  readonly #leaving = new TimerMap<IfIndex>();
  /** All were told once: from here on, changes are. */
  #areTold = false;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
    this.#unknown = new UnknownValues(parts.log);
  }

  /** What the kernel tells: which links there are, and their names. */
  onKernelFacts(facts: readonly Fact[]): void {
    for (const fact of facts) if (fact.kind === 'linkVanished') this.#known.delete(fact.index);
    const isNews = this.#names.onKernelFacts(facts);
    if (isNews && this.#areTold) for (const path of this.#devices.keys()) this.#tell(path);
  }

  /** NetworkManager has ended. What it said of links is remembered for when it returns. */
  forget(): void {
    this.#areTold = false;
    this.#devices = new Map();
    this.#takingOver.clear();
    this.#leaving.clear();
  }

  /** The mirror has been filled. */
  adoptAll(): void {
    this.#devices = new Map();
    for (const [path] of this.#parts.mirror.devices()) this.#adopt(path);
  }

  /** Every device that is a link; from now on, changes are told. */
  tellAll(): ReadonlyMap<IfIndex, NetworkManagerDevice> {
    this.#areTold = true;
    const found = new Map<IfIndex, NetworkManagerDevice>();
    for (const [path, device] of this.#devices) {
      const news = this.#newsOf(path, device);
      if (news === undefined) continue;
      this.#note(device, news);
      found.set(news.index, news.device);
    }
    return found;
  }

  /** `StateChanged(u new, u old, u reason)`: one signal for each state, however short it was. */
  changedState(path: string, values: readonly BusValue[]): void {
    const device = this.#devices.get(path);
    const current = this.#stateOf(numberOf(values[0]), numberOf(values[2]));
    if (device === undefined || current === undefined) return;
    device.current = current;
    device.isAssumed = device.isAssumed && continuesTakeOver(current, this.#isStarting);
    this.#tell(path);
  }

  /** NetworkManager has finished with what it found: what it has not touched by then it will not take over. */
  started(): void {
    for (const [path, device] of this.#devices) {
      if (!device.isAssumed || device.current === undefined) continue;
      device.isAssumed = continuesTakeOver(device.current, false);
      this.#tell(path);
    }
  }

  /** An object has got interfaces. */
  added(path: string): void {
    const isDevice = this.#parts.mirror.get(path, Interface.device) !== undefined;
    if (isDevice && !this.#devices.has(path)) this.#adopt(path);
    this.touched(path);
  }

  /** An object has lost interfaces. */
  removed(path: string): void {
    const device = this.#devices.get(path);
    if (device === undefined || this.#parts.mirror.get(path, Interface.device) !== undefined) return;
    this.#devices.delete(path);
    const { index } = device;
    if (index !== undefined) {
      this.#leaving.set(index, this.#parts.clock, farewellTime, () => this.#vanished(index));
    }
  }

  /** An object has changed: a device, or what one of them refers to. */
  touched(path: string): void {
    if (this.#devices.has(path)) {
      this.#tell(path);
      return;
    }
    for (const [of, properties] of this.#parts.mirror.devices()) {
      if (references.some((property) => textOf(properties.get(property)) === path)) this.#tell(of);
    }
  }

  /** A device that the mirror has got. */
  #adopt(path: string): void {
    const properties = this.#parts.mirror.get(path, Interface.device);
    const [, reason] = listOf(properties?.get('StateReason')) ?? [];
    const current = this.#stateOf(numberOf(properties?.get('State')), numberOf(reason));
    const isAssumed = current !== undefined && beginsTakeOver(current, this.#isStarting);
    this.#devices.set(path, { current, isAssumed, index: undefined, told: undefined });
    if (isAssumed) this.#limitTakeOver(path);
  }

  #stateOf(state: number | undefined, reason: number | undefined): StateAndReason | undefined {
    const word = deviceState(state);
    if (word !== undefined) return { state: word, reason: reason ?? 0 };
    this.#unknown.warning(`NetworkManager tells of device state ${state}`);
    return undefined;
  }

  get #isStarting(): boolean {
    const manager = this.#parts.mirror.get(networkManager.path, Interface.manager);
    return booleanOf(manager?.get('Startup')) === true;
  }

  /** However long it takes, what is told is not hidden for ever. */
  #limitTakeOver(path: string): void {
    this.#takingOver.set(path, this.#parts.clock, takeOverPatience, () => {
      const device = this.#devices.get(path);
      if (device !== undefined) device.isAssumed = false;
      this.#tell(path);
    });
  }

  /** Tells of a device where there is something to tell. */
  #tell(path: string): void {
    const device = this.#devices.get(path);
    if (device === undefined || !this.#areTold) return;
    const before = device.index;
    const news = this.#newsOf(path, device);
    if (before !== undefined && before !== device.index) {
      device.told = undefined;
      this.#vanished(before);
    }
    if (news === undefined || isSameValue(device.told, news.device)) return;
    this.#note(device, news);
    this.#parts.tell({ kind: 'networkManagerDeviceObserved', index: news.index, device: news.device });
  }

  #note(device: Device, news: DeviceNews): void {
    device.told = news.device;
    this.#known.set(news.index, news.device);
  }

  /** What is to be said of a device now; undefined where it is no link, or in a state that nobody knows. */
  #newsOf(path: string, device: Device): DeviceNews | undefined {
    const { mirror } = this.#parts;
    const properties = mirror.get(path, Interface.device);
    device.index = properties === undefined ? undefined : this.#indexOf(properties);
    if (properties === undefined || device.current === undefined || device.index === undefined)
      return undefined;
    const state = this.#stateToTell(device, device.current, device.index);
    const { device: report, rejected } = reportDevice(mirror, properties, state);
    if (rejected > 0) this.#warning(device.index, rejected);
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

  /** Unless another device has become this link meanwhile. What happens before all were told is in that. */
  #vanished(index: IfIndex): void {
    if (!this.#areTold || [...this.#devices.values()].some((device) => device.index === index)) return;
    this.#parts.tell({ kind: 'networkManagerDeviceVanished', index });
  }

  #warning(index: IfIndex, rejected: number): void {
    this.#parts.log.warn(
      `NetworkManager, link ${index}: ${rejected} values are not of their types, and left out`,
      { ifindex: index, messageId: 'valueRejected', repeatKey: `networkmanager-${index}` },
    );
  }
}

/** Properties of a device that name other objects. */
const references = ['ActiveConnection', 'Ip4Config', 'Ip6Config', 'Dhcp4Config', 'Dhcp6Config'] as const;
