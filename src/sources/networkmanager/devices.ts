/** NetworkManager's devices: the link of each, its state, and what changed. */

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
  /** Kept up to date by the owner, who reports changes with `touched`, `added` and `removed`. */
  readonly mirror: Mirror;
  readonly clock: Clock;
  readonly log: Logger;
  readonly report: (fact: NetworkManagerFact) => void;
}

interface DeviceUpdate {
  readonly index: IfIndex;
  readonly device: NetworkManagerDevice;
}

/** A device, its link, and its last report. */
interface Device {
  current: StateAndReason | undefined;
  /** NetworkManager restarted and takes over the device as it is configured. */
  isAssumed: boolean;
  index: IfIndex | undefined;
  reported: NetworkManagerDevice | undefined;
}

/** By then a take-over has succeeded or failed: NetworkManager gives up on DHCP after 45 seconds. */
const takeOverTimeout: Millis = millis(90_000);
/** NetworkManager removes some devices when it ends. A removal counts only if it outlasts this. */
const removalGrace: Millis = millis(2_000);

export class Devices {
  readonly #parts: DevicesParts;
  readonly #names = new LinkNames();
  readonly #unknown: UnknownValues;
  /** By path. */
  #devices = new Map<string, Device>();
  /** The last report of each link, also of a NetworkManager that has ended since. */
  readonly #known = new Map<IfIndex, NetworkManagerDevice>();
  /** Timeouts of take-overs, by path. */
  readonly #takingOver = new TimerMap<string>();
  /** Links that no longer have a device; each until the removal counts. */
  readonly #leaving = new TimerMap<IfIndex>();
  /** All devices have been reported once; from then on, changes are reported. */
  #isReporting = false;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
    this.#unknown = new UnknownValues(parts.log);
  }

  /** Learns which links exist, and their names. */
  onKernelFacts(facts: readonly Fact[]): void {
    for (const fact of facts) if (fact.kind === 'linkVanished') this.#known.delete(fact.index);
    const isChanged = this.#names.onKernelFacts(facts);
    if (isChanged && this.#isReporting) for (const path of this.#devices.keys()) this.#report(path);
  }

  /** NetworkManager has ended. The last report of each link stays for when it returns. */
  forget(): void {
    this.#isReporting = false;
    this.#devices = new Map();
    this.#takingOver.clear();
    this.#leaving.clear();
  }

  /** The mirror has been filled. */
  adoptAll(): void {
    this.#devices = new Map();
    for (const [path] of this.#parts.mirror.devices()) this.#adopt(path);
  }

  /** Returns every device that has a link; from now on, changes are reported. */
  reportAll(): ReadonlyMap<IfIndex, NetworkManagerDevice> {
    this.#isReporting = true;
    const found = new Map<IfIndex, NetworkManagerDevice>();
    for (const [path, device] of this.#devices) {
      const update = this.#updateOf(path, device);
      if (update === undefined) continue;
      this.#note(device, update);
      found.set(update.index, update.device);
    }
    return found;
  }

  /**
   * `StateChanged(u new, u old, u reason)`. NetworkManager sends one signal for each state, however short.
   */
  changedState(path: string, values: readonly BusValue[]): void {
    const device = this.#devices.get(path);
    const current = this.#stateOf(numberOf(values[0]), numberOf(values[2]));
    if (device === undefined || current === undefined) return;
    device.current = current;
    device.isAssumed = device.isAssumed && continuesTakeOver(current, this.#isStarting);
    this.#report(path);
  }

  /** NetworkManager's startup is complete: a device that it has not touched will not be taken over. */
  started(): void {
    for (const [path, device] of this.#devices) {
      if (!device.isAssumed || device.current === undefined) continue;
      device.isAssumed = continuesTakeOver(device.current, false);
      this.#report(path);
    }
  }

  /** An object has new interfaces. */
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
      this.#leaving.set(index, this.#parts.clock, removalGrace, () => this.#vanished(index));
    }
  }

  /** A device has changed, or an object that a device refers to. */
  touched(path: string): void {
    if (this.#devices.has(path)) {
      this.#report(path);
      return;
    }
    for (const [of, properties] of this.#parts.mirror.devices()) {
      if (references.some((property) => textOf(properties.get(property)) === path)) this.#report(of);
    }
  }

  /** Adds a device of the mirror. */
  #adopt(path: string): void {
    const properties = this.#parts.mirror.get(path, Interface.device);
    const [, reason] = listOf(properties?.get('StateReason')) ?? [];
    const current = this.#stateOf(numberOf(properties?.get('State')), numberOf(reason));
    const isAssumed = current !== undefined && beginsTakeOver(current, this.#isStarting);
    this.#devices.set(path, { current, isAssumed, index: undefined, reported: undefined });
    if (isAssumed) this.#limitTakeOver(path);
  }

  #stateOf(state: number | undefined, reason: number | undefined): StateAndReason | undefined {
    const name = deviceState(state);
    if (name !== undefined) return { state: name, reason: reason ?? 0 };
    this.#unknown.report('NetworkManager', `State=${state}`);
    return undefined;
  }

  get #isStarting(): boolean {
    const manager = this.#parts.mirror.get(networkManager.path, Interface.manager);
    return booleanOf(manager?.get('Startup')) === true;
  }

  /** Ends the take-over after its timeout, so that the real state is not hidden forever. */
  #limitTakeOver(path: string): void {
    this.#takingOver.set(path, this.#parts.clock, takeOverTimeout, () => {
      const device = this.#devices.get(path);
      if (device !== undefined) device.isAssumed = false;
      this.#report(path);
    });
  }

  /** Reports a device, if anything changed. */
  #report(path: string): void {
    const device = this.#devices.get(path);
    if (device === undefined || !this.#isReporting) return;
    const before = device.index;
    const update = this.#updateOf(path, device);
    if (before !== undefined && before !== device.index) {
      device.reported = undefined;
      this.#vanished(before);
    }
    if (update === undefined || isSameValue(device.reported, update.device)) return;
    this.#note(device, update);
    this.#parts.report({ kind: 'networkManagerDeviceObserved', index: update.index, device: update.device });
  }

  #note(device: Device, update: DeviceUpdate): void {
    device.reported = update.device;
    this.#known.set(update.index, update.device);
  }

  /** The report of a device now; undefined where it has no link or an unknown state. */
  #updateOf(path: string, device: Device): DeviceUpdate | undefined {
    const { mirror } = this.#parts;
    const properties = mirror.get(path, Interface.device);
    device.index = properties === undefined ? undefined : this.#indexOf(properties);
    if (properties === undefined || device.current === undefined || device.index === undefined)
      return undefined;
    const state = this.#stateToReport(device, device.current, device.index);
    const { device: report, rejected } = reportDevice(mirror, properties, state);
    if (rejected > 0) this.#warnRejected(device.index, rejected);
    return { index: device.index, device: report };
  }

  /**
   * After its own restart NetworkManager takes a device that it finds configured through all states again.
   * The device itself has not left its state, unless the take-over fails.
   */
  #stateToReport({ isAssumed }: Device, current: StateAndReason, index: IfIndex): StateAndReason {
    const known = isAssumed ? this.#known.get(index) : undefined;
    return known === undefined ? current : { state: known.state, reason: known.reason };
  }

  /** A device that is not real has no link yet. A modem's link has the name in IpInterface. */
  #indexOf(properties: ReadonlyMap<string, BusValue>): IfIndex | undefined {
    if (booleanOf(properties.get('Real')) === false) return undefined;
    const [own, ip] = [properties.get('Interface'), properties.get('IpInterface')].map(textOf);
    return this.#names.indexOf(own ?? '') ?? this.#names.indexOf(ip ?? '');
  }

  /**
   * Reports that the link has no device, unless another device has taken it. Before `reportAll` there is no
   * need.
   */
  #vanished(index: IfIndex): void {
    if (!this.#isReporting || [...this.#devices.values()].some((device) => device.index === index)) return;
    this.#parts.report({ kind: 'networkManagerDeviceVanished', index });
  }

  #warnRejected(index: IfIndex, rejected: number): void {
    this.#parts.log.warn(`NetworkManager, link ${index}: ${rejected} invalid values left out`, {
      ifindex: index,
      rejected,
      messageId: 'valueRejected',
      repeatKey: `networkmanager-${index}`,
    });
  }
}

/** Properties of a device that name other objects. */
const references = ['ActiveConnection', 'Ip4Config', 'Ip6Config', 'Dhcp4Config', 'Dhcp6Config'] as const;
