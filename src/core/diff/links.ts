/** Changes of links: appearance, names, states, MTUs and addresses. */

import { isReady } from '../model/address-tally.ts';
import type { Change, LinkRef } from '../model/change.ts';
import type { IfIndex } from '../model/ids.ts';
import type { AddressObject } from '../model/kernel-objects.ts';
import { diffMaps, emptyMap, type PersistentMap } from '../model/persistent-map.ts';
import type { KernelLink, LinkStatus, State } from '../model/state.ts';
import { mapDifferences } from './map-differences.ts';

type Addresses = PersistentMap<string, AddressObject>;

/** A link in one of the two states. */
interface Side {
  readonly link: KernelLink;
  readonly status: LinkStatus;
}

/** Adds the changes of links; vanished links first, because a present one may have taken the name. */
export function diffLinks(before: State, after: State, changes: Change[]): void {
  const changed = changedLinks(before, after);
  for (const index of changed) {
    const was = sideOf(before, index);
    const is = sideOf(after, index);
    if (was !== undefined && is?.link.generation !== was.link.generation) addVanished(was, changes);
  }
  for (const index of changed) {
    const was = sideOf(before, index);
    const is = sideOf(after, index);
    if (is === undefined) continue;
    if (was === undefined || was.link.generation !== is.link.generation) addAppeared(is, changes);
    else addChanged(was, is, changes);
  }
}

/** Returns the indexes whose link or status is another object, ascending. */
function changedLinks(before: State, after: State): readonly IfIndex[] {
  const byKernel: IfIndex[] = [];
  diffMaps(before.kernel.links, after.kernel.links, (index) => {
    byKernel.push(index);
  });
  if (before.links === after.links) return ascending(byKernel);
  const byStatus: IfIndex[] = [];
  diffMaps(before.links, after.links, (index) => {
    byStatus.push(index);
  });
  if (byStatus.length === 0) return ascending(byKernel);
  if (byKernel.length === 1 && byStatus.length === 1 && byKernel[0] === byStatus[0]) return byKernel;
  return ascending([...new Set([...byKernel, ...byStatus])]);
}

const ascending = (indexes: IfIndex[]): readonly IfIndex[] =>
  indexes.length < 2 ? indexes : indexes.sort((a, b) => a - b);

function sideOf(state: State, index: IfIndex): Side | undefined {
  const link = state.kernel.links.get(index);
  const status = state.links.get(index);
  return link === undefined || status === undefined ? undefined : { link, status };
}

const refTo = ({ index, generation, name }: LinkStatus): LinkRef => ({ index, generation, name });

function addAppeared({ link, status }: Side, changes: Change[]): void {
  const ref = refTo(status);
  changes.push({ kind: 'linkAppeared', link: ref, object: link.object, status });
  addStateChanges(ref, undefined, status, changes);
  addAddressChanges(ref, emptyMap(), link.addresses, changes);
}

function addVanished({ link, status }: Side, changes: Change[]): void {
  const ref = refTo(status);
  addAddressChanges(ref, link.addresses, emptyMap(), changes);
  changes.push({ kind: 'linkVanished', link: ref, last: status });
}

function addChanged(before: Side, after: Side, changes: Change[]): void {
  const was = before.status;
  const is = after.status;
  const { addresses } = before.link;
  if (was === is && addresses === after.link.addresses) return;
  const ref = refTo(is);
  if (was !== is) {
    if (was.name !== is.name) changes.push({ kind: 'linkRenamed', link: ref, from: was.name });
    if (was.owner !== is.owner) {
      changes.push({ kind: 'ownerChanged', link: ref, from: was.owner, to: is.owner });
    }
    addStateChanges(ref, was, is, changes);
    if (was.mtu !== is.mtu) changes.push({ kind: 'mtuChanged', link: ref, from: was.mtu, to: is.mtu });
  }
  if (addresses !== after.link.addresses) addAddressChanges(ref, addresses, after.link.addresses, changes);
}

function addStateChanges(
  link: LinkRef,
  was: LinkStatus | undefined,
  is: LinkStatus,
  changes: Change[],
): void {
  if (was?.operational !== is.operational) {
    const { operational: to, operationalSource: source } = is;
    changes.push({ kind: 'operationalStateChanged', link, source, from: was?.operational, to });
  }
  if (was?.administrative !== is.administrative) {
    const source = is.administrativeSource ?? was?.administrativeSource ?? 'kernel';
    const { administrative: to } = is;
    changes.push({ kind: 'administrativeStateChanged', link, source, from: was?.administrative, to });
  }
  if (was?.device !== is.device) {
    changes.push({ kind: 'deviceStateChanged', link, from: was?.device, to: is.device });
  }
}

/** Adds addresses that vanished, then those that appeared. An address exists once it is ready to use. */
function addAddressChanges(link: LinkRef, before: Addresses, after: Addresses, changes: Change[]): void {
  const appeared: Change[] = [];
  for (const { was, is } of mapDifferences(before, after)) {
    const wasReady = was !== undefined && isReady(was);
    const isReadyNow = is !== undefined && isReady(is);
    if (wasReady && !isReadyNow) changes.push({ kind: 'addressVanished', link, address: was });
    if (isReadyNow && !wasReady) appeared.push({ kind: 'addressAppeared', link, address: is });
  }
  for (const change of appeared) changes.push(change);
}
