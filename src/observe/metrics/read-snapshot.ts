/** Converts the core's snapshot to the input of the metrics. */
import { type Millis, millis } from '../../core/model/ids.ts';
import type { RouteObject } from '../../core/model/kernel-objects.ts';
import { diffMaps, emptyMap } from '../../core/model/persistent-map.ts';
import type { Freshness, State } from '../../core/model/state.ts';
import type { Source } from '../../core/model/vocabulary.ts';
import type { RoutingLinkState } from '../../core/routing/report/status.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { hardwareTypeName } from '../../core/view/link-labels.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MetricsSnapshot, SnapshotFamily, SnapshotLink, SnapshotRoutes } from './input.ts';

type Routes = State['kernel']['routes'];

/**
 * States in which rules or routes are not as wanted. A link that waits for a gateway misses none.
 */
const outOfSync: readonly RoutingLinkState[] = ['missing', 'diverted', 'conflict'];

/** After this time without a scrape the routes of the last one are dropped, because they keep an old state in memory. */
const keepRoutes: Millis = millis(5 * 60_000);

/** Keeps the route counts between scrapes. Each collector needs its own reader. */
export class SnapshotReader implements Disposable {
  readonly #routes = new RouteCounter();
  readonly #clock: Pick<Clock, 'schedule'>;
  #expiry: Disposable | undefined;

  constructor(clock: Pick<Clock, 'schedule'>) {
    this.#clock = clock;
  }

  read(snapshot: Snapshot, uptime: Millis): MetricsSnapshot {
    const { state, load } = snapshot;
    this.#expiry?.[Symbol.dispose]();
    this.#expiry = this.#clock.schedule(keepRoutes, () => this.#routes.forget());
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

  [Symbol.dispose](): void {
    this.#expiry?.[Symbol.dispose]();
  }
}

function watchedLinks({ state, selection, damping: dampingOf }: Snapshot): readonly SnapshotLink[] {
  const links: SnapshotLink[] = [];
  for (const { index, name, operational, owner } of state.links.values()) {
    const kernel = state.kernel.links.get(index);
    if (kernel === undefined || !selection.isMonitored(name)) continue;
    const type = hardwareTypeName(kernel.object.hardwareType);
    const damping = dampingOf(index);
    links.push({
      name,
      index,
      state: operational,
      type,
      driver: kernel.driver ?? '',
      owner,
      ...(damping !== undefined && {
        damping: { penalty: damping.penalty, isDamped: damping.isDamped },
      }),
    });
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

interface RouteCount {
  readonly table: number;
  readonly family: SnapshotFamily;
  count: number;
}

/** Counts routes per table. The cost depends on what differs from the previous count: a host may have a million routes. */
class RouteCounter {
  #counted: Routes = emptyMap();
  /** Indexed by twice the table number, plus one for IPv6. */
  readonly #counts = new Map<number, RouteCount>();

  count(routes: Routes): readonly SnapshotRoutes[] {
    diffMaps(this.#counted, routes, (_key, before, after) => {
      if (before !== undefined) this.#add(before, -1);
      if (after !== undefined) this.#add(after, 1);
    });
    this.#counted = routes;
    return [...this.#counts.values()].filter(({ count }) => count > 0).map((entry) => ({ ...entry }));
  }

  /** Makes the next count start from zero. */
  forget(): void {
    this.#counted = emptyMap();
    this.#counts.clear();
  }

  #add(routes: readonly RouteObject[], by: number): void {
    for (const { table, family } of routes) {
      const key = table * 2 + (family === 4 ? 0 : 1);
      const entry = this.#counts.get(key);
      if (entry !== undefined) entry.count += by;
      else this.#counts.set(key, { table, family: familyName({ family }), count: by });
    }
  }
}

const familyName = ({ family }: Pick<RouteObject, 'family'>): SnapshotFamily =>
  family === 4 ? 'ipv4' : 'ipv6';
