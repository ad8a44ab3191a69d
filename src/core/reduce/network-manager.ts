/** Folds reports of NetworkManager. */

import { isSameRecord } from '../model/equality.ts';
import type { NetworkManagerFact } from '../model/fact.ts';
import type { IfIndex } from '../model/ids.ts';
import type { NetworkManagerDevice, NetworkManagerState } from '../model/state.ts';
import { isGone, markAppeared, markLost, mergeProperties, reuseIfEqual } from './manager.ts';

/** Returns the same object if the fact changes nothing. */
export function reduceNetworkManager(
  manager: NetworkManagerState,
  fact: NetworkManagerFact,
): NetworkManagerState {
  switch (fact.kind) {
    case 'networkManagerAppeared':
      return markAppeared(manager);
    case 'networkManagerVanished':
      return isGone(manager) ? manager : { ...markLost(manager), host: {} };
    case 'networkManagerRead':
      return readNetworkManager(manager, fact);
    case 'networkManagerDeviceObserved':
      return observeDevice(manager, fact.index, fact.device);
    case 'networkManagerDeviceVanished':
      return forgetDevice(manager, fact.index);
    case 'networkManagerHostObserved': {
      const host = mergeProperties(manager.host, fact.host);
      return host === manager.host ? manager : { ...manager, host };
    }
  }
}

function readNetworkManager(
  manager: NetworkManagerState,
  read: NetworkManagerFact & { readonly kind: 'networkManagerRead' },
): NetworkManagerState {
  let { devices } = manager;
  for (const [index, device] of read.devices)
    devices = devices.set(index, reuseIfEqual(devices.get(index), device));
  for (const index of manager.devices.keys()) if (!read.devices.has(index)) devices = devices.delete(index);
  const host = isSameRecord(manager.host, read.host) ? manager.host : read.host;
  const isChanged = devices !== manager.devices || host !== manager.host || manager.freshness !== 'current';
  return isChanged ? { freshness: 'current', host, devices } : manager;
}

function observeDevice(
  manager: NetworkManagerState,
  index: IfIndex,
  report: NetworkManagerDevice,
): NetworkManagerState {
  const previous = manager.devices.get(index);
  const device = reuseIfEqual(previous, report);
  return device === previous ? manager : { ...manager, devices: manager.devices.set(index, device) };
}

/** Removes a device that is gone: another one may take its index. */
export function forgetDevice(manager: NetworkManagerState, index: IfIndex): NetworkManagerState {
  const devices = manager.devices.delete(index);
  return devices === manager.devices ? manager : { ...manager, devices };
}
