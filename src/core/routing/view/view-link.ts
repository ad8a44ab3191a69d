/** Makes the routing view of a link. */
import type { Generation } from '../../model/ids.ts';
import { type AddressObject, LinkFlag, type LinkObject } from '../../model/kernel-objects.ts';
import { isEligible } from './eligible.ts';
import type { ViewAddress, ViewLink } from './view.ts';

/**
 * Returns the view of a link. `selected`: whether it is a policy link. For other links, addresses and the up
 * flag do not matter; the view leaves them out so that their changes do not change it.
 */
export function viewLink(
  object: LinkObject,
  generation: Generation,
  addresses: Iterable<AddressObject>,
  selected: boolean,
): ViewLink {
  return {
    index: object.index,
    generation,
    name: object.name,
    altNames: object.altNames,
    group: object.group,
    up: selected && hasFlag(object, LinkFlag.up),
    loopback: hasFlag(object, LinkFlag.loopback),
    pointToPoint: hasFlag(object, LinkFlag.pointToPoint),
    ...(object.kind === undefined ? {} : { kind: object.kind }),
    ...(object.master === undefined ? {} : { master: object.master }),
    addresses: selected ? viewAddresses(addresses) : [],
  };
}

const hasFlag = (link: LinkObject, flag: number): boolean => (link.flags & flag) !== 0;

function viewAddresses(addresses: Iterable<AddressObject>): readonly ViewAddress[] {
  const eligible = [...addresses].filter(isEligible).map(viewAddress);
  return eligible.toSorted((a, b) => a.family - b.family || compareText(addressText(a), addressText(b)));
}

const viewAddress = (address: AddressObject): ViewAddress => ({
  family: address.family,
  address: address.address,
  prefixLength: address.prefixLength,
  ...(address.peer === undefined ? {} : { peer: address.peer }),
});

const addressText = (a: ViewAddress): string => `${a.address}/${a.prefixLength} ${a.peer ?? ''}`;
const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Returns `before` if it equals `after`, else `after` with the same objects for unchanged addresses. */
export function reuseIfEqual(before: ViewLink | undefined, after: ViewLink): ViewLink {
  if (before === undefined) return after;
  const known = new Map(before.addresses.map((address) => [addressText(address), address]));
  const addresses = after.addresses.map((address) => known.get(addressText(address)) ?? address);
  const sameAddresses =
    addresses.length === before.addresses.length &&
    addresses.every((address, i) => address === before.addresses[i]);
  if (sameAddresses && describe(before) === describe(after)) return before;
  return { ...after, addresses };
}

const describe = (link: ViewLink): string =>
  `${link.index} ${link.generation} ${link.name} ${link.altNames.join('/')} ${link.group} ${link.up} ${link.loopback} ${link.pointToPoint} ${link.kind} ${link.master}`;
