/**
 * The JSON of an event: one object in both documented styles. The event has lower-case keys
 * (`netevd.event.v1`); the interface has the keys that network-broker passed to its scripts, where an unknown
 * text or number is empty and a list is never null.
 */
import type { IpAddress } from '../model/address.ts';
import type { NetworkEvent, RouteDelta } from '../model/event.ts';
import type { AddressObject, LinkStatistics, RouteObject } from '../model/kernel-objects.ts';
import { fitsUtf8 } from '../model/utf8-length.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { type LinkDetails, mtuOf, type RouteOnLink } from './link-details.ts';
import { flagNames, flagText, hardwareTypeName, operStatusName } from './link-labels.ts';
import { familyName } from './route-view.ts';
import { fitLists } from './truncate-json.ts';
import type { DeltaRoute, EventRecord, RouteDeltaView } from './types/records.ts';

/** An event as hooks get it, without the fields that only its record has. */
export type EventObject = Omit<EventRecord, 'kind' | 'severity' | 'message' | 'caused_by' | 'interface'>;

/**
 * Renders an event. `details` is absent for an event of the host; `statistics` override those of `details`.
 */
export function renderEvent(
  event: NetworkEvent,
  details: LinkDetails | undefined,
  statistics?: LinkStatistics,
): JsonObject {
  const head = renderEventFields(event, details);
  return details === undefined ? head : { ...head, ...renderInterface(event, details, statistics) };
}

/**
 * Returns the text of `object` in at most `limit` bytes. If it is longer, cuts lists and sets `truncated` to
 * true.
 */
export function fitEventJson(object: JsonObject, whole: string, limit: number): string {
  // Lists inside `before` and `after` are not cut: half a value is worse than none.
  const isTransition = 'before' in object && !fitsUtf8(whole, limit);
  const shown = isTransition ? { ...object, before: null, after: null } : object;
  return fitLists(shown, whole, limit, truncatedLists);
}

/** The lists that are truncated, all to the same length. */
const truncatedLists: readonly string[] = [
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

/** Renders the lower-case keys of an event, without the interface. */
export function renderEventFields(event: NetworkEvent, details: LinkDetails | undefined): EventObject {
  const object = details?.kernel?.object;
  return {
    schema: 'netevd.event.v1',
    id: event.id,
    seq: event.seq,
    event: event.directory,
    action: event.name,
    ts: new Date(event.at).toISOString(),
    link: event.link?.name ?? null,
    index: event.link?.index ?? null,
    state: event.state,
    previous_state: event.previousState ?? null,
    backend: event.source,
    initial: event.initial,
    resync: event.resync,
    addresses: details?.reachable ?? [],
    changed_addresses: event.changedAddresses ?? null,
    mtu: mtuOf(details) ?? null,
    operstate: object === undefined ? null : operStatusName(object.operStatus),
    flags: object === undefined ? [] : flagNames(object.flags),
    routes_delta: (event.routesDelta ?? []).map((delta) => renderDelta(delta, event)),
    gateway: details?.gateway ?? null,
    dns: details?.dns ?? [],
    domains: details?.domains ?? [],
    ...(event.properties === undefined ? {} : { properties: event.properties }),
    ...renderTransition(event),
  };
}

function renderTransition({ transition }: NetworkEvent): Partial<EventObject> {
  if (transition === undefined) return {};
  const { changed, family, before, after } = transition;
  return { ...(family !== undefined && { family: familyName(family) }), changed, before, after };
}

/** Renders the interface in the PascalCase keys of the hooks' JSON. `event`: the state that it is reported with. */
export function renderInterface(
  event: Pick<NetworkEvent, 'state'>,
  details: LinkDetails,
  statistics?: LinkStatistics,
): JsonObject {
  const { kernel } = details;
  const object = kernel?.object;
  const operState = operStatusName(object?.operStatus ?? 0);
  return {
    Index: details.link.index,
    Name: details.link.name,
    MTU: mtuOf(details) ?? 0,
    HardwareAddr: object?.hardwareAddress ?? '',
    Flags: flagText(object?.flags ?? 0),
    Driver: kernel?.driver ?? '',
    OperState: operState,
    KernelOperState: operState,
    ...renderStates(event, details),
    Type: object === undefined ? '' : hardwareTypeName(object.hardwareType),
    NetworkFile: details.networkFile ?? '',
    DNS: details.dns,
    Domains: details.domains,
    NTP: details.ntp,
    Address: details.addresses.map(renderAddress),
    Routes: details.routes.map(renderRoute),
    Statistics: renderStatistics(statistics ?? object?.statistics),
  };
}

/**
 * Renders the states of a link by networkd's property names. Prefers networkd's report if networkd owns the
 * link.
 */
export function renderStates(
  event: Pick<NetworkEvent, 'state'>,
  details: LinkDetails,
): Readonly<Record<string, string>> {
  const { kernel, networkd, status } = details;
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

function renderAddress(address: AddressObject): JsonObject {
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

function renderRoute({ route, hop }: RouteOnLink): JsonObject {
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

function renderDelta(delta: RouteDelta, event: NetworkEvent): RouteDeltaView {
  const previous = delta.previous === undefined ? {} : { previous: renderDeltaRoute(delta.previous, event) };
  return { action: delta.action, ...renderDeltaRoute(delta.route, event), ...previous };
}

function renderDeltaRoute(route: RouteObject, event: NetworkEvent): DeltaRoute {
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

/** Renders `RxPackets` … `TxCompressed`; empty without statistics. */
function renderStatistics(statistics: LinkStatistics | undefined): JsonObject {
  const object: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(statistics ?? {})) {
    object[capitalized(name)] = Number(value);
  }
  return object;
}

const capitalized = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
