/** Selects the routes of a state that matter to policy routing, and updates the selection incrementally. */
import type { RouteObject } from '../../model/kernel-objects.ts';
import { diffMaps } from '../../model/persistent-map.ts';
import type { KernelState } from '../../model/state.ts';
import { isOwn } from '../piece.ts';
import type { RoutingPolicy } from '../policy.ts';
import { extendsNetworks, interestOf, isRelevant, type RouteInterest } from './interest.ts';
import { emptySplit, type OwnerSplit, updateSplit } from './split-by-owner.ts';
import type { ViewLink } from './view.ts';

export interface RouteSelection {
  readonly interest: RouteInterest;
  readonly routes: OwnerSplit<RouteObject>;
}

/** Selects from all routes. `selected` are the policy links. */
export function selectRoutes(
  kernel: KernelState,
  policy: RoutingPolicy,
  selected: readonly ViewLink[],
): RouteSelection {
  const ownNetworks = interestOf(selected, policy, []);
  const onLink: RouteObject[] = [];
  for (const list of kernel.routes.values()) {
    for (const route of list) if (extendsNetworks(ownNetworks, route)) onLink.push(route);
  }
  const interest = interestOf(selected, policy, onLink);
  const routes = updateSplit(
    emptySplit<RouteObject>(),
    (visit) => {
      for (const [key, list] of kernel.routes) {
        const relevant = list.filter((route) => isRelevant(interest, route));
        if (relevant.length > 0) visit(key, relevant);
      }
    },
    isOwn,
  );
  return { interest, routes };
}

/** Updates a selection by the changed routes; returns undefined if one of them makes other routes matter. */
export function updateRoutes(
  base: RouteSelection,
  before: KernelState,
  kernel: KernelState,
): RouteSelection | undefined {
  if (before.routes === kernel.routes) return base;
  const { interest } = base;
  let extendsInterest = false;
  const routes = updateSplit(
    base.routes,
    (visit) => {
      diffMaps(before.routes, kernel.routes, (key, _, after) => {
        const relevant =
          after === undefined ? noRoutes : after.filter((route) => isRelevant(interest, route));
        extendsInterest ||= relevant.some(
          (route) => extendsNetworks(interest, route) && !isKnown(interest, route),
        );
        visit(key, relevant);
      });
    },
    isOwn,
  );
  if (extendsInterest) return undefined;
  return routes === base.routes ? base : { interest, routes };
}

const noRoutes: readonly RouteObject[] = [];

const isKnown = (interest: RouteInterest, route: RouteObject): boolean =>
  interest.networks[route.family].some(
    (network) => network.address === route.destination && network.length === route.prefixLength,
  );
