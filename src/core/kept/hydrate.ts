/** The state that an earlier run knew last, from what it kept: what the first reading is compared with. */
import { emptyState } from '../empty-state.ts';
import type { IfIndex } from '../ids.ts';
import { leaseKey } from '../keys.ts';
import { emptyMap, type PersistentMap } from '../persistent-map.ts';
import { reduce } from '../reduce.ts';
import type { HeldLease, LinkPicture, State } from '../state.ts';
import type { Source } from '../states.ts';
import type { KeptWhole } from './entries.ts';

/** What managers said is remembered as `stale`: it holds until they are heard anew. */
export function hydrate(kept: KeptWhole, backend: Source | 'auto'): State {
  const snapshot = {
    links: kept.links.map(({ object }) => object),
    drivers: new Map<IfIndex, string>(),
    addresses: kept.links.flatMap(({ addresses }) => addresses),
    routes: kept.routes,
    rules: [],
  };
  const read = reduce(emptyState(backend), { kind: 'kernelRead', snapshot });
  return {
    ...read,
    kernel: withGenerations(read.kernel, kept),
    networkd: remembered({ host: kept.hosts['systemd-networkd'] ?? {}, links: saidOf(kept.words.networkd) }),
    networkManager: remembered({
      host: kept.hosts['NetworkManager'] ?? {},
      devices: saidOf(kept.words.networkManager),
    }),
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

type Heard = Omit<State['networkd'], 'freshness'> | Omit<State['networkManager'], 'freshness'>;

/** One that never said anything is not there. */
function remembered<M extends Heard>(said: M): M & Pick<State['networkd'], 'freshness'> {
  const links = 'links' in said ? said.links : said.devices;
  const isSilent = links.size === 0 && Object.keys(said.host).length === 0;
  return { ...said, freshness: isSilent ? 'absent' : 'stale' };
}

function saidOf<T>(said: readonly (readonly [IfIndex, T | null])[]): PersistentMap<IfIndex, T> {
  let map = emptyMap<IfIndex, T>();
  for (const [index, value] of said) if (value !== null) map = map.set(index, value);
  return map;
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
