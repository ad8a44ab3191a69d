/** Descriptions of the hook directories, for people. */
import { type HookDirectory, hookDirectories } from '../model/event.ts';
import { nearest } from '../model/nearest.ts';
import type { Source } from '../model/vocabulary.ts';

export interface HookDirectoryText {
  /** Continues "scripts in it run when …". */
  readonly when: string;
  /** The sources that report it. */
  readonly sources: readonly Source[];
}

const all: readonly Source[] = ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'];
const derivable: readonly Source[] = ['kernel', 'systemd-networkd'];
const networkd: readonly Source[] = ['systemd-networkd'];
const networkManager: readonly Source[] = ['NetworkManager'];
const kernel: readonly Source[] = ['kernel'];

/** When the scripts of each hook directory run, and which sources report it. */
export const hookDirectoryTexts: Readonly<Record<HookDirectory, HookDirectoryText>> = {
  carrier: { when: 'a link gains carrier: a cable is plugged in', sources: all },
  'no-carrier': { when: 'a link that is up has no carrier: a cable is unplugged', sources: all },
  degraded: { when: 'a link has link-local addresses and no others', sources: derivable },
  routable: {
    when: 'a link has a routable address; with dhclient, a lease',
    sources: ['kernel', 'systemd-networkd', 'dhclient'],
  },
  configured: { when: 'a link is set up: it has carrier and an address', sources: all },
  off: { when: 'a link is down', sources: derivable },
  missing: { when: 'a link is gone', sources: derivable },
  dormant: { when: 'a link has carrier and waits for something else, as Wi-Fi does', sources: derivable },
  'degraded-carrier': { when: 'a port of a bond or bridge has no carrier', sources: derivable },
  enslaved: { when: 'a link becomes the port of a bridge, bond or VRF', sources: derivable },
  pending: { when: 'networkd waits for udev to initialize a link', sources: networkd },
  initialized: { when: 'udev has initialized a link', sources: networkd },
  configuring: { when: 'networkd configures a link', sources: networkd },
  unmanaged: { when: 'networkd does not manage a link', sources: networkd },
  failed: {
    when: 'networkd or NetworkManager fails to configure a link',
    sources: ['systemd-networkd', 'NetworkManager'],
  },
  linger: { when: 'a link is gone and networkd still knows it', sources: networkd },
  activated: { when: 'NetworkManager activates a device', sources: networkManager },
  disconnected: { when: 'NetworkManager disconnects a device', sources: networkManager },
  unavailable: {
    when: 'NetworkManager cannot use a device: it has no carrier, or it is off',
    sources: networkManager,
  },
  deactivating: { when: 'NetworkManager is about to disconnect a device', sources: networkManager },
  manager: { when: 'the state of the host as a whole changes, or a manager starts or stops', sources: all },
  routes: { when: 'unicast routes of a link are added, changed or removed', sources: kernel },
  'address-added': { when: 'addresses are added to a link and ready to use', sources: kernel },
  'address-removed': { when: 'addresses are removed from a link', sources: kernel },
  'link-added': { when: 'a link appears', sources: kernel },
  'link-removed': { when: 'a link is gone', sources: kernel },
  mtu: { when: 'the MTU of a link changes', sources: kernel },
};

/** Parses the name of a hook directory, with or without `.d`. */
export function parseHookDirectory(text: string): HookDirectory | undefined {
  const name = text.endsWith('.d') ? text.slice(0, -2) : text;
  return hookDirectories.find((known) => known === name);
}

/** Suggests the directory nearest to a misspelled name. */
export function nearestHookDirectory(text: string): HookDirectory | undefined {
  const near = nearest(text.endsWith('.d') ? text.slice(0, -2) : text, hookDirectories);
  return near === undefined ? undefined : parseHookDirectory(near);
}
