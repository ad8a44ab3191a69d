/** When the scripts of each hook directory run: for people. */
import { type HookDirectory, hookDirectories } from '../model/event.ts';
import { nearest } from '../model/nearest.ts';
import type { Source } from '../model/vocabulary.ts';

export interface HookDirectoryText {
  /** Continues "scripts in it run when …". */
  readonly when: string;
  /** Who tells of it. */
  readonly sources: readonly Source[];
}

const all: readonly Source[] = ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'];
const derivable: readonly Source[] = ['kernel', 'systemd-networkd'];
const networkd: readonly Source[] = ['systemd-networkd'];
const networkManager: readonly Source[] = ['NetworkManager'];
const kernel: readonly Source[] = ['kernel'];

/** Every hook directory: when its scripts run, and by whose word. */
export const hookDirectoryTexts: Readonly<Record<HookDirectory, HookDirectoryText>> = {
  carrier: { when: 'a link has gained its carrier: a cable was put in', sources: all },
  'no-carrier': { when: 'a link that is switched on has no carrier: a cable was pulled', sources: all },
  degraded: { when: 'a link has link-local addresses and no others', sources: derivable },
  routable: {
    when: 'a link can be reached from beyond it; with dhclient, when it has a lease',
    sources: ['kernel', 'systemd-networkd', 'dhclient'],
  },
  configured: { when: 'a link is set up: its carrier and an address are there', sources: all },
  off: { when: 'a link is switched off', sources: derivable },
  missing: { when: 'a link is gone', sources: derivable },
  dormant: { when: 'a link has its carrier and waits for something else, as Wi-Fi does', sources: derivable },
  'degraded-carrier': { when: 'a port of a bond or bridge has no carrier', sources: derivable },
  enslaved: { when: 'a link has become the port of a bridge, bond or VRF', sources: derivable },
  pending: { when: 'networkd waits for udev to be done with a link', sources: networkd },
  initialized: { when: 'udev is done with a link', sources: networkd },
  configuring: { when: 'networkd sets a link up', sources: networkd },
  unmanaged: { when: 'networkd leaves a link alone', sources: networkd },
  failed: {
    when: 'networkd or NetworkManager could not set a link up',
    sources: ['systemd-networkd', 'NetworkManager'],
  },
  linger: { when: 'a link is gone and networkd remembers it', sources: networkd },
  activated: { when: 'NetworkManager has activated a device', sources: networkManager },
  disconnected: { when: 'NetworkManager has disconnected a device', sources: networkManager },
  unavailable: {
    when: 'NetworkManager cannot use a device: no carrier, or switched off',
    sources: networkManager,
  },
  deactivating: { when: 'NetworkManager is about to disconnect a device', sources: networkManager },
  manager: { when: 'the state of the host as a whole has changed, or a manager came or went', sources: all },
  routes: { when: 'unicast routes of a link were added, changed or removed', sources: kernel },
  'address-added': { when: 'addresses were added to a link and can be used', sources: kernel },
  'address-removed': { when: 'addresses were removed from a link', sources: kernel },
  'link-added': { when: 'a link has appeared', sources: kernel },
  'link-removed': { when: 'a link has gone', sources: kernel },
  mtu: { when: 'the MTU of a link has changed', sources: kernel },
};

/** The directory that this name means, with or without `.d`. */
export function parseHookDirectory(text: string): HookDirectory | undefined {
  const name = text.endsWith('.d') ? text.slice(0, -2) : text;
  return hookDirectories.find((known) => known === name);
}

/** The directory that somebody who wrote `text` may have meant. */
export function nearestHookDirectory(text: string): HookDirectory | undefined {
  const near = nearest(text.endsWith('.d') ? text.slice(0, -2) : text, hookDirectories);
  return near === undefined ? undefined : parseHookDirectory(near);
}
