/** Shapes of the model's objects as the journal has them: one check for each key. */
import { parseIp } from '../model/address.ts';
import type { LinkRef } from '../model/change.ts';
import type { NetworkEvent, RouteDelta } from '../model/event.ts';
import { hookDirectories } from '../model/event-table.ts';
import type { AddressObject, LinkObject, NextHop, RouteObject } from '../model/kernel-objects.ts';
import type {
  ActiveLease,
  HostStatus,
  LinkStatus,
  ManagerLease,
  NetworkdLink,
  NetworkManagerDevice,
} from '../model/state.ts';
import type { TopicValue, Transition } from '../model/transition.ts';
import {
  addressStates,
  administrativeStates,
  carrierStates,
  deviceStates,
  onlineStates,
  operationalStates,
  sources,
} from '../model/vocabulary.ts';
import {
  either,
  finite,
  flag,
  isTrue,
  list,
  natural,
  object,
  oneOf,
  optional,
  positive,
  record,
  type Shape,
  text,
  tuple,
} from './shape.ts';

/** Canonical, as the rest of netevd compares addresses. */
export const address: Shape = (value) => typeof value === 'string' && parseIp(value) === value;
export const family: Shape = oneOf([4, 6]);
export const source: Shape = oneOf(sources);
export const operational: Shape = oneOf(operationalStates);
export const administrative: Shape = oneOf(administrativeStates);
export const device: Shape = oneOf(Object.keys(deviceStates));
const carrier = oneOf(carrierStates);
const addressState = oneOf(addressStates);
const prefixLength: Shape = (value) => natural(value) && (value as number) <= 128;

export const linkRef: Shape = object<LinkRef>({ index: positive, generation: natural, name: text });

export const link: Shape = object<LinkObject>({
  index: positive,
  name: text,
  altNames: list(text),
  hardwareType: natural,
  hardwareAddress: text,
  broadcastAddress: text,
  permanentAddress: optional(text),
  flags: natural,
  mtu: natural,
  txQueueLength: natural,
  operStatus: natural,
  master: optional(natural),
  lower: optional(natural),
  lowerNamespaceId: optional(finite),
  kind: optional(text),
  alias: optional(text),
  group: natural,
  promiscuity: natural,
  numTxQueues: natural,
  numRxQueues: natural,
  gsoMaxSize: natural,
  gsoMaxSegs: natural,
  statistics: optional(record(finite)),
});

export const linkAddress: Shape = object<AddressObject>({
  ifindex: positive,
  family,
  address,
  prefixLength,
  peer: optional(address),
  broadcast: optional(address),
  label: optional(text),
  scope: natural,
  flags: natural,
  validLifetime: natural,
  preferredLifetime: natural,
});

const nextHop = object<NextHop>({
  ifindex: natural,
  gateway: optional(address),
  weight: natural,
  flags: natural,
});

export const route: Shape = object<RouteObject>({
  family,
  table: natural,
  destination: address,
  prefixLength,
  source: optional(address),
  sourceLength: prefixLength,
  tos: natural,
  type: natural,
  protocol: natural,
  scope: natural,
  flags: natural,
  priority: natural,
  preferredSource: optional(address),
  nextHops: list(nextHop),
  nextHopId: optional(natural),
  metrics: optional(record(natural)),
  preference: optional(natural),
});

export const linkStatus: Shape = object<LinkStatus>({
  index: positive,
  generation: natural,
  name: text,
  mtu: natural,
  owner: source,
  operational,
  operationalSource: source,
  administrative: optional(administrative),
  administrativeSource: optional(source),
  device: optional(device),
});

export const hostStatus: Shape = object<HostStatus>({
  operational,
  carrierState: carrier,
  addressState,
  links: natural,
});

const resolution = { dns: list(address), domains: list(text), ntp: list(text), gateways: list(address) };

const managerLease = object<ManagerLease>({ ...resolution, addresses: list(address), prefixes: list(text) });
export const isNull: Shape = (value) => value === null;

export const networkdLink: Shape = object<NetworkdLink>({
  ...resolution,
  operational,
  administrative,
  carrierState: carrier,
  addressState,
  ipv4AddressState: addressState,
  ipv6AddressState: addressState,
  onlineState: optional(oneOf(onlineStates)),
  networkFile: optional(text),
  linkFile: optional(text),
  lease4: optional(either(managerLease, isNull)),
  lease6: optional(either(managerLease, isNull)),
  acknowledged: flag,
  aheadOfKernel: optional(isTrue),
});

export const networkManagerDevice: Shape = object<NetworkManagerDevice>({
  ...resolution,
  state: device,
  reason: natural,
  managed: flag,
  connection: optional(text),
  dhcp4: optional(record(text)),
  dhcp6: optional(record(text)),
});

const expires = either(finite, oneOf(['never']));

export const lease: Shape = object<ActiveLease>({
  ...resolution,
  interfaceName: text,
  family,
  addresses: list(address),
  subnetMask: optional(text),
  hostName: optional(text),
  expires,
  text,
  routes: optional(list(text)),
  prefixes: optional(list(text)),
  content: optional(text),
});

const routeDelta = object<RouteDelta>({
  action: oneOf(['new', 'del', 'change']),
  route,
  previous: optional(route),
});

const transitionValues = record(either(text, list(text)));
const transition = object<Transition>({
  changed: list(text),
  family: optional(family),
  before: either(transitionValues, isNull),
  after: either(transitionValues, isNull),
});
export const topicValue: Shape = object<TopicValue>({
  source,
  values: transitionValues,
  expires: optional(expires),
});

export const event: Shape = object<NetworkEvent>({
  id: text,
  seq: natural,
  at: finite,
  directory: oneOf(hookDirectories),
  name: text,
  link: optional(linkRef),
  source,
  state: text,
  previousState: optional(text),
  changedAddresses: optional(list(address)),
  routesDelta: optional(list(routeDelta)),
  properties: optional(record(text)),
  transition: optional(transition),
  recordOnly: optional(isTrue),
  initial: flag,
  resync: flag,
});

/** `[index, what is reported of it]`; null where nothing is known any more. */
export const reports = (shape: Shape): Shape => list(tuple(positive, either(shape, isNull)));
