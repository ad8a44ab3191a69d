/**
 * What a restart must know and no change tells of: the kernel's objects as they are now, and what managers say of links. Pictures are made of both; kept with them, the silence before a manager's first word is not taken for a change.
 */

import { isReady } from '../model/address-tally.ts';
import { isSameLink } from '../model/equality.ts';
import type { IfIndex } from '../model/ids.ts';
import type { AddressObject, LinkObject } from '../model/kernel-objects.ts';
import { diffMaps, type PersistentMap } from '../model/persistent-map.ts';
import type { KernelLink, NetworkdLink, NetworkManagerDevice, State } from '../model/state.ts';

/** By index; null where nothing is known any more. */
type Said<T> = readonly (readonly [IfIndex, T | null])[];

/** What managers say of links. */
export interface Words {
  readonly networkd: Said<NetworkdLink>;
  readonly networkManager: Said<NetworkManagerDevice>;
}

export interface SilentUpdate extends Words {
  /** Without statistics, which are of the past as soon as they are read. */
  readonly objects: readonly LinkObject[];
  /** That count as before, with other flags: one that is deprecated now. Absent where there are none. */
  readonly addresses?: readonly AddressObject[];
}

/** What is new of it from one state to a later one; undefined where nothing is. Links that are new tell of themselves. */
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
  const networkd = diffSaid(before.networkd.links, after.networkd.links);
  const networkManager = diffSaid(before.networkManager.devices, after.networkManager.devices);
  if (objects.length + addresses.length + networkd.length + networkManager.length === 0) return undefined;
  return { objects, ...(addresses.length > 0 && { addresses }), networkd, networkManager };
}

/** Lifetimes are not among it: they are of the past as soon as they are read. */
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

function diffSaid<T>(before: PersistentMap<IfIndex, T>, after: PersistentMap<IfIndex, T>): Said<T> {
  const said: (readonly [IfIndex, T | null])[] = [];
  diffMaps(before, after, (index, _was, is) => {
    said.push([index, is ?? null]);
  });
  return said;
}
