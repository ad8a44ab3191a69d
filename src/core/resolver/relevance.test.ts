import { expect, test } from 'bun:test';
import {
  ip,
  sampleAddress,
  sampleKernelLink,
  sampleLease,
  sampleLinkObject,
  sampleLinkStatus,
  sampleState,
} from '../../testing/sample-state.ts';
import { ifIndex } from '../model/ids.ts';
import { linkKey } from '../model/keys.ts';
import { mapOf } from '../model/persistent-map.ts';
import type { KernelLink, LinkStatus, State } from '../model/state.ts';
import { isRelevantToResolver } from './relevance.ts';
import { emptyResolverMemory, type ResolverMemory } from './resolver-memory.ts';

const other: KernelLink = sampleKernelLink({ object: sampleLinkObject({ index: ifIndex(3), name: 'eth1' }) });
const otherStatus: LinkStatus = sampleLinkStatus({ index: ifIndex(3), name: 'eth1' });
const links = { kernelLinks: [sampleKernelLink(), other], statuses: [sampleLinkStatus(), otherStatus] };
const leased = sampleState({ ...links, leases: [sampleLease()] });
const idle = sampleState(links);

const withStatus = (state: State, over: Partial<LinkStatus>): State => {
  const index = over.index ?? ifIndex(2);
  const status = state.links.get(index);
  return status === undefined ? state : { ...state, links: state.links.set(index, { ...status, ...over }) };
};
const withAddress = (state: State, index: number): State => {
  const link = state.kernel.links.get(ifIndex(index));
  if (link === undefined) return state;
  const address = sampleAddress('198.51.100.1');
  const next = { ...link, addresses: mapOf([[address.address, address]]) };
  return { ...state, kernel: { ...state.kernel, links: state.kernel.links.set(ifIndex(index), next) } };
};
const sentToOther: ResolverMemory = {
  ...emptyResolverMemory,
  links: new Map([
    [
      linkKey(otherStatus),
      { link: { service: 'resolve1', index: ifIndex(3), generation: otherStatus.generation, name: 'eth1' } },
    ],
  ]),
};

const rows: [name: string, before: State, after: State, isRelevant: boolean, memory?: ResolverMemory][] = [
  ['nothing', leased, leased, false],
  ['a lease', idle, { ...idle, leases: leased.leases }, true],
  [
    'a renewal',
    leased,
    {
      ...leased,
      leases: { ...leased.leases, active: mapOf([['eth0/4', sampleLease({ dns: [ip('9.9.9.9')] })]]) },
    },
    true,
  ],
  ['a manager of the leased link', leased, withStatus(leased, { owner: 'NetworkManager' }), true],
  ['the state of another link', leased, withStatus(leased, { index: ifIndex(3), operational: 'off' }), false],
  [
    'the state of another link with settings',
    leased,
    withStatus(leased, { index: ifIndex(3), operational: 'off' }),
    true,
    sentToOther,
  ],
  [
    'a vanished link with settings',
    idle,
    { ...idle, links: idle.links.delete(ifIndex(3)) },
    true,
    sentToOther,
  ],
  ['an address of the leased link', leased, withAddress(leased, 2), true],
  ['an address of another link', leased, withAddress(leased, 3), false],
  ['an address without any lease', idle, withAddress(idle, 2), false],
  ['the configured backend', leased, { ...leased, backend: 'kernel' }, true],
];
for (const [name, before, after, isRelevant, memory = emptyResolverMemory] of rows) {
  test(`a change of ${name} ${isRelevant ? 'affects' : 'does not affect'} name resolution`, () => {
    expect(isRelevantToResolver(before, after, memory)).toBe(isRelevant);
  });
}
