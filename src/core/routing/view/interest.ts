/** Which of the machine's routes policy routing has to look at: few, also where there are a million. */
import { contains, type Family, isLinkLocal, networkOf, type Prefix } from '../../model/address.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import { ReservedTable, type RouteObject } from '../../model/kernel-objects.ts';
import { isOwn } from '../piece.ts';
import type { RoutingPolicy } from '../policy.ts';
import { assignTables } from '../wanted/tables.ts';
import type { ViewLink } from './view.ts';

export interface RouteInterest {
  readonly links: ReadonlySet<IfIndex>;
  readonly tables: ReadonlySet<TableId>;
  /** Networks that the links are on, by family. */
  readonly networks: Readonly<Record<Family, readonly Prefix[]>>;
}

/** What the links of the policy make worth looking at. `links` are those of the policy alone. */
export function interestOf(
  links: readonly ViewLink[],
  policy: RoutingPolicy,
  onLink: Iterable<RouteObject>,
): RouteInterest {
  const networks = new Map<string, Prefix>();
  const add = (prefix: Prefix): unknown => networks.set(`${prefix.address}/${prefix.length}`, prefix);
  for (const link of links) {
    for (const { address, peer, prefixLength } of link.addresses) {
      add(networkOf(peer ?? address, prefixLength));
    }
  }
  for (const route of onLink) add({ address: route.destination, length: route.prefixLength });
  const all = [...networks.values()];
  return {
    links: new Set(links.map((link) => link.index)),
    tables: new Set([...assignTables(links, policy).values()].map(({ table }) => table)),
    networks: {
      4: all.filter((prefix) => !prefix.address.includes(':')),
      6: all.filter((prefix) => prefix.address.includes(':')),
    },
  };
}

/** Whether the route is of the main table and makes a network of a link of the policy. */
export function extendsNetworks(interest: RouteInterest, route: RouteObject): boolean {
  const hop = route.nextHops[0];
  return (
    route.table === ReservedTable.main &&
    route.prefixLength > 0 &&
    hop !== undefined &&
    hop.gateway === undefined &&
    interest.links.has(hop.ifindex) &&
    !isLinkLocal(route.destination)
  );
}

/** Own ones, default routes, those in the tables of the links, and those within the networks of the links. */
export function isRelevant(interest: RouteInterest, route: RouteObject): boolean {
  if (isOwn(route) || route.prefixLength === 0 || interest.tables.has(route.table)) return true;
  if (route.table !== ReservedTable.main) return false;
  return extendsNetworks(interest, route) || isInside(interest.networks[route.family], route);
}

const isInside = (networks: readonly Prefix[], route: RouteObject): boolean =>
  networks.some((network) => route.prefixLength > network.length && contains(network, route.destination));
