/** The state that an earlier run knew last, from what it kept: what the first reading is compared with. */
import { emptyState } from '../model/empty-state.ts';
import type { IfIndex } from '../model/ids.ts';
import { leaseKey } from '../model/keys.ts';
import { emptyMap, type PersistentMap } from '../model/persistent-map.ts';
import type { ActiveLease, LinkStatus, State } from '../model/state.ts';
import type { Source } from '../model/vocabulary.ts';
import { reduce } from '../reduce/reduce.ts';
import type { JournalSnapshot } from './entries.ts';

/** What managers said is remembered as `stale`: it holds until they are heard anew. */
export function restoreState(kept: JournalSnapshot, backend: Source | 'auto'): State {
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
    leases: { freshness: kept.leases.length > 0 ? 'stale' : 'absent', active: leasesOf(kept.leases) },
    links: picturesOf(kept.links.map(({ status }) => status)),
    host: kept.hostStatus ?? read.host,
  };
}

function withGenerations(kernel: State['kernel'], kept: JournalSnapshot): State['kernel'] {
  let { generations, links } = kernel;
  for (const [index, generation] of kept.generations) generations = generations.set(index, generation);
  for (const { status } of kept.links) {
    const link = links.get(status.index);
    if (link !== undefined) links = links.set(status.index, { ...link, generation: status.generation });
  }
  return { ...kernel, freshness: 'stale', invalidations: { all: { cause: 'unread' } }, generations, links };
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

function leasesOf(leases: readonly ActiveLease[]): PersistentMap<string, ActiveLease> {
  let held = emptyMap<string, ActiveLease>();
  for (const lease of leases) held = held.set(leaseKey(lease), lease);
  return held;
}

function picturesOf(statuses: readonly LinkStatus[]): PersistentMap<IfIndex, LinkStatus> {
  let links = emptyMap<IfIndex, LinkStatus>();
  for (const status of statuses) links = links.set(status.index, status);
  return links;
}
