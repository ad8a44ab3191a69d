/**
 * What is true of a link when all sources are heard. Who manages it is decided from evidence: networkd by its setup
 * state, NetworkManager by `Managed`, dhclient by a lease, else nobody but the kernel. Whether frames pass is the
 * kernel's word, which comes first; what a carrier is worth is its manager's.
 */
import { leaseKeyOf } from '../model/keys.ts';
import { addressStateOf, count, operationalTable } from '../model/operstate.ts';
import type { KernelLink, LinkStatus, NetworkdLink, State } from '../model/state.ts';
import {
  type AdministrativeState,
  hasCarrier,
  type OperationalState,
  operationalStates,
  type Source,
} from '../model/vocabulary.ts';

type Pictured = Pick<State, 'kernel' | 'networkd' | 'networkManager' | 'leases' | 'backend'>;

/** The picture of a link that the kernel has; `held` is the picture that there was. */
export function linkStatusOf(state: Pictured, link: KernelLink, held?: LinkStatus): LinkStatus {
  const { index, name, mtu } = link.object;
  const networkd = speaks(state, 'systemd-networkd') ? state.networkd.links.get(index) : undefined;
  const device = speaks(state, 'NetworkManager') ? state.networkManager.devices.get(index) : undefined;
  const owner = ownerOf(state, name, networkd, device?.managed === true);
  const seen = owner === 'kernel' || owner === 'dhclient' ? withoutAwaited(state, link) : link;
  const [operational, operationalSource] =
    owner === 'systemd-networkd' && networkd !== undefined
      ? notLate(operationalByNetworkd(link, networkd, state.networkd.freshness === 'stale'), link, held)
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

/** What counts of a link: not the addresses whose lease is about to be told. */
function withoutAwaited(state: Pictured, link: KernelLink): KernelLink {
  const { awaited } = state.leases;
  if (awaited === undefined || !speaks(state, 'dhclient')) return link;
  const early = [...link.addresses.values()].filter(({ address }) => awaited.includes(address));
  if (early.length === 0) return link;
  const tally = early.reduce((rest, one) => count(rest, one, -1), link.tally);
  const addressState = addressStateOf(
    tally.ipv4Routable + tally.ipv6Routable,
    tally.ipv4Degraded + tally.ipv6Degraded,
  );
  return { ...link, tally, operational: operationalTable[link.carrierState][addressState] };
}

/** Whether the operator lets this manager speak, and it has said something. */
function speaks(state: Pictured, manager: 'systemd-networkd' | 'NetworkManager' | 'dhclient'): boolean {
  if (state.backend !== 'auto' && state.backend !== manager) return false;
  const { networkd, networkManager, leases } = state;
  const { freshness } = { 'systemd-networkd': networkd, NetworkManager: networkManager, dhclient: leases }[
    manager
  ];
  return freshness === 'current' || freshness === 'stale';
}

/** Setup states in which networkd has taken a link on (networkctl(1)): not yet in the first two, no longer in `linger`. */
const managedSetups: ReadonlySet<AdministrativeState> = new Set(['configuring', 'configured', 'failed']);

function ownerOf(
  state: Pictured,
  name: string,
  networkd: NetworkdLink | undefined,
  isManagedDevice: boolean,
): Source {
  if (networkd !== undefined && managedSetups.has(networkd.administrative)) return 'systemd-networkd';
  if (isManagedDevice) return 'NetworkManager';
  return speaks(state, 'dhclient') && hasLease(state, name) ? 'dhclient' : 'kernel';
}

const hasLease = ({ leases }: Pictured, name: string): boolean =>
  leases.held.size > 0 && (leases.held.has(leaseKeyOf(name, 4)) || leases.held.has(leaseKeyOf(name, 6)));

/**
 * The operational state of a link that networkd manages. A loss, of carrier or of addresses, is believed whoever tells it
 * first. After a loss of carrier, networkd is believed again once it has spoken of it, so that a state from before a cable
 * was pulled is never news.
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
 * A state below the one that was told, while the kernel goes on saying the latter, is news from before: networkd derives its
 * words from what the kernel tells it, and may be slow to. What was told stays.
 */
function notLate(
  word: readonly [OperationalState, Source],
  link: KernelLink,
  held: LinkStatus | undefined,
): readonly [OperationalState, Source] {
  if (held?.generation !== link.generation || !isBelow(word[0], held.operational)) return word;
  if (!hasCarrier(word[0]) || isBelow(link.operational, held.operational)) return word;
  return [held.operational, held.operationalSource];
}

const isBelow = (a: OperationalState, b: OperationalState): boolean =>
  operationalStates.indexOf(a) < operationalStates.indexOf(b);

/**
 * The setup state is networkd's word wherever it knows the link, `unmanaged` too, unless another manager has the link.
 * Without that word `configured` is derived: frames pass, and others can reach an address.
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

/** Of one link. */
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
