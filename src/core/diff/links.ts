/** What differs of links: their states, names, sizes and addresses. */
import type { Change, LinkRef } from '../model/change.ts';
import type { IfIndex } from '../model/ids.ts';
import type { AddressObject } from '../model/kernel-objects.ts';
import { isReady } from '../model/operstate.ts';
import { diffMaps, emptyMap, type PersistentMap } from '../model/persistent-map.ts';
import type { KernelLink, LinkStatus, State } from '../model/state.ts';
import { differences } from './map-differences.ts';

type Addresses = PersistentMap<string, AddressObject>;

/** A link as both the kernel's object and the picture of it. */
interface Side {
  readonly link: KernelLink;
  readonly status: LinkStatus;
}

export function diffLinks(before: State, after: State, changes: Change[]): void {
  const touched = touchedLinks(before, after);
  for (const index of touched) {
    const was = sideOf(before, index);
    const is = sideOf(after, index);
    if (was !== undefined && is?.link.generation !== was.link.generation) tellVanished(was, changes);
  }
  for (const index of touched) {
    const was = sideOf(before, index);
    const is = sideOf(after, index);
    if (is === undefined) continue;
    if (was === undefined || was.link.generation !== is.link.generation) tellAppeared(is, changes);
    else tellChanged(was, is, changes);
  }
}

/** Indexes whose link or picture is another object, ascending. */
function touchedLinks(before: State, after: State): readonly IfIndex[] {
  const found: IfIndex[] = [];
  diffMaps(before.kernel.links, after.kernel.links, (index) => {
    found.push(index);
  });
  if (before.links === after.links) return ascending(found);
  const pictured: IfIndex[] = [];
  diffMaps(before.links, after.links, (index) => {
    pictured.push(index);
  });
  if (pictured.length === 0) return ascending(found);
  if (found.length === 1 && pictured.length === 1 && found[0] === pictured[0]) return found;
  return ascending([...new Set([...found, ...pictured])]);
}

const ascending = (indexes: IfIndex[]): readonly IfIndex[] =>
  indexes.length < 2 ? indexes : indexes.sort((a, b) => a - b);

function sideOf(state: State, index: IfIndex): Side | undefined {
  const link = state.kernel.links.get(index);
  const status = state.links.get(index);
  return link === undefined || status === undefined ? undefined : { link, status };
}

const refTo = ({ index, generation, name }: LinkStatus): LinkRef => ({ index, generation, name });

function tellAppeared({ link, status }: Side, changes: Change[]): void {
  const ref = refTo(status);
  changes.push({ kind: 'linkAppeared', link: ref, object: link.object, status });
  tellStates(ref, undefined, status, changes);
  tellAddresses(ref, emptyMap(), link.addresses, changes);
}

function tellVanished({ link, status }: Side, changes: Change[]): void {
  const ref = refTo(status);
  tellAddresses(ref, link.addresses, emptyMap(), changes);
  changes.push({ kind: 'linkVanished', link: ref, last: status });
}

function tellChanged(before: Side, after: Side, changes: Change[]): void {
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
    tellStates(ref, was, is, changes);
    if (was.mtu !== is.mtu) changes.push({ kind: 'mtuChanged', link: ref, from: was.mtu, to: is.mtu });
  }
  if (addresses !== after.link.addresses) tellAddresses(ref, addresses, after.link.addresses, changes);
}

function tellStates(link: LinkRef, was: LinkStatus | undefined, is: LinkStatus, changes: Change[]): void {
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

/** Addresses that count before or after, and not both: those that went, then those that came. */
function tellAddresses(link: LinkRef, before: Addresses, after: Addresses, changes: Change[]): void {
  const came: Change[] = [];
  for (const { was, is } of differences(before, after)) {
    const counted = was !== undefined && isReady(was);
    const counts = is !== undefined && isReady(is);
    if (counted && !counts) changes.push({ kind: 'addressVanished', link, address: was });
    if (counts && !counted) came.push({ kind: 'addressAppeared', link, address: is });
  }
  for (const change of came) changes.push(change);
}
