/** What the kernel says of each link, as `ip -d -j addr` shows it, in the kernel's own numbers. */
import { AddressFlag, LinkFlag, OperStatus, Scope } from '../../src/core/model/kernel-objects.ts';

export interface AddressFacts {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefixLength: number;
  /** `RT_SCOPE_*`. */
  readonly scope: number;
  /** `IFA_F_*`. */
  readonly flags: number;
}

export interface LinkDetails {
  readonly index: number;
  readonly name: string;
  /** `IFLA_INFO_KIND`; '' where the link has none. */
  readonly kind: string;
  /** ip's word for `ARPHRD_*`: ether, loopback … */
  readonly type: string;
  /** `IFF_*`. */
  readonly flags: number;
  /** `IF_OPER_*`. */
  readonly operStatus: number;
  readonly mtu: number;
  /** Index of the bridge that it is a port of. */
  readonly master?: number;
  readonly addresses: readonly AddressFacts[];
}

type Json = Readonly<Record<string, unknown>>;

const LINK_FLAGS: Readonly<Record<string, number>> = {
  UP: LinkFlag.up,
  BROADCAST: LinkFlag.broadcast,
  LOOPBACK: LinkFlag.loopback,
  POINTOPOINT: LinkFlag.pointToPoint,
  NOARP: LinkFlag.noArp,
  PROMISC: LinkFlag.promisc,
  ALLMULTI: LinkFlag.allMulti,
  MULTICAST: LinkFlag.multicast,
  LOWER_UP: LinkFlag.lowerUp,
  DORMANT: LinkFlag.dormant,
  // ip's own word: UP without RUNNING, which it does not print
  'NO-CARRIER': 0,
  // ip's own word: the lower device is not up
  'M-DOWN': 0,
};

const OPER_STATUS: Readonly<Record<string, number>> = {
  UNKNOWN: OperStatus.unknown,
  NOTPRESENT: OperStatus.notPresent,
  DOWN: OperStatus.down,
  LOWERLAYERDOWN: OperStatus.lowerLayerDown,
  TESTING: OperStatus.testing,
  DORMANT: OperStatus.dormant,
  UP: OperStatus.up,
};

const ADDRESS_FLAGS: Readonly<Record<string, number>> = {
  temporary: AddressFlag.temporaryOrSecondary,
  secondary: AddressFlag.temporaryOrSecondary,
  nodad: AddressFlag.nodad,
  optimistic: AddressFlag.optimistic,
  dadfailed: AddressFlag.dadFailed,
  home: AddressFlag.homeAddress,
  deprecated: AddressFlag.deprecated,
  tentative: AddressFlag.tentative,
  mngtmpaddr: AddressFlag.manageTemporary,
  noprefixroute: AddressFlag.noPrefixRoute,
  autojoin: AddressFlag.multicastAutoJoin,
  'stable-privacy': AddressFlag.stablePrivacy,
};

const SCOPES: Readonly<Record<string, number>> = {
  global: Scope.universe,
  site: Scope.site,
  link: Scope.link,
  host: Scope.host,
  nowhere: Scope.nowhere,
};

/** The links of one `ip -d -j addr`, by ifindex. Throws on a word that this file does not know: the test is then wrong. */
export function parseKernelFacts(text: string): Map<number, LinkDetails> {
  const entries = (JSON.parse(text) as Json[]).filter((entry) => entry['ifindex'] !== undefined);
  const indexes = new Map(entries.map((entry) => [String(entry['ifname']), Number(entry['ifindex'])]));
  return new Map(entries.map((entry) => [Number(entry['ifindex']), linkDetails(entry, indexes)]));
}

function linkDetails(entry: Json, indexes: ReadonlyMap<string, number>): LinkDetails {
  const info = entry['linkinfo'] as Json | undefined;
  const master =
    entry['master'] === undefined ? undefined : known(indexes.get(String(entry['master'])), 'master');
  return {
    index: Number(entry['ifindex']),
    name: String(entry['ifname']),
    kind: String(info?.['info_kind'] ?? ''),
    type: String(entry['link_type']),
    flags: linkFlags(entry['flags'] as string[]),
    operStatus: known(OPER_STATUS[String(entry['operstate'])], String(entry['operstate'])),
    mtu: Number(entry['mtu']),
    ...(master === undefined ? {} : { master }),
    addresses: (entry['addr_info'] as Json[])
      .filter((address) => address['local'] !== undefined)
      .map(addressFacts),
  };
}

function linkFlags(words: readonly string[]): number {
  const running = words.includes('UP') && !words.includes('NO-CARRIER') ? LinkFlag.running : 0;
  return words.reduce((sum, word) => sum | known(LINK_FLAGS[word], word), running);
}

function addressFacts(entry: Json): AddressFacts {
  const set = Object.entries(ADDRESS_FLAGS).filter(([word]) => entry[word] === true);
  const permanent = entry['dynamic'] === true ? 0 : AddressFlag.permanent;
  const scope = String(entry['scope']);
  return {
    family: entry['family'] === 'inet' ? 4 : 6,
    address: String(entry['local']),
    prefixLength: Number(entry['prefixlen']),
    scope: SCOPES[scope] ?? Number(scope),
    flags: set.reduce((sum, [, flag]) => sum | flag, permanent),
  };
}

function known(value: number | undefined, word: string): number {
  if (value === undefined) throw new Error(`ip says something unknown: ${word}`);
  return value;
}
