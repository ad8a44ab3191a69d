/** What keeps the result of a lookup from being the whole truth. */
import { isLinkLocal } from '../../model/address.ts';
import { type AddressObject, LinkFlag, type LinkObject } from '../../model/kernel-objects.ts';
import type { Flow } from './lookup-input.ts';
import type { LookupResult } from './lookup-route.ts';

export interface RemarkInput {
  readonly addresses: Iterable<AddressObject>;
  readonly links: readonly LinkObject[];
}

export function remarksOn(
  flow: Flow,
  { verdict }: LookupResult,
  { addresses, links }: RemarkInput,
): readonly string[] {
  const remarks: string[] = [];
  const isOwn = [...addresses].some(({ address }) => address === flow.source);
  if (flow.inputInterface === undefined && !isOwn) {
    remarks.push(`${flow.source} is not an address of this machine; for a forwarded packet, add --iif LINK`);
  }
  if (flow.inputInterface !== undefined && isOwn) {
    remarks.push(`${flow.source} is an address of this machine: the kernel drops such incoming packets`);
  }
  if (isLinkLocal(flow.destination)) remarks.push('a link-local destination needs a link');
  if (verdict.kind !== 'routed') return remarks;
  for (const { ifindex } of verdict.nextHops) {
    const link = links.find(({ index }) => index === ifindex);
    if (link !== undefined && (link.flags & LinkFlag.lowerUp) === 0)
      remarks.push(`${link.name} has no carrier`);
  }
  return remarks;
}
