/**
 * State that no change reports and that a restarted daemon needs: the kernel's objects, and what managers report about
 * links. Link statuses are derived from both. Without the reports, the time before a manager's first report would look
 * like a change.
 */

import { isReady } from '../model/address-tally.ts';
import { isSameLink } from '../model/equality.ts';
import type { IfIndex } from '../model/ids.ts';
import type { AddressObject, LinkObject } from '../model/kernel-objects.ts';
import { diffMaps, type PersistentMap } from '../model/persistent-map.ts';
import type { KernelLink, NetworkdLink, NetworkManagerDevice, State } from '../model/state.ts';

/** By index; null if the manager does not know the link any more. */
type LinkReports<T> = readonly (readonly [IfIndex, T | null])[];

/** What managers report about links. */
export interface Words {
  readonly networkd: LinkReports<NetworkdLink>;
  readonly networkManager: LinkReports<NetworkManagerDevice>;
}

export interface SilentUpdate extends Words {
  /** Without statistics: they are outdated as soon as they are read. */
  readonly objects: readonly LinkObject[];
  /** Addresses that stay ready with new flags, such as `deprecated`. Absent if there are none. */
  readonly addresses?: readonly AddressObject[];
}

/** Returns what is new in `after`; undefined if nothing is. Leaves out new links: their `linkAppeared` describes them. */
export function diffSilentUpdate(before: State, after: State): SilentUpdate | undefined {
  const isSame =
    before.kernel.links === after.kernel.links &&
    before.networkd.links === after.networkd.links &&
    before.networkManager.devices === after.networkManager.devices;
  if (isSame) return undefined;
  const objects: LinkObject[] = [];
  const addresses: AddressObject[] = [];
  diffMaps(before.kernel.links, after.kernel.links, (_index, was, is) => {
    if (was?.generation !== is?.generation || was === undefined || is === undefined) return;
    if (was.object !== is.object && !isSameLink(was.object, is.object))
      objects.push(withoutStatistics(is.object));
    collectChangedAddresses(was, is, addresses);
  });
  const networkd = diffReports(before.networkd.links, after.networkd.links);
  const networkManager = diffReports(before.networkManager.devices, after.networkManager.devices);
  if (objects.length + addresses.length + networkd.length + networkManager.length === 0) return undefined;
  return { objects, ...(addresses.length > 0 && { addresses }), networkd, networkManager };
}

/** Ignores lifetimes: they are outdated as soon as they are read. */
function collectChangedAddresses(before: KernelLink, after: KernelLink, into: AddressObject[]): void {
  if (before.addresses === after.addresses) return;
  diffMaps(before.addresses, after.addresses, (_key, was, is) => {
    if (was === undefined || is === undefined || was.flags === is.flags) return;
    if (isReady(was) && isReady(is)) into.push(is);
  });
}

export function withoutStatistics({ statistics: _, ...object }: LinkObject): LinkObject {
  return object;
}

function diffReports<T>(before: PersistentMap<IfIndex, T>, after: PersistentMap<IfIndex, T>): LinkReports<T> {
  const reports: (readonly [IfIndex, T | null])[] = [];
  diffMaps(before, after, (index, _was, is) => {
    reports.push([index, is ?? null]);
  });
  return reports;
}
