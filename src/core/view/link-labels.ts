/** The words for what the kernel says of a link in numbers. */
import { LinkFlag, OperStatus } from '../model/kernel-objects.ts';

const flagWords: readonly (readonly [bit: number, word: string])[] = [
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

/** `up`, `broadcast`, … of `ifi_flags`. */
export function flagNames(flags: number): readonly string[] {
  return flagWords.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word);
}

/** The flags that net.Flags of Go has, joined as it joins them: `up|broadcast|multicast|running`. */
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

const operWords: Readonly<Record<number, string>> = {
  [OperStatus.unknown]: 'unknown',
  [OperStatus.notPresent]: 'not-present',
  [OperStatus.down]: 'down',
  [OperStatus.lowerLayerDown]: 'lower-layer-down',
  [OperStatus.testing]: 'testing',
  [OperStatus.dormant]: 'dormant',
  [OperStatus.up]: 'up',
};

/** RFC 2863 ifOperStatus, as ip-link(8) and netlink libraries spell it. */
export const operStatusName = (status: number): string => operWords[status] ?? 'unknown';

/** `ARPHRD_*` of linux/if_arp.h by the names of networkctl(1), those that one meets. */
const hardwareWords: Readonly<Record<number, string>> = {
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

/** `ether`, `loopback`, `none` …; the number for a type that has no name here. */
export const hardwareTypeName = (type: number): string => hardwareWords[type] ?? String(type);
