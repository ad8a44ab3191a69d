/** A device as the mirror has it, in our words: every value of its own type, and what is none left out. */
import { formatIpv6, type IpAddress, isMulticast, parseIp, unspecified } from '../../core/model/address.ts';
import { parseDomain } from '../../core/model/domain-name.ts';
import { parseValues } from '../../core/model/parsed-values.ts';
import type { NetworkManagerDevice } from '../../core/model/state.ts';
import type { DeviceState } from '../../core/model/vocabulary.ts';
import { type BusValue, booleanOf, dictionaryOf, listOf, textOf, textsOf } from '../../wire/dbus/value.ts';
import { Interface } from './bus-names.ts';
import { readDhcpOptions } from './dhcp-options.ts';
import type { Mirror } from './mirror.ts';

type Properties = ReadonlyMap<string, BusValue>;

/** What signals of their own tell. */
export interface StateAndReason {
  readonly state: DeviceState;
  /** `NMDeviceStateReason`. */
  readonly reason: number;
}

export interface DeviceReport {
  readonly device: NetworkManagerDevice;
  /** Values that were not of their types. */
  readonly rejected: number;
}

export function reportDevice(mirror: Mirror, properties: Properties, state: StateAndReason): DeviceReport {
  const sift = new Sift();
  const ip4 = mirror.behind(properties, 'Ip4Config', Interface.ip4);
  const ip6 = mirror.behind(properties, 'Ip6Config', Interface.ip6);
  const dhcp4 = readDhcpOptions(mirror.behind(properties, 'Dhcp4Config', Interface.dhcp4)?.get('Options'));
  const dhcp6 = readDhcpOptions(mirror.behind(properties, 'Dhcp6Config', Interface.dhcp6)?.get('Options'));
  const connection = textOf(mirror.behind(properties, 'ActiveConnection', Interface.active)?.get('Id'));
  const configurations = [ip4, ip6].filter((each) => each !== undefined);
  const domains = configurations.flatMap((each) => [
    ...(textsOf(each.get('Domains')) ?? []),
    ...searches(each),
  ]);
  const timeServers = [dhcp4.options?.['ntp_servers'], dhcp6.options?.['dhcp6_ntp_servers']];
  const device: NetworkManagerDevice = {
    ...state,
    managed: booleanOf(properties.get('Managed')) === true,
    ...(connection !== undefined && isShowable(connection) && { connection }),
    ...(dhcp4.options !== undefined && { dhcp4: dhcp4.options }),
    ...(dhcp6.options !== undefined && { dhcp6: dhcp6.options }),
    dns: sift.keep([...serversOf4(ip4), ...serversOf6(ip6)], parseServer),
    domains: sift.keep(domains, parseDomain),
    ntp: sift.keep(
      timeServers.flatMap((text) => text?.split(' ') ?? []),
      parseServer,
    ),
    gateways: sift.keep(
      configurations.map((each) => textOf(each.get('Gateway')) ?? '').filter(Boolean),
      parseServer,
    ),
  };
  return { device, rejected: sift.rejected + dhcp4.rejected + dhcp6.rejected };
}

class Sift {
  rejected = 0;

  keep<T>(texts: readonly string[], parse: (text: string) => T | undefined): readonly T[] {
    const { values, rejected } = parseValues(texts, parse);
    this.rejected += rejected;
    return values;
  }
}

/** An address of one host. */
function parseServer(text: string): IpAddress | undefined {
  const address = parseIp(text);
  const isNobody = address === undefined || address === unspecified(4) || address === unspecified(6);
  return isNobody || isMulticast(address) ? undefined : address;
}

/** `NameserverData`, `aa{sv}`. */
const serversOf4 = (configuration: Properties | undefined): readonly string[] =>
  (listOf(configuration?.get('NameserverData')) ?? []).map(
    (entry) => textOf(dictionaryOf(entry)?.get('address')) ?? '',
  );

/** `Nameservers`, `aay`. */
const serversOf6 = (configuration: Properties | undefined): readonly string[] =>
  (listOf(configuration?.get('Nameservers')) ?? []).map((bytes) =>
    bytes instanceof Uint8Array && bytes.length === 16 ? formatIpv6(bytes, 0) : '',
  );

/** Search domains; one that begins with `~` says where to ask, and is not searched in. */
const searches = (configuration: Properties): readonly string[] =>
  (textsOf(configuration.get('Searches')) ?? []).filter((domain) => !domain.startsWith('~'));

/** The name of a connection profile is what people gave it; without control characters it can be shown. */
const isShowable = (text: string): boolean => text.length <= 256 && /^\P{Cc}+$/u.test(text);
