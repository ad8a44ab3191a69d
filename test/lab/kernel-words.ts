/** netevd's own words for links, derived from what the kernel says: to be compared with networkd's. */
import type { IpAddress } from '../../src/core/model/address.ts';
import { emptyState } from '../../src/core/model/empty-state.ts';
import type { Fact } from '../../src/core/model/fact.ts';
import { type IfIndex, ifIndex } from '../../src/core/model/ids.ts';
import type { AddressObject, LinkObject } from '../../src/core/model/kernel-objects.ts';
import type { State } from '../../src/core/model/state.ts';
import { reduce } from '../../src/core/reduce/reduce.ts';
import { sampleAddress, sampleLinkObject } from '../../src/testing/sample-state.ts';
import type { AddressFacts, LinkDetails } from './kernel-facts.ts';
import type { NetworkdWords, Words } from './networkd-oracle.ts';

type Links = ReadonlyMap<number, LinkDetails>;

/** The state before the kernel was read. */
export const nothingKnown: State = emptyState('kernel');

/** The state after all of the kernel was read anew. */
export function afterReading(state: State, links: Links): State {
  const all = [...links.values()];
  return reduce(state, {
    kind: 'kernelRead',
    snapshot: {
      links: all.map(linkObject),
      drivers: new Map(),
      addresses: all.flatMap(addressObjects),
      routes: [],
      rules: [],
    },
  });
}

/** The state after the messages by which the kernel tells one difference after the other. */
export function afterMessages(state: State, before: Links, after: Links): State {
  return [...factsBetween(before, after)].reduce(reduce, state);
}

function* factsBetween(before: Links, after: Links): Generator<Fact> {
  for (const link of before.values()) {
    if (!after.has(link.index)) yield { kind: 'linkVanished', index: ifIndex(link.index) };
  }
  for (const link of after.values()) {
    const old = before.get(link.index);
    yield { kind: 'linkObserved', link: linkObject(link) };
    const held = old === undefined ? [] : addressObjects(old);
    const kept = new Set(link.addresses.map(identity));
    for (const address of held) if (!kept.has(identity(address))) yield { kind: 'addressVanished', address };
    for (const address of addressObjects(link)) yield { kind: 'addressObserved', address };
  }
}

/** An IPv4 address may be there twice, with two prefix lengths. */
const identity = (address: Pick<AddressFacts, 'address' | 'prefixLength'>): string =>
  `${address.address}/${address.prefixLength}`;

function linkObject(link: LinkDetails): LinkObject {
  return sampleLinkObject({
    index: ifIndex(link.index),
    name: link.name,
    flags: link.flags,
    mtu: link.mtu,
    operStatus: link.operStatus,
    kind: link.kind,
    ...(link.master === undefined ? {} : { master: ifIndex(link.master) }),
  });
}

function addressObjects(link: LinkDetails): AddressObject[] {
  return link.addresses.map((each) =>
    sampleAddress(each.address, {
      ...each,
      address: each.address as IpAddress,
      ifindex: ifIndex(link.index),
    }),
  );
}

/** The words for one link; undefined where it is not known. */
export function wordsOfLink(state: State, index: number): Words | undefined {
  const link = state.kernel.links.get(ifIndex(index) as IfIndex);
  return link === undefined
    ? undefined
    : {
        operational: link.operational,
        carrier: link.carrierState,
        address: link.addressState,
        ipv4: link.ipv4AddressState,
        ipv6: link.ipv6AddressState,
      };
}

/** networkd's words, as far as the kernel alone tells them. */
export const comparable = ({ operational, carrier, address, ipv4, ipv6 }: Words | NetworkdWords): Words => ({
  operational,
  carrier,
  address,
  ipv4,
  ipv6,
});
