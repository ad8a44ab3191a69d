/** A link with everything that its sources report, as the topics of transitions read it. */
import { isUsable } from '../../model/address-tally.ts';
import type { LinkRef } from '../../model/change.ts';
import type { AddressObject } from '../../model/kernel-objects.ts';
import { leaseKeyOf } from '../../model/keys.ts';
import type {
  ActiveLease,
  KernelLink,
  LinkStatus,
  NetworkdLink,
  NetworkManagerDevice,
  Resolution,
  State,
} from '../../model/state.ts';
import type { Source } from '../../model/vocabulary.ts';
import type { DefaultRoutes } from './default-routes.ts';

export interface LinkSubject {
  readonly state: State;
  readonly link: LinkRef;
  readonly kernel: KernelLink;
  readonly status: LinkStatus;
  readonly networkd: NetworkdLink | undefined;
  readonly device: NetworkManagerDevice | undefined;
  /** Of dhclient, IPv4 first. */
  readonly leases: readonly ActiveLease[];
  readonly defaultRoutes: DefaultRoutes;
}

/** Collects a link; undefined if the kernel does not have it. */
export function linkSubject(
  state: State,
  index: LinkRef['index'],
  defaultRoutes: DefaultRoutes,
): LinkSubject | undefined {
  const kernel = state.kernel.links.get(index);
  const status = state.links.get(index);
  if (kernel === undefined || status === undefined) return undefined;
  const leases = ([4, 6] as const).map((family) => state.leases.active.get(leaseKeyOf(status.name, family)));
  return {
    state,
    link: { index, generation: status.generation, name: status.name },
    kernel,
    status,
    networkd: state.networkd.links.get(index),
    device: state.networkManager.devices.get(index),
    leases: leases.filter((lease) => lease !== undefined),
    defaultRoutes,
  };
}

/** One source's settings of a link. */
export interface SettingsReport {
  readonly source: Source;
  readonly settings: Resolution;
}

/**
 * Returns what dhclient, networkd and NetworkManager report, in the order in which hooks show it. A lease of
 * dhclient counts if the link has one of its addresses, or no usable address at all (view/link-details.ts).
 */
export function settingsReports(subject: LinkSubject): readonly SettingsReport[] {
  const { networkd, device } = subject;
  const reports: SettingsReport[] = subject.leases
    .filter((lease) => isInUse(lease, subject.kernel))
    .map((settings) => ({ source: 'dhclient', settings }));
  if (networkd !== undefined) reports.push({ source: 'systemd-networkd', settings: networkd });
  if (device !== undefined) reports.push({ source: 'NetworkManager', settings: device });
  return reports;
}

function isInUse({ addresses }: ActiveLease, kernel: KernelLink): boolean {
  const usable = usableAddresses(kernel).map(({ address }) => address);
  return addresses.length === 0 || usable.length === 0 || addresses.some((one) => usable.includes(one));
}

/** Returns the ready addresses that reach other hosts. */
export const usableAddresses = ({ addresses }: KernelLink): readonly AddressObject[] =>
  [...addresses.values()].filter(isUsable);
