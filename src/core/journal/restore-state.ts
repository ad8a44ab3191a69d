/** Restores the last state of an earlier run from its journal. The first dump is compared with it. */
import { emptyState } from '../model/empty-state.ts';
import type { IfIndex } from '../model/ids.ts';
import { leaseKey } from '../model/keys.ts';
import { emptyMap, type PersistentMap } from '../model/persistent-map.ts';
import type { ActiveLease, LinkStatus, State } from '../model/state.ts';
import type { Source } from '../model/vocabulary.ts';
import { reduce } from '../reduce/reduce.ts';
import type { JournalSnapshot } from './entries.ts';

/** Reports of managers are restored as `stale`: they count until the manager reports again. */
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
    networkd: asStale({ host: kept.hosts['systemd-networkd'] ?? {}, links: reportsOf(kept.words.networkd) }),
    networkManager: asStale({
      host: kept.hosts['NetworkManager'] ?? {},
      devices: reportsOf(kept.words.networkManager),
    }),
    leases: { freshness: kept.leases.length > 0 ? 'stale' : 'absent', active: leasesOf(kept.leases) },
    links: statusesOf(kept.links.map(({ status }) => status)),
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

type ManagerReports = Omit<State['networkd'], 'freshness'> | Omit<State['networkManager'], 'freshness'>;

/** A manager without any report is absent. */
function asStale<M extends ManagerReports>(reports: M): M & Pick<State['networkd'], 'freshness'> {
  const links = 'links' in reports ? reports.links : reports.devices;
  const isEmpty = links.size === 0 && Object.keys(reports.host).length === 0;
  return { ...reports, freshness: isEmpty ? 'absent' : 'stale' };
}

function reportsOf<T>(reports: readonly (readonly [IfIndex, T | null])[]): PersistentMap<IfIndex, T> {
  let map = emptyMap<IfIndex, T>();
  for (const [index, value] of reports) if (value !== null) map = map.set(index, value);
  return map;
}

function leasesOf(leases: readonly ActiveLease[]): PersistentMap<string, ActiveLease> {
  let active = emptyMap<string, ActiveLease>();
  for (const lease of leases) active = active.set(leaseKey(lease), lease);
  return active;
}

function statusesOf(statuses: readonly LinkStatus[]): PersistentMap<IfIndex, LinkStatus> {
  let links = emptyMap<IfIndex, LinkStatus>();
  for (const status of statuses) links = links.set(status.index, status);
  return links;
}
