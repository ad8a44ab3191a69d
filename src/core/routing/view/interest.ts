/** Selects the routes that matter to policy routing: few, even among a million. */
import { contains, type Family, isLinkLocal, networkOf, type Prefix } from '../../model/address.ts';
import { isDefaultPart } from '../../model/default-part.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import { ReservedTable, type RouteObject } from '../../model/kernel-objects.ts';
import { isOwn } from '../piece.ts';
import type { RoutingPolicy } from '../policy.ts';
import { furtherTables } from '../wanted/address-tables.ts';
import { assignTables } from '../wanted/tables.ts';
import type { ViewLink } from './view.ts';

export interface RouteInterest {
  readonly links: ReadonlySet<IfIndex>;
  readonly tables: ReadonlySet<TableId>;
  /** Networks of the links, by family. */
  readonly networks: Readonly<Record<Family, readonly Prefix[]>>;
}

/** Returns the interest of policy links. `links` must contain policy links only. */
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
    tables: new Set(
      [...assignTables(links, policy).values()].flatMap(({ table }) => [table, ...furtherTables(table)]),
    ),
    networks: {
      4: all.filter((prefix) => !prefix.address.includes(':')),
      6: all.filter((prefix) => prefix.address.includes(':')),
    },
  };
}

/** Whether a route of the main table adds a network to a policy link. */
export function extendsNetworks(interest: RouteInterest, route: RouteObject): boolean {
  const hop = route.nextHops[0];
  return (
    route.table === ReservedTable.main &&
    !isDefaultPart(route) &&
    hop !== undefined &&
    hop.gateway === undefined &&
    interest.links.has(hop.ifindex) &&
    !isLinkLocal(route.destination)
  );
}

/**
 * Whether a route matters: own routes, (parts of) default routes of every table, those in tables of policy
 * links, and those of main to the networks of policy links or into them.
 */
export function isRelevant(interest: RouteInterest, route: RouteObject): boolean {
  if (isOwn(route) || isDefaultPart(route) || interest.tables.has(route.table)) return true;
  if (route.table !== ReservedTable.main) return false;
  return extendsNetworks(interest, route) || isInside(interest.networks[route.family], route);
}

const isInside = (networks: readonly Prefix[], route: RouteObject): boolean =>
  networks.some((network) => route.prefixLength >= network.length && contains(network, route.destination));
