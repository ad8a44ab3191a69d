/** The core's snapshot as the metrics want it. */
import type { Millis } from '../../core/model/ids.ts';
import type { RouteObject } from '../../core/model/kernel-objects.ts';
import { diffMaps, emptyMap, type PersistentMap } from '../../core/model/persistent-map.ts';
import type { Freshness, State } from '../../core/model/state.ts';
import type { Source } from '../../core/model/vocabulary.ts';
import type { RoutingLinkState } from '../../core/routing/report/status.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { hardwareTypeName } from '../../core/view/link-labels.ts';
import type { MetricsSnapshot, SnapshotFamily, SnapshotLink, SnapshotRoutes } from './input.ts';

type Routes = State['kernel']['routes'];

/**
 * States in which rules or routes are not as wanted. A link that waits for a gateway has none to be missing.
 */
const outOfSync: readonly RoutingLinkState[] = ['missing', 'conflict'];

/** Keeps the route counts between scrapes: one reader for each collector. */
export class SnapshotReader {
  readonly #routes = new RouteCounter();

  read(snapshot: Snapshot, uptime: Millis): MetricsSnapshot {
    const { state, load } = snapshot;
    const routing = snapshot.routing()?.links ?? [];
    return {
      uptime,
      links: watchedLinks(snapshot),
      routes: this.#routes.count(state.kernel.routes),
      policyTables: new Set(routing.flatMap(({ assignment }) => assignment?.table ?? [])),
      rules: countRules(state),
      policyRouting: routing
        .filter(({ state: linkState }) => linkState !== 'absent')
        .map(({ name, state: linkState }) => ({ link: name, isInSync: !outOfSync.includes(linkState) })),
      hooksQueued: load.waiting,
      sourcesUp: sourcesUp(state),
    };
  }
}

function watchedLinks({ state, selection }: Snapshot): readonly SnapshotLink[] {
  const links: SnapshotLink[] = [];
  for (const { index, name, operational, owner } of state.links.values()) {
    const kernel = state.kernel.links.get(index);
    if (kernel === undefined || !selection.isMonitored(name)) continue;
    const type = hardwareTypeName(kernel.object.hardwareType);
    links.push({ name, index, state: operational, type, driver: kernel.driver ?? '', owner });
  }
  return links;
}

function countRules({ kernel }: State): Record<SnapshotFamily, number> {
  const counts = { ipv4: 0, ipv6: 0 };
  for (const { rule, count } of kernel.rules.values()) counts[familyName(rule)] += count;
  return counts;
}

function sourcesUp({ kernel, networkd, networkManager, leases }: State): ReadonlySet<Source> {
  const freshness: Readonly<Record<Source, Freshness>> = {
    kernel: kernel.freshness,
    'systemd-networkd': networkd.freshness,
    NetworkManager: networkManager.freshness,
    dhclient: leases.freshness,
  };
  const isUp = (source: Source): boolean =>
    freshness[source] === 'current' || freshness[source] === 'reading';
  return new Set((Object.keys(freshness) as Source[]).filter(isUp));
}

/** Routes per table. Costs what differs from the previous count: a host may have a million routes. */
class RouteCounter {
  #counted: Routes = emptyMap();
  readonly #counts = new Map<
    string,
    { readonly table: number; readonly family: SnapshotFamily; count: number }
  >();

  count(routes: PersistentMap<string, readonly RouteObject[]>): readonly SnapshotRoutes[] {
    diffMaps(this.#counted, routes, (_key, before, after) => {
      for (const route of before ?? []) this.#add(route, -1);
      for (const route of after ?? []) this.#add(route, 1);
    });
    this.#counted = routes;
    return [...this.#counts.values()].filter(({ count }) => count > 0).map((entry) => ({ ...entry }));
  }

  #add(route: RouteObject, by: number): void {
    const family = familyName(route);
    const key = `${route.table} ${family}`;
    const entry = this.#counts.get(key) ?? { table: route.table, family, count: 0 };
    entry.count += by;
    if (entry.count === 0) this.#counts.delete(key);
    else this.#counts.set(key, entry);
  }
}

const familyName = ({ family }: Pick<RouteObject, 'family'>): SnapshotFamily =>
  family === 4 ? 'ipv4' : 'ipv6';
