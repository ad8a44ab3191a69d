/** Links as JSON. */
import type { DampingStatus } from '../events/damping/damping-lane.ts';
import type { LinkRef } from '../model/change.ts';
import type { IfIndex, Timestamp } from '../model/ids.ts';
import { AddressFlag, type AddressObject } from '../model/kernel-objects.ts';
import type { ActiveLease, KernelLink, LinkStatus, State } from '../model/state.ts';
import { byPreference, type LinkDetails, linkDetails } from './link-details.ts';
import { flagNames, hardwareTypeName } from './link-labels.ts';
import { linkName } from './link-name.ts';
import { familyName, routeViews, scopeName, type TableName } from './route-view.ts';
import type {
  DetailedAddress,
  Interface,
  InterfaceDetails,
  LinkAddress,
  LinkDamping,
  LinkLease,
} from './types/links.ts';

/** What the state does not contain: when a link reached its state, and whether it is watched. */
export interface LinkViewContext {
  readonly isMonitored: (name: string) => boolean;
  /** When the link reached its operational state; undefined if the history does not reach back so far. */
  readonly since: (index: IfIndex) => Timestamp | undefined;
  /** `Snapshot.damping`. Absent: nothing was counted. */
  readonly damping?: (index: IfIndex) => DampingStatus | undefined;
}

/** Renders every link, sorted by index. */
export function linkViews(state: State, context: LinkViewContext): readonly Interface[] {
  const indexes = [...state.links.keys()].sort((a, b) => a - b);
  return indexes.flatMap((index) => {
    const view = linkView(state, index, context);
    return view === undefined ? [] : [view];
  });
}

/** Returns undefined if there is no such link. */
export function linkView(state: State, index: IfIndex, context: LinkViewContext): Interface | undefined {
  const [kernel, status] = [state.kernel.links.get(index), state.links.get(index)];
  if (kernel === undefined || status === undefined) return undefined;
  const details = linkDetails(refOf(status), state);
  return {
    ...summary(details, kernel, status, state, context),
    addresses: details.addresses.map(addressView),
  };
}

type Summary = Omit<Interface, 'addresses'>;

function summary(
  details: LinkDetails,
  kernel: KernelLink,
  status: LinkStatus,
  state: State,
  context: LinkViewContext,
): Summary {
  const { object } = kernel;
  return {
    name: status.name,
    index: status.index,
    state: status.operational,
    type: object.kind ?? hardwareTypeName(object.hardwareType),
    mac_address: object.hardwareAddress === '' ? null : object.hardwareAddress,
    mtu: status.mtu,
    flags: flagNames(object.flags),
    setup: status.administrative ?? status.device ?? null,
    owner: status.owner,
    master: object.master === undefined ? null : (state.links.get(object.master)?.name ?? null),
    driver: kernel.driver ?? null,
    gateway: details.gateway ?? null,
    dns: details.dns,
    domains: details.domains,
    since: timeText(context.since(status.index)),
    watched: context.isMonitored(status.name),
  };
}

/**
 * Renders one link in full, with the addresses that are not ready: their flags say why. The caller adds the records
 * about it.
 */
export function linkDetailsView(
  state: State,
  index: IfIndex,
  context: LinkViewContext & { readonly tableName: TableName; readonly now: Timestamp },
): Omit<InterfaceDetails, 'policy_routing' | 'last_events'> | undefined {
  const [kernel, status] = [state.kernel.links.get(index), state.links.get(index)];
  if (kernel === undefined || status === undefined) return undefined;
  const details = linkDetails(refOf(status), state);
  const nameOf = (other: IfIndex): string => linkName(state, other);
  return {
    ...summary(details, kernel, status, state, context),
    addresses: byPreference([...kernel.addresses.values()]).map((address) =>
      detailedAddress(address, context.now),
    ),
    routes: details.routes.flatMap(({ route }) => routeViews(route, nameOf, context.tableName)),
    dns_servers: details.dns,
    statistics: statisticsView(kernel),
    network_file: details.networkFile ?? null,
    leases: [...state.leases.active.values()]
      .filter((lease) => lease.interfaceName === status.name)
      .map(leaseView),
    damping: dampingView(context.damping?.(index)),
  };
}

const refOf = ({ index, generation, name }: LinkStatus): LinkRef => ({ index, generation, name });

const addressView = ({ address, prefixLength, family, scope }: AddressObject): LinkAddress => ({
  ip: address,
  prefix: prefixLength,
  family: familyName(family),
  scope: scopeName(scope),
});

const addressFlagNames: readonly (readonly [bit: number, name: string])[] = [
  [AddressFlag.permanent, 'permanent'],
  [AddressFlag.tentative, 'tentative'],
  [AddressFlag.dadFailed, 'dadfailed'],
  [AddressFlag.optimistic, 'optimistic'],
  [AddressFlag.deprecated, 'deprecated'],
  [AddressFlag.nodad, 'nodad'],
  [AddressFlag.manageTemporary, 'mngtmpaddr'],
  [AddressFlag.noPrefixRoute, 'noprefixroute'],
  [AddressFlag.stablePrivacy, 'stable-privacy'],
];

/** The names of ip-address(8). The meaning of the first bit depends on the family. */
function addressFlags({ flags, family }: AddressObject): readonly string[] {
  const isFirst = (flags & AddressFlag.temporaryOrSecondary) !== 0;
  const first = isFirst ? [family === 4 ? 'secondary' : 'temporary'] : [];
  return [...first, ...addressFlagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)];
}

const detailedAddress = (address: AddressObject, now: Timestamp): DetailedAddress => ({
  ...addressView(address),
  broadcast: address.broadcast ?? null,
  peer: address.peer ?? null,
  label: address.label ?? null,
  flags: addressFlags(address),
  preferred_until: lifetimeEnd(address.preferredLifetime, now),
  valid_until: lifetimeEnd(address.validLifetime, now),
});

/** `INFINITY_LIFE_TIME` of the kernel's net/if_inet6.h. */
const infiniteLifetime = 0xffff_ffff;

const lifetimeEnd = (seconds: number, now: Timestamp): string | null =>
  seconds === infiniteLifetime ? null : new Date(now + seconds * 1000).toISOString();

function statisticsView({ object }: KernelLink): Readonly<Record<string, number>> {
  const entries = Object.entries(object.statistics ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [snakeCase(name), Number(value)]));
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const dampingView = (reading: DampingStatus | undefined): LinkDamping => ({
  penalty: reading?.penalty ?? 0,
  losses: reading?.losses ?? 0,
  damped: reading?.isDamped ?? false,
  remaining_ms: reading?.remaining ?? null,
});

const leaseView = (lease: ActiveLease): LinkLease => ({
  source: 'dhclient',
  family: familyName(lease.family),
  addresses: lease.addresses,
  gateways: lease.gateways,
  dns: lease.dns,
  domains: lease.domains,
  hostname: lease.hostName ?? null,
  expires_at: lease.expires === 'never' ? null : timeText(lease.expires),
});

export const timeText = (at: Timestamp | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString();
