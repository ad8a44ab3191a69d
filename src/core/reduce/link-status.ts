/**
 * The status of a link from all sources. The owner follows from evidence: networkd's setup state,
 * NetworkManager's `Managed`, a lease of dhclient; without any, the kernel. The kernel alone decides whether
 * frames pass; above that, the report of the owner counts.
 */

import { addressStateOf, countAddress } from '../model/address-tally.ts';
import { leaseKeyOf } from '../model/keys.ts';
import { operationalTable } from '../model/operstate.ts';
import type { KernelLink, LinkStatus, NetworkdLink, State } from '../model/state.ts';
import {
  type AdministrativeState,
  hasCarrier,
  type OperationalState,
  operationalStates,
  type Source,
} from '../model/vocabulary.ts';

type StatusInput = Pick<State, 'kernel' | 'networkd' | 'networkManager' | 'leases' | 'backend'>;

/** Returns the status of a link that the kernel has; `previous` is its last status. */
export function linkStatusOf(state: StatusInput, link: KernelLink, previous?: LinkStatus): LinkStatus {
  const { index, name, mtu } = link.object;
  const networkd = hasReports(state, 'systemd-networkd') ? state.networkd.links.get(index) : undefined;
  const device = hasReports(state, 'NetworkManager') ? state.networkManager.devices.get(index) : undefined;
  const owner = ownerOf(state, name, networkd, device?.managed === true);
  const seen = owner === 'kernel' || owner === 'dhclient' ? withoutAwaited(state, link) : link;
  const [operational, operationalSource] =
    owner === 'systemd-networkd' && networkd !== undefined
      ? ignoreLateReport(
          operationalByNetworkd(link, networkd, state.networkd.freshness === 'stale'),
          link,
          previous,
        )
      : ([seen.operational, 'kernel'] as const);
  return {
    index,
    generation: link.generation,
    name,
    mtu,
    owner,
    operational,
    operationalSource,
    ...administrativeOf(owner, seen, networkd),
    ...(device !== undefined && { device: device.state }),
  };
}

/** Returns the link without the addresses whose lease is not in the lease file yet. */
function withoutAwaited(state: StatusInput, link: KernelLink): KernelLink {
  const { awaited } = state.leases;
  if (awaited === undefined || !hasReports(state, 'dhclient')) return link;
  const pending = [...link.addresses.values()].filter(({ address }) => awaited.includes(address));
  if (pending.length === 0) return link;
  const tally = pending.reduce((rest, one) => countAddress(rest, one, -1), link.tally);
  const addressState = addressStateOf(
    tally.ipv4Routable + tally.ipv6Routable,
    tally.ipv4Degraded + tally.ipv6Degraded,
  );
  return { ...link, tally, operational: operationalTable[link.carrierState][addressState] };
}

/** Whether the configuration allows this manager and it has reported something. */
function hasReports(
  state: StatusInput,
  manager: 'systemd-networkd' | 'NetworkManager' | 'dhclient',
): boolean {
  if (state.backend !== 'auto' && state.backend !== manager) return false;
  const { networkd, networkManager, leases } = state;
  const { freshness } = { 'systemd-networkd': networkd, NetworkManager: networkManager, dhclient: leases }[
    manager
  ];
  return freshness === 'current' || freshness === 'stale';
}

/**
 * Setup states of links that networkd manages (networkctl(1)): not yet in the first two, no longer in
 * `linger`.
 */
const managedSetups: ReadonlySet<AdministrativeState> = new Set(['configuring', 'configured', 'failed']);

function ownerOf(
  state: StatusInput,
  name: string,
  networkd: NetworkdLink | undefined,
  isManagedDevice: boolean,
): Source {
  if (networkd !== undefined && managedSetups.has(networkd.administrative)) return 'systemd-networkd';
  if (isManagedDevice) return 'NetworkManager';
  return hasReports(state, 'dhclient') && hasLease(state, name) ? 'dhclient' : 'kernel';
}

const hasLease = ({ leases }: StatusInput, name: string): boolean =>
  leases.active.size > 0 &&
  (leases.active.has(leaseKeyOf(name, 4)) || leases.active.has(leaseKeyOf(name, 6)));

/**
 * Returns the operational state of a link that networkd manages. A loss of carrier or addresses counts as
 * soon as either source reports it. After a loss of carrier, networkd's report counts again once networkd has
 * reported the loss too, so that a state from before the loss never causes an event.
 */
function operationalByNetworkd(
  link: KernelLink,
  networkd: NetworkdLink,
  isGone: boolean,
): readonly [OperationalState, Source] {
  if (!hasCarrier(link.carrierState)) return [link.operational, 'kernel'];
  if (networkd.aheadOfKernel === true) return [networkd.operational, 'systemd-networkd'];
  if (networkd.acknowledged && hasCarrier(networkd.operational)) {
    return isBelow(link.operational, networkd.operational)
      ? [link.operational, 'kernel']
      : [networkd.operational, 'systemd-networkd'];
  }
  return [isGone ? link.operational : link.carrierState, 'kernel'];
}

/**
 * Keeps the previous state if the report is below it and the kernel still supports it: networkd derives its
 * states from kernel messages and may be late.
 */
function ignoreLateReport(
  report: readonly [OperationalState, Source],
  link: KernelLink,
  previous: LinkStatus | undefined,
): readonly [OperationalState, Source] {
  if (previous?.generation !== link.generation || !isBelow(report[0], previous.operational)) return report;
  if (!hasCarrier(report[0]) || isBelow(link.operational, previous.operational)) return report;
  return [previous.operational, previous.operationalSource];
}

const isBelow = (a: OperationalState, b: OperationalState): boolean =>
  operationalStates.indexOf(a) < operationalStates.indexOf(b);

/**
 * Returns networkd's setup state if networkd knows the link, also `unmanaged`, unless another manager owns
 * the link. Otherwise derives `configured`: frames pass, and an address reaches other hosts.
 */
function administrativeOf(
  owner: Source,
  link: KernelLink,
  networkd: NetworkdLink | undefined,
): Pick<LinkStatus, 'administrative' | 'administrativeSource'> {
  if (networkd !== undefined && (owner === 'systemd-networkd' || owner === 'kernel')) {
    return { administrative: networkd.administrative, administrativeSource: 'systemd-networkd' };
  }
  if (!hasCarrier(link.carrierState) || link.tally.usable === 0) return {};
  return { administrative: 'configured', administrativeSource: 'kernel' };
}

/** Compares two statuses of one link. */
export function isSameLinkStatus(a: LinkStatus, b: LinkStatus): boolean {
  return (
    a.operational === b.operational &&
    a.operationalSource === b.operationalSource &&
    a.owner === b.owner &&
    a.administrative === b.administrative &&
    a.administrativeSource === b.administrativeSource &&
    a.device === b.device &&
    a.name === b.name &&
    a.mtu === b.mtu &&
    a.generation === b.generation
  );
}
