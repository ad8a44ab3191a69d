/** Folding what NetworkManager says. */

import { isSameRecord } from '../model/equality.ts';
import type { NetworkManagerFact } from '../model/fact.ts';
import type { IfIndex } from '../model/ids.ts';
import type { NetworkManagerDevice, NetworkManagerState } from '../model/state.ts';
import { appeared, kept, lost, mergedRecord } from './manager.ts';

/** The same object where the fact is no news. */
export function reduceNetworkManager(
  manager: NetworkManagerState,
  fact: NetworkManagerFact,
): NetworkManagerState {
  switch (fact.kind) {
    case 'networkManagerAppeared':
      return appeared(manager);
    case 'networkManagerVanished':
      return isSilent(manager) ? manager : { ...lost(manager), host: {} };
    case 'networkManagerRead':
      return readNetworkManager(manager, fact);
    case 'networkManagerDeviceObserved':
      return observeDevice(manager, fact.index, fact.device);
    case 'networkManagerDeviceVanished':
      return forgetDevice(manager, fact.index);
    case 'networkManagerHostObserved': {
      const host = mergedRecord(manager.host, fact.host);
      return host === manager.host ? manager : { ...manager, host };
    }
  }
}

const isSilent = ({ freshness, host }: NetworkManagerState): boolean =>
  freshness === 'absent' || (freshness === 'stale' && Object.keys(host).length === 0);

function readNetworkManager(
  manager: NetworkManagerState,
  read: NetworkManagerFact & { readonly kind: 'networkManagerRead' },
): NetworkManagerState {
  let { devices } = manager;
  for (const [index, device] of read.devices) devices = devices.set(index, kept(devices.get(index), device));
  for (const index of manager.devices.keys()) if (!read.devices.has(index)) devices = devices.delete(index);
  const host = isSameRecord(manager.host, read.host) ? manager.host : read.host;
  const isNews = devices !== manager.devices || host !== manager.host || manager.freshness !== 'current';
  return isNews ? { freshness: 'current', host, devices } : manager;
}

function observeDevice(
  manager: NetworkManagerState,
  index: IfIndex,
  told: NetworkManagerDevice,
): NetworkManagerState {
  const held = manager.devices.get(index);
  const device = kept(held, told);
  return device === held ? manager : { ...manager, devices: manager.devices.set(index, device) };
}

/** The device is gone, and its index may be taken by another. */
export function forgetDevice(manager: NetworkManagerState, index: IfIndex): NetworkManagerState {
  const devices = manager.devices.delete(index);
  return devices === manager.devices ? manager : { ...manager, devices };
}
