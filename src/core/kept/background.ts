/**
 * What a restart must know and no change tells of: the kernel's link objects as they are now, and what managers say of
 * links. Pictures are made of both; kept with them, the silence before a manager's first word is not taken for a change.
 */
import type { IfIndex } from '../ids.ts';
import type { LinkObject } from '../kernel-objects.ts';
import { diffMaps, type PersistentMap } from '../persistent-map.ts';
import { isSameLink } from '../same.ts';
import type { NetworkdLink, NetworkManagerDevice, State } from '../state.ts';

/** By index; null where nothing is known any more. */
type Said<T> = readonly (readonly [IfIndex, T | null])[];

/** What managers say of links. */
export interface Words {
  readonly networkd: Said<NetworkdLink>;
  readonly networkManager: Said<NetworkManagerDevice>;
}

export interface Background extends Words {
  /** Without statistics, which are of the past as soon as they are read. */
  readonly objects: readonly LinkObject[];
}

/** What is new of it from one state to a later one; undefined where nothing is. Links that are new tell of themselves. */
export function diffBackground(before: State, after: State): Background | undefined {
  const isSame =
    before.kernel.links === after.kernel.links &&
    before.networkd.links === after.networkd.links &&
    before.networkManager.devices === after.networkManager.devices;
  if (isSame) return undefined;
  const background = {
    objects: changedObjects(before, after),
    networkd: diffSaid(before.networkd.links, after.networkd.links),
    networkManager: diffSaid(before.networkManager.devices, after.networkManager.devices),
  };
  const { objects, networkd, networkManager } = background;
  return objects.length + networkd.length + networkManager.length === 0 ? undefined : background;
}

function changedObjects(before: State, after: State): LinkObject[] {
  const objects: LinkObject[] = [];
  diffMaps(before.kernel.links, after.kernel.links, (_index, was, is) => {
    if (was?.generation !== is?.generation || was === undefined || is === undefined) return;
    if (was.object !== is.object && !isSameLink(was.object, is.object))
      objects.push(withoutStatistics(is.object));
  });
  return objects;
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
