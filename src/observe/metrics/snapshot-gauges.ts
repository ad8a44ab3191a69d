/** The gauges that are computed from the state at each scrape. */
import { type OperationalState, operationalStates, sources } from '../../core/model/vocabulary.ts';
import type { SingleSeries } from '../../ports/metrics.ts';
import type { Catalogue } from './catalogue.ts';
import type { MetricsSnapshot, SnapshotFamily, SnapshotLink, SnapshotRoutes } from './input.ts';
import { type MetricsRegistry, overflow } from './registry.ts';

type Registry = MetricsRegistry<Catalogue>;

const families: readonly SnapshotFamily[] = ['ipv4', 'ipv6'];

/** `labelOf` returns the label value for the name of a link. */
export function setSnapshotGauges(
  registry: Registry,
  snapshot: MetricsSnapshot,
  labelOf: (link: string) => string,
): void {
  registry.gauge('netevd_uptime_seconds').set([], snapshot.uptime / 1000);
  registry.gauge('netevd_hooks_queued').set([], snapshot.hooksQueued);
  for (const source of sources) {
    registry.gauge('netevd_source_up').set([source], snapshot.sourcesUp.has(source) ? 1 : 0);
  }
  setLinks(registry, snapshot, labelOf);
  setRoutes(registry, snapshot);
  setRules(registry, snapshot);
  setPolicyRouting(registry, snapshot, labelOf);
}

function setLinks(registry: Registry, { links }: MetricsSnapshot, labelOf: (link: string) => string): void {
  const perState = new Map<OperationalState, number>(operationalStates.map((state) => [state, 0]));
  for (const { state } of links) perState.set(state, (perState.get(state) ?? 0) + 1);
  for (const [state, count] of perState) registry.gauge('netevd_interfaces').set([state], count);
  registry.gauge('netevd_interfaces_total').set([], links.length);
  registry.gauge('netevd_interface_info').present(infoOf(links, labelOf));
  const counted = links.filter(({ name }) => labelOf(name) === name);
  registry
    .gauge('netevd_interface_damping_penalty')
    .present(
      counted.flatMap(({ name, damping }) =>
        damping === undefined ? [] : [{ values: [name], value: damping.penalty }],
      ),
    );
  registry
    .gauge('netevd_interface_damped')
    .present(
      counted.flatMap(({ name, damping }) =>
        damping === undefined ? [] : [{ values: [name], value: damping.isDamped ? 1 : 0 }],
      ),
    );
}

/** Links beyond the limit have no series of their own, but netevd_interfaces counts them. */
function* infoOf(links: readonly SnapshotLink[], labelOf: (link: string) => string): Generator<SingleSeries> {
  for (const { name, index, type, driver, owner } of links) {
    if (labelOf(name) === name) yield { values: [name, String(index), type, driver, owner], value: 1 };
  }
}

function setRoutes(registry: Registry, { routes, policyTables }: MetricsSnapshot): void {
  const byFamily = registry.gauge('netevd_routes');
  const byTable = registry.gauge('netevd_routes_total');
  byFamily.clear();
  byTable.clear();
  const counts = countRoutes(routes, policyTables);
  for (const [table, perFamily] of counts) {
    for (const family of families) byFamily.set([table, family], perFamily[family]);
    byTable.set([table], perFamily.ipv4 + perFamily.ipv6);
  }
}

function countRoutes(
  routes: readonly SnapshotRoutes[],
  policyTables: ReadonlySet<number>,
): Map<string, Record<SnapshotFamily, number>> {
  const own = [...policyTables].map(String);
  const labels = ['main', 'default', ...own, overflow];
  const counts = new Map(labels.map((label) => [label, { ipv4: 0, ipv6: 0 }]));
  for (const { table, family, count } of routes) {
    const perFamily = counts.get(tableLabel(table, policyTables));
    if (perFamily !== undefined) perFamily[family] += count;
  }
  return counts;
}

/** Names as in iproute2's rt_tables; `local` counts as other, because its routes are the kernel's own. */
function tableLabel(table: number, policyTables: ReadonlySet<number>): string {
  if (table === 254) return 'main';
  if (table === 253) return 'default';
  return policyTables.has(table) ? String(table) : overflow;
}

function setRules(registry: Registry, { rules }: MetricsSnapshot): void {
  for (const family of families) registry.gauge('netevd_routing_rules').set([family], rules[family]);
  registry.gauge('netevd_routing_rules_total').set([], rules.ipv4 + rules.ipv6);
}

/** Links that share `other` are in sync if all of them are. */
function setPolicyRouting(
  registry: Registry,
  { policyRouting }: MetricsSnapshot,
  labelOf: (link: string) => string,
): void {
  const inSync = new Map<string, boolean>();
  for (const { link, isInSync } of policyRouting) {
    const label = labelOf(link);
    inSync.set(label, (inSync.get(label) ?? true) && isInSync);
  }
  const gauge = registry.gauge('netevd_policy_routing_in_sync');
  gauge.clear();
  for (const [label, isInSync] of inSync) {
    gauge.set([label], isInSync ? 1 : 0);
    registry.counter('netevd_policy_routing_repairs_total').prepare([label]);
  }
}
