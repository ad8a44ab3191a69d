/** Names of the kernel's numbers for flags, operstate and hardware type of a link. */
import { LinkFlag, OperStatus } from '../model/kernel-objects.ts';

const flagLabels: readonly (readonly [bit: number, label: string])[] = [
  [LinkFlag.up, 'up'],
  [LinkFlag.broadcast, 'broadcast'],
  [LinkFlag.loopback, 'loopback'],
  [LinkFlag.pointToPoint, 'pointtopoint'],
  [LinkFlag.multicast, 'multicast'],
  [LinkFlag.running, 'running'],
  [LinkFlag.noArp, 'noarp'],
  [LinkFlag.promisc, 'promisc'],
  [LinkFlag.allMulti, 'allmulti'],
  [LinkFlag.lowerUp, 'lower_up'],
  [LinkFlag.dormant, 'dormant'],
];

/** Returns the names of `ifi_flags`: `up`, `broadcast` … */
export function flagNames(flags: number): readonly string[] {
  return flagLabels.filter(([bit]) => (flags & bit) !== 0).map(([, label]) => label);
}

/** Formats flags like Go's net.Flags, with the flags that it knows: `up|broadcast|multicast|running`. */
export function flagText(flags: number): string {
  return flagNames(flags & goFlags).join('|');
}

const goFlags: number =
  LinkFlag.up |
  LinkFlag.broadcast |
  LinkFlag.loopback |
  LinkFlag.pointToPoint |
  LinkFlag.multicast |
  LinkFlag.running;

const operStatusLabels: Readonly<Record<number, string>> = {
  [OperStatus.unknown]: 'unknown',
  [OperStatus.notPresent]: 'not-present',
  [OperStatus.down]: 'down',
  [OperStatus.lowerLayerDown]: 'lower-layer-down',
  [OperStatus.testing]: 'testing',
  [OperStatus.dormant]: 'dormant',
  [OperStatus.up]: 'up',
};

/** Returns the name of an RFC 2863 ifOperStatus, spelled as in ip-link(8) and netlink libraries. */
export const operStatusName = (status: number): string => operStatusLabels[status] ?? 'unknown';

/** The common `ARPHRD_*` of linux/if_arp.h, by the names of networkctl(1). */
const hardwareTypeLabels: Readonly<Record<number, string>> = {
  1: 'ether',
  24: 'ieee1394',
  32: 'infiniband',
  256: 'slip',
  280: 'can',
  512: 'ppp',
  519: 'rawip',
  768: 'tunnel',
  769: 'tunnel6',
  772: 'loopback',
  776: 'sit',
  777: 'ipddp',
  778: 'ipgre',
  801: 'ieee80211',
  803: 'ieee80211_radiotap',
  804: 'ieee802154',
  820: 'phonet',
  823: 'ip6gre',
  824: 'netlink',
  825: '6lowpan',
  826: 'vsockmon',
  65534: 'none',
};

/** Returns `ether`, `loopback`, `none` …; the number for an unknown type. */
export const hardwareTypeName = (type: number): string => hardwareTypeLabels[type] ?? String(type);
