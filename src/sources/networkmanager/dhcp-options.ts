/**
 * Options of a DHCP lease by NetworkManager's names (libnm-core, nm-dhcp-options.c). They come from any host
 * that answers DHCP: each value is parsed by its type and formatted again, and unknown options are left out.
 */
import { familyOf, parseIp } from '../../core/model/address.ts';
import { parseDomain, parseHostName } from '../../core/model/domain-name.ts';
import { parseValues } from '../../core/model/parsed-values.ts';
import { type BusValue, dictionaryOf, textOf } from '../../wire/dbus/value.ts';

export interface DhcpOptions {
  /** Undefined where there are no options. */
  readonly options: Readonly<Record<string, string>> | undefined;
  /** Number of values that were not of their types. */
  readonly rejected: number;
}

type Parse = (text: string) => string | undefined;

const one =
  (family: 4 | 6): Parse =>
  (text) => {
    const address = parseIp(text);
    return address !== undefined && familyOf(address) === family ? address : undefined;
  };

/** Every part must be valid. */
const many =
  (parse: Parse): Parse =>
  (text) => {
    const { values, rejected } = parseValues(text.split(/[\s,]+/).filter(Boolean), parse);
    return rejected === 0 && values.length > 0 ? values.join(' ') : undefined;
  };

/** Numbers of at most 64 bits, such as seconds since 1970. */
const number: Parse = (text) => (/^(0|[1-9][0-9]{0,18})$/.test(text) ? text : undefined);
const identifier: Parse = (text) => (/^[0-9a-f]{2}(:[0-9a-f]{2}){0,254}$/i.test(text) ? text : undefined);

/** A delegated prefix, `2001:db8::/56`: what dhclient reports to NetworkManager as `ip6_prefix`. */
const prefix: Parse = (text) => {
  const [address = '', length = ''] = text.split('/');
  const parsed = one(6)(address);
  const isLength = /^[1-9][0-9]{0,2}$/.test(length) && Number(length) <= 128;
  return parsed === undefined || !isLength ? undefined : `${parsed}/${length}`;
};

const groups: readonly (readonly [Parse, readonly string[]])[] = [
  [one(4), ['ip_address', 'subnet_mask', 'broadcast_address', 'next_server', 'dhcp_server_identifier']],
  [many(one(4)), ['routers', 'domain_name_servers', 'ntp_servers']],
  [one(6), ['ip6_address']],
  [prefix, ['ip6_prefix']],
  [many(one(6)), ['dhcp6_name_servers', 'dhcp6_ntp_servers']],
  [many(parseDomain), ['domain_name', 'domain_search', 'dhcp6_domain_search', 'fqdn_fqdn']],
  [parseHostName, ['host_name']],
  [
    number,
    [
      'dhcp_lease_time',
      'dhcp_renewal_time',
      'dhcp_rebinding_time',
      'expiry',
      'interface_mtu',
      'life_starts',
      'max_life',
      'preferred_life',
      'ip6_prefixlen',
    ],
  ],
  [identifier, ['dhcp_client_identifier', 'dhcp6_client_id', 'dhcp6_server_id', 'iaid']],
];

const parsers: ReadonlyMap<string, Parse> = new Map(
  groups.flatMap(([parse, names]) => names.map((name) => [name, parse] as const)),
);

/** Parses `Options` of DHCP4Config and DHCP6Config, `a{sv}` of texts. */
export function parseDhcpOptions(value: BusValue | undefined): DhcpOptions {
  const options: Record<string, string> = {};
  let rejected = 0;
  for (const [key, variant] of dictionaryOf(value) ?? []) {
    const name = String(key);
    const text = textOf(variant);
    const parse = parsers.get(name);
    if (parse === undefined || text === undefined || text === '') continue;
    const parsed = parse(text);
    if (parsed === undefined) rejected += 1;
    else options[name] = parsed;
  }
  return { options: Object.keys(options).length === 0 ? undefined : options, rejected };
}
