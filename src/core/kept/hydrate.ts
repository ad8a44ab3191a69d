/** The state that an earlier run knew last, from what it kept: what the first reading is compared with. */
import { emptyState } from '../empty-state.ts';
import type { IfIndex } from '../ids.ts';
import { leaseKey } from '../keys.ts';
import { emptyMap, type PersistentMap } from '../persistent-map.ts';
import { reduce } from '../reduce.ts';
import type { HeldLease, LinkPicture, State } from '../state.ts';
import type { Source } from '../states.ts';
import type { KeptWhole } from './entries.ts';

/** What managers said of links is not kept, only what came of it: so they are heard anew. */
export function hydrate(kept: KeptWhole, backend: Source | 'auto'): State {
  const links = kept.links.map(({ object, picture }) => ({
    ...object,
    name: picture.name,
    mtu: picture.mtu,
  }));
  const snapshot = {
    links,
    drivers: new Map<IfIndex, string>(),
    addresses: kept.links.flatMap(({ addresses }) => addresses),
    routes: kept.routes,
    rules: [],
  };
  const read = reduce(emptyState(backend), { kind: 'kernelRead', snapshot });
  const { networkd, networkManager } = read;
  return {
    ...read,
    kernel: withGenerations(read.kernel, kept),
    networkd: remembered(networkd, kept.hosts['systemd-networkd']),
    networkManager: remembered(networkManager, kept.hosts['NetworkManager']),
    leases: { freshness: kept.leases.length > 0 ? 'stale' : 'absent', held: leasesOf(kept.leases) },
    links: picturesOf(kept.links.map(({ picture }) => picture)),
    host: kept.hostPicture ?? read.host,
  };
}

function withGenerations(kernel: State['kernel'], kept: KeptWhole): State['kernel'] {
  let { generations, links } = kernel;
  for (const [index, generation] of kept.generations) generations = generations.set(index, generation);
  for (const { picture } of kept.links) {
    const link = links.get(picture.index);
    if (link !== undefined) links = links.set(picture.index, { ...link, generation: picture.generation });
  }
  return { ...kernel, freshness: 'stale', doubts: { all: { cause: 'unread' } }, generations, links };
}

function remembered<M extends State['networkd'] | State['networkManager']>(
  manager: M,
  host: Readonly<Record<string, string>> | undefined,
): M {
  return host === undefined || Object.keys(host).length === 0
    ? manager
    : { ...manager, freshness: 'stale', host };
}

function leasesOf(leases: readonly HeldLease[]): PersistentMap<string, HeldLease> {
  let held = emptyMap<string, HeldLease>();
  for (const lease of leases) held = held.set(leaseKey(lease), lease);
  return held;
}

function picturesOf(pictures: readonly LinkPicture[]): PersistentMap<IfIndex, LinkPicture> {
  let links = emptyMap<IfIndex, LinkPicture>();
  for (const picture of pictures) links = links.set(picture.index, picture);
  return links;
}
