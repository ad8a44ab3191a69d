/**
 * The JSON of an event: one object in both documented styles. The event in lower case (`netevd.event.v1`), and the
 * interface in the keys that network-broker gave its scripts: there, a text or number that is not known is empty, and
 * a list is never null.
 */
import type { IpAddress } from '../model/address.ts';
import type { NetworkEvent, RouteDelta } from '../model/event.ts';
import type { AddressObject, LinkStatistics, RouteObject } from '../model/kernel-objects.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { LinkDetails, RouteOnLink } from './link-details.ts';
import { flagNames, flagText, hardwareTypeName, operStatusName } from './link-labels.ts';
import { fitLists } from './truncate-json.ts';
import type { DeltaRoute, EventRecord, RouteDelta as RouteDeltaView } from './types/records.ts';

/** An event as hooks get it, less what only its record has. */
export type EventObject = Omit<
  EventRecord,
  'kind' | 'severity' | 'message' | 'caused_by' | 'changed' | 'before' | 'after' | 'interface'
>;

/** The whole object. `facts` is absent for an event of the host; `statistics` win over those of the facts. */
export function hookObject(
  event: NetworkEvent,
  facts: LinkDetails | undefined,
  statistics?: LinkStatistics,
): JsonObject {
  const head = eventObject(event, facts);
  return facts === undefined ? head : { ...head, ...interfaceObject(event, facts, statistics) };
}

/** Text of `object` in at most `limit` bytes: where it is longer its lists are cut and `truncated` is true. */
export function fitJson(object: JsonObject, whole: string, limit: number): string {
  return fitLists(object, whole, limit, cuttable);
}

/** The lists that are cut, all to the same length. */
const cuttable: readonly string[] = [
  'addresses',
  'changed_addresses',
  'routes_delta',
  'dns',
  'domains',
  'DNS',
  'Domains',
  'NTP',
  'Address',
  'Routes',
];

/** The event in lower-case keys, without the interface. */
export function eventObject(event: NetworkEvent, facts: LinkDetails | undefined): EventObject {
  const object = facts?.kernel?.object;
  return {
    schema: 'netevd.event.v1',
    id: event.id,
    seq: event.seq,
    event: event.directory,
    ts: new Date(event.at).toISOString(),
    link: event.link?.name ?? null,
    index: event.link?.index ?? null,
    state: event.state,
    previous_state: event.previousState ?? null,
    backend: event.source,
    initial: event.initial,
    resync: event.resync,
    addresses: facts?.reachable ?? [],
    ...(event.changedAddresses === undefined ? {} : { changed_addresses: event.changedAddresses }),
    mtu: mtuOf(facts) ?? null,
    operstate: object === undefined ? null : operStatusName(object.operStatus),
    flags: object === undefined ? [] : flagNames(object.flags),
    routes_delta: (event.routesDelta ?? []).map((delta) => deltaObject(delta, event)),
    gateway: facts?.gateway ?? null,
    dns: facts?.dns ?? [],
    domains: facts?.domains ?? [],
    ...(event.properties === undefined ? {} : { properties: event.properties }),
  };
}

/** MTU of the link, where one knows it. */
export const mtuOf = (facts: LinkDetails | undefined): number | undefined =>
  facts?.status?.mtu ?? facts?.kernel?.object.mtu;

function interfaceObject(
  event: NetworkEvent,
  facts: LinkDetails,
  statistics: LinkStatistics | undefined,
): JsonObject {
  const { kernel } = facts;
  const object = kernel?.object;
  const operState = operStatusName(object?.operStatus ?? 0);
  return {
    Index: facts.link.index,
    Name: facts.link.name,
    MTU: mtuOf(facts) ?? 0,
    HardwareAddr: object?.hardwareAddress ?? '',
    Flags: flagText(object?.flags ?? 0),
    Driver: kernel?.driver ?? '',
    OperState: operState,
    KernelOperState: operState,
    ...stateObject(event, facts),
    Type: object === undefined ? '' : hardwareTypeName(object.hardwareType),
    NetworkFile: facts.networkFile ?? '',
    DNS: facts.dns,
    Domains: facts.domains,
    NTP: facts.ntp,
    Address: facts.addresses.map(addressObject),
    Routes: facts.routes.map(routeObject),
    Statistics: statisticsObject(statistics ?? object?.statistics),
  };
}

/** The states of a link, by the names that networkd's properties have. networkd's word counts where it is there. */
export function stateObject(event: NetworkEvent, facts: LinkDetails): Readonly<Record<string, string>> {
  const { kernel, networkd, status } = facts;
  const source = status?.owner === 'systemd-networkd' ? (networkd ?? kernel) : (kernel ?? networkd);
  const operational = status?.operational ?? source?.operational ?? '';
  return {
    OperationalState: event.state === 'missing' ? 'missing' : operational,
    AdministrativeState: status?.administrative ?? networkd?.administrative ?? '',
    IPv4AddressState: source?.ipv4AddressState ?? '',
    IPv6AddressState: source?.ipv6AddressState ?? '',
    AddressState: source?.addressState ?? '',
    CarrierState: source?.carrierState ?? '',
    OnlineState: networkd?.onlineState ?? '',
  };
}

function addressObject(address: AddressObject): JsonObject {
  return {
    IP: address.address,
    Mask: address.prefixLength,
    Family: `IPv${address.family}`,
    Scope: address.scope,
    Label: address.label ?? '',
    Broadcast: address.broadcast ?? '',
    Peer: address.peer ?? '',
    Flags: address.flags,
    PreferedLft: address.preferredLifetime,
    ValidLft: address.validLifetime,
  };
}

function routeObject({ route, hop }: RouteOnLink): JsonObject {
  return {
    Dst: { IP: route.destination, Mask: route.prefixLength },
    Gw: hop.gateway ?? '',
    Src: route.preferredSource ?? '',
    Table: route.table,
    Protocol: route.protocol,
    Scope: route.scope,
    Type: route.type,
    Priority: route.priority,
  };
}

function deltaObject(delta: RouteDelta, event: NetworkEvent): RouteDeltaView {
  const previous = delta.previous === undefined ? {} : { previous: deltaRoute(delta.previous, event) };
  return { action: delta.action, ...deltaRoute(delta.route, event), ...previous };
}

function deltaRoute(route: RouteObject, event: NetworkEvent): DeltaRoute {
  const hops = route.nextHops.filter((hop) => hop.ifindex === event.link?.index);
  const [gateway = null] = hops.flatMap((hop): (IpAddress | null)[] => [hop.gateway ?? null]);
  return {
    family: `ipv${route.family}`,
    dst: `${route.destination}/${route.prefixLength}`,
    gateway,
    src: route.preferredSource ?? null,
    table: route.table,
    protocol: route.protocol,
    scope: route.scope,
    type: route.type,
    priority: route.priority,
  };
}

/** `RxPackets` … `TxCompressed`, nought where the kernel told none. */
function statisticsObject(statistics: LinkStatistics | undefined): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(statistics ?? {})) {
    object[capitalized(name)] = Number(value);
  }
  return object;
}

const capitalizedNames = new Map<string, string>();

/** The same few names, for every event. */
function capitalized(name: string): string {
  let text = capitalizedNames.get(name);
  if (text === undefined) {
    text = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    capitalizedNames.set(name, text);
  }
  return text;
}
