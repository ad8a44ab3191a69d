/**
 * Turns a device of the mirror into a report. Every value is checked by its type; invalid ones are left out.
 */
import { formatIpv6, type IpAddress, isMulticast, parseIp, unspecified } from '../../core/model/address.ts';
import { parseDomain } from '../../core/model/domain-name.ts';
import { parseValues } from '../../core/model/parsed-values.ts';
import type { NetworkManagerDevice } from '../../core/model/state.ts';
import type { DeviceState } from '../../core/model/vocabulary.ts';
import { type BusValue, booleanOf, dictionaryOf, listOf, textOf, textsOf } from '../../wire/dbus/value.ts';
import { Interface } from './bus-names.ts';
import { parseDhcpOptions } from './dhcp-options.ts';
import type { Mirror } from './mirror.ts';

type Properties = ReadonlyMap<string, BusValue>;

/** The state of a device; it comes from StateChanged, not from the mirror. */
export interface StateAndReason {
  readonly state: DeviceState;
  /** `NMDeviceStateReason`. */
  readonly reason: number;
}

export interface DeviceReport {
  readonly device: NetworkManagerDevice;
  /** Number of values that were not of their types. */
  readonly rejected: number;
}

/** Reads a device and the objects that it refers to; leaves invalid values out and counts them. */
export function reportDevice(mirror: Mirror, properties: Properties, state: StateAndReason): DeviceReport {
  const values = new ValueFilter();
  const ip4 = mirror.referenced(properties, 'Ip4Config', Interface.ip4);
  const ip6 = mirror.referenced(properties, 'Ip6Config', Interface.ip6);
  const dhcp4 = parseDhcpOptions(
    mirror.referenced(properties, 'Dhcp4Config', Interface.dhcp4)?.get('Options'),
  );
  const dhcp6 = parseDhcpOptions(
    mirror.referenced(properties, 'Dhcp6Config', Interface.dhcp6)?.get('Options'),
  );
  const connection = textOf(mirror.referenced(properties, 'ActiveConnection', Interface.active)?.get('Id'));
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
    dns: values.valid([...serversOf4(ip4), ...serversOf6(ip6)], parseServer),
    domains: values.valid(domains, parseDomain),
    ntp: values.valid(
      timeServers.flatMap((text) => text?.split(' ') ?? []),
      parseServer,
    ),
    gateways: values.valid(
      configurations.map((each) => textOf(each.get('Gateway')) ?? '').filter(Boolean),
      parseServer,
    ),
  };
  return { device, rejected: values.rejected + dhcp4.rejected + dhcp6.rejected };
}

/** Keeps valid values and counts the others. */
class ValueFilter {
  rejected = 0;

  valid<T>(texts: readonly string[], parse: (text: string) => T | undefined): readonly T[] {
    const { values, rejected } = parseValues(texts, parse);
    this.rejected += rejected;
    return values;
  }
}

/** An address of one host: neither unspecified nor multicast. */
function parseServer(text: string): IpAddress | undefined {
  const address = parseIp(text);
  if (address === undefined || address === unspecified(4) || address === unspecified(6)) return undefined;
  return isMulticast(address) ? undefined : address;
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

/** Search domains. A domain that begins with `~` only routes queries. */
const searches = (configuration: Properties): readonly string[] =>
  (textsOf(configuration.get('Searches')) ?? []).filter((domain) => !domain.startsWith('~'));

/** A connection's Id is free text of the operator. It can be shown if it has no control characters. */
const isShowable = (text: string): boolean => text.length <= 256 && /^\P{Cc}+$/u.test(text);
