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
  /**
   * `state`: the link reached the state that the directory is named after. `occurrence`: something appeared,
   * vanished or changed. `transition`: a value changed and has been still since; the event has it before and
   * after (events/transitions).
   */
  readonly kind: 'state' | 'occurrence' | 'transition';
  /** The event is about the host, not about a link. */
  readonly isOfHost?: true;
}

/** `name` is the hook directory without `.d`. */
export const eventTable = [
  {
    name: 'carrier',
    kind: 'state',
    when: 'a link gained its carrier: a cable was plugged in',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  {
    name: 'no-carrier',
    kind: 'state',
    when: 'a link that is up has no carrier: a cable was pulled',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  {
    name: 'degraded',
    kind: 'state',
    when: 'a link has link-local addresses only',
    sources: ['kernel', 'systemd-networkd'],
  },
  {
    name: 'routable',
    kind: 'state',
    when: 'a link has a routable address; with dhclient, when it has a lease',
    sources: ['kernel', 'systemd-networkd', 'dhclient'],
  },
  {
    name: 'configured',
    kind: 'state',
    when: 'a link is configured: it has carrier and an address',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  { name: 'off', kind: 'state', when: 'a link was set down', sources: ['kernel', 'systemd-networkd'] },
  { name: 'missing', kind: 'state', when: 'a link is gone', sources: ['kernel', 'systemd-networkd'] },
  {
    name: 'dormant',
    kind: 'state',
    when: 'a link has carrier and waits for something else, as Wi-Fi does',
    sources: ['kernel', 'systemd-networkd'],
  },
  {
    name: 'degraded-carrier',
    kind: 'state',
    when: 'a port of a bond or bridge has no carrier',
    sources: ['kernel', 'systemd-networkd'],
  },
  {
    name: 'enslaved',
    kind: 'state',
    when: 'a link became the port of a bridge, bond or VRF',
    sources: ['kernel', 'systemd-networkd'],
  },
  {
    name: 'pending',
    kind: 'state',
    when: 'networkd waits for udev to process a link',
    sources: ['systemd-networkd'],
  },
  { name: 'initialized', kind: 'state', when: 'udev has processed a link', sources: ['systemd-networkd'] },
  { name: 'configuring', kind: 'state', when: 'networkd configures a link', sources: ['systemd-networkd'] },
  {
    name: 'unmanaged',
    kind: 'state',
    when: 'networkd does not manage a link',
    sources: ['systemd-networkd'],
  },
  {
    name: 'failed',
    kind: 'state',
    when: 'networkd or NetworkManager failed to configure a link',
    sources: ['systemd-networkd', 'NetworkManager'],
  },
  {
    name: 'linger',
    kind: 'state',
    when: 'a link is gone and networkd remembers it',
    sources: ['systemd-networkd'],
  },
  {
    name: 'activated',
    kind: 'state',
    when: 'NetworkManager activated a device',
    sources: ['NetworkManager'],
  },
  {
    name: 'disconnected',
    kind: 'state',
    when: 'NetworkManager disconnected a device',
    sources: ['NetworkManager'],
  },
  {
    name: 'unavailable',
    kind: 'state',
    when: 'NetworkManager cannot use a device: no carrier, or switched off',
    sources: ['NetworkManager'],
  },
  {
    name: 'deactivating',
    kind: 'state',
    when: 'NetworkManager is about to disconnect a device',
    sources: ['NetworkManager'],
  },
  {
    name: 'manager',
    kind: 'occurrence',
    isOfHost: true,
    when: 'the state of the host changed, or a manager appeared or vanished',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  {
    name: 'routes',
    kind: 'occurrence',
    when: 'unicast routes of a link in the main table or a policy table were added, changed or removed',
    sources: ['kernel'],
    isDebounced: true,
  },
  {
    name: 'address-added',
    kind: 'occurrence',
    when: 'a link got addresses that can be used',
    sources: ['kernel'],
    isDebounced: true,
  },
  {
    name: 'address-removed',
    kind: 'occurrence',
    when: 'a link lost addresses',
    sources: ['kernel'],
    isDebounced: true,
  },
  { name: 'link-added', kind: 'occurrence', when: 'a link appeared', sources: ['kernel'] },
  { name: 'link-removed', kind: 'occurrence', when: 'a link vanished', sources: ['kernel'] },
  {
    name: 'mtu',
    kind: 'occurrence',
    when: 'the MTU of a link changed',
    sources: ['kernel'],
    isDebounced: true,
  },
  {
    name: 'renamed',
    kind: 'transition',
    when: 'a link has another name',
    sources: ['kernel'],
  },
  {
    name: 'lease',
    kind: 'transition',
    when: 'a DHCP lease of a link was bound, changed, expired or released',
    sources: ['dhclient', 'systemd-networkd', 'NetworkManager'],
  },
  {
    name: 'prefix',
    kind: 'transition',
    when: 'a delegated IPv6 prefix was bound, changed or expired',
    sources: ['dhclient', 'systemd-networkd', 'NetworkManager'],
  },
  {
    name: 'address-changed',
    kind: 'transition',
    when: 'a link has another set of usable addresses than before',
    sources: ['kernel'],
  },
  {
    name: 'gateway',
    kind: 'transition',
    when: 'the default gateway of a link changed, once per family',
    sources: ['kernel', 'systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  {
    name: 'dns',
    kind: 'transition',
    when: 'the DNS servers or domains of a link changed',
    sources: ['systemd-networkd', 'NetworkManager', 'dhclient'],
  },
  {
    name: 'default-route',
    kind: 'transition',
    isOfHost: true,
    when: "the host's way out was gained, changed or lost, once per family",
    sources: ['kernel'],
  },
  {
    name: 'online',
    kind: 'transition',
    isOfHost: true,
    when: 'the host can be expected to reach others',
    sources: ['kernel'],
  },
  {
    name: 'offline',
    kind: 'transition',
    isOfHost: true,
    when: 'the host can no longer be expected to reach others',
    sources: ['kernel'],
  },
  {
    name: 'damped',
    kind: 'occurrence',
    when: 'flap damping took a link out of service for hooks',
    sources: ['kernel'],
  },
  {
    name: 'undamped',
    kind: 'occurrence',
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
