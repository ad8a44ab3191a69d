/**
 * Every event that hooks can run for, one entry each. Directory names come from this table alone, never from
 * what a peer sent. The reference in docs/hooks.md, the help texts and the names that filters accept come
 * from it.
 */
import type { Source } from './vocabulary.ts';

export interface EventEntry {
  /** Continues "hooks run when …". */
  readonly when: string;
  /** Who reports it; the first is the one that samples for tests take. */
  readonly sources: readonly Source[];
  /** Bursts are merged for `hooks.debounce_ms`; absent where the event runs at once. */
  readonly isDebounced?: true;
  /** The event has a value before and after, and waits until the value is still (events/transitions). */
  readonly isTransition?: true;
}

/** `name` is the hook directory without `.d`. */
export const eventTable = [
  {
    name: 'carrier',
    when: 'a link gained its carrier: a cable was plugged in',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  {
    name: 'no-carrier',
    when: 'a link that is up has no carrier: a cable was pulled',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  { name: 'degraded', when: 'a link has link-local addresses only', sources: ['kernel', 'systemd-networkd'] },
  {
    name: 'routable',
    when: 'a link has a routable address; with dhclient, when it has a lease',
    sources: ['kernel', 'systemd-networkd', 'dhclient'],
  },
  {
    name: 'configured',
    when: 'a link is configured: it has carrier and an address',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  { name: 'off', when: 'a link was set down', sources: ['kernel', 'systemd-networkd'] },
  { name: 'missing', when: 'a link is gone', sources: ['kernel', 'systemd-networkd'] },
  {
    name: 'dormant',
    when: 'a link has carrier and waits for something else, as Wi-Fi does',
    sources: ['kernel', 'systemd-networkd'],
  },
  {
    name: 'degraded-carrier',
    when: 'a port of a bond or bridge has no carrier',
    sources: ['kernel', 'systemd-networkd'],
  },
  {
    name: 'enslaved',
    when: 'a link became the port of a bridge, bond or VRF',
    sources: ['kernel', 'systemd-networkd'],
  },
  { name: 'pending', when: 'networkd waits for udev to process a link', sources: ['systemd-networkd'] },
  { name: 'initialized', when: 'udev has processed a link', sources: ['systemd-networkd'] },
  { name: 'configuring', when: 'networkd configures a link', sources: ['systemd-networkd'] },
  { name: 'unmanaged', when: 'networkd does not manage a link', sources: ['systemd-networkd'] },
  {
    name: 'failed',
    when: 'networkd or NetworkManager failed to configure a link',
    sources: ['systemd-networkd', 'NetworkManager'],
  },
  { name: 'linger', when: 'a link is gone and networkd remembers it', sources: ['systemd-networkd'] },
  { name: 'activated', when: 'NetworkManager activated a device', sources: ['NetworkManager'] },
  { name: 'disconnected', when: 'NetworkManager disconnected a device', sources: ['NetworkManager'] },
  {
    name: 'unavailable',
    when: 'NetworkManager cannot use a device: no carrier, or switched off',
    sources: ['NetworkManager'],
  },
  {
    name: 'deactivating',
    when: 'NetworkManager is about to disconnect a device',
    sources: ['NetworkManager'],
  },
  {
    name: 'manager',
    when: 'the state of the host changed, or a manager appeared or vanished',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  {
    name: 'routes',
    when: 'unicast routes of a link in the main table or a policy table were added, changed or removed',
    sources: ['kernel'],
    isDebounced: true,
  },
  {
    name: 'address-added',
    when: 'a link got addresses that can be used',
    sources: ['kernel'],
    isDebounced: true,
  },
  { name: 'address-removed', when: 'a link lost addresses', sources: ['kernel'], isDebounced: true },
  { name: 'link-added', when: 'a link appeared', sources: ['kernel'] },
  { name: 'link-removed', when: 'a link vanished', sources: ['kernel'] },
  { name: 'mtu', when: 'the MTU of a link changed', sources: ['kernel'], isDebounced: true },
  {
    name: 'renamed',
    when: 'a link has another name',
    sources: ['kernel'],
    isTransition: true,
  },
  {
    name: 'lease',
    when: 'a DHCP lease of a link was bound, changed, expired or released',
    sources: ['dhclient', 'systemd-networkd', 'NetworkManager'],
    isTransition: true,
  },
  {
    name: 'prefix',
    when: 'a delegated IPv6 prefix was bound, changed or expired',
    sources: ['dhclient', 'systemd-networkd', 'NetworkManager'],
    isTransition: true,
  },
  {
    name: 'address-changed',
    when: 'a link has another set of usable addresses than before',
    sources: ['kernel'],
    isTransition: true,
  },
  {
    name: 'gateway',
    when: 'the default gateway of a link changed, once per family',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
    isTransition: true,
  },
  {
    name: 'dns',
    when: 'the DNS servers or domains of a link changed',
    sources: ['systemd-networkd', 'NetworkManager', 'dhclient'],
    isTransition: true,
  },
  {
    name: 'default-route',
    when: "the host's way out was gained, changed or lost, once per family",
    sources: ['kernel'],
    isTransition: true,
  },
  {
    name: 'online',
    when: 'the host can be expected to reach others',
    sources: ['kernel'],
    isTransition: true,
  },
  {
    name: 'offline',
    when: 'the host can no longer be expected to reach others',
    sources: ['kernel'],
    isTransition: true,
  },
  {
    name: 'damped',
    when: 'flap damping took a link out of service for hooks',
    sources: ['kernel'],
  },
  {
    name: 'undamped',
    when: 'flap damping gave a link back',
    sources: ['kernel'],
  },
] as const;

/** A hook directory, without `.d`. */
export type HookDirectory = (typeof eventTable)[number]['name'];

/** Every hook directory, in the order of the table. */
export const hookDirectories: readonly HookDirectory[] = eventTable.map(({ name }) => name);

const byName: ReadonlyMap<HookDirectory, EventEntry> = new Map(
  eventTable.map((entry): [HookDirectory, EventEntry] => [entry.name, entry]),
);

/** The entry of a directory. */
export function eventEntry(directory: HookDirectory): EventEntry {
  const entry = byName.get(directory);
  if (entry === undefined) throw new Error(`'${directory}' is not in the table of events`);
  return entry;
}
