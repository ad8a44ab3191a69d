/** The routes of a state that policy routing has to look at, kept up to date by what changes. */
import type { RouteObject } from '../../model/kernel-objects.ts';
import { diffMaps } from '../../model/persistent-map.ts';
import type { KernelState } from '../../model/state.ts';
import { isOwn } from '../piece.ts';
import type { RoutingPolicy } from '../policy.ts';
import { extendsNetworks, interestOf, isRelevant, type RouteInterest } from './interest.ts';
import { emptySplit, resplit, type Split } from './split-by-link.ts';
import type { ViewLink } from './view.ts';

export interface RouteSelection {
  readonly interest: RouteInterest;
  readonly routes: Split<RouteObject>;
}

/** All routes, looked at anew. `selected` are the links of the policy. */
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
  const routes = resplit(
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

/** The routes that have changed since; undefined where one of them makes others worth looking at. */
export function updateRoutes(
  base: RouteSelection,
  before: KernelState,
  kernel: KernelState,
): RouteSelection | undefined {
  if (before.routes === kernel.routes) return base;
  const { interest } = base;
  let isWider = false;
  const routes = resplit(
    base.routes,
    (visit) => {
      diffMaps(before.routes, kernel.routes, (key, _, after) => {
        const relevant = after === undefined ? none : after.filter((route) => isRelevant(interest, route));
        isWider ||= relevant.some((route) => extendsNetworks(interest, route) && !isKnown(interest, route));
        visit(key, relevant);
      });
    },
    isOwn,
  );
  if (isWider) return undefined;
  return routes === base.routes ? base : { interest, routes };
}

const none: readonly RouteObject[] = [];

const isKnown = (interest: RouteInterest, route: RouteObject): boolean =>
  interest.networks[route.family].some(
    (network) => network.address === route.destination && network.length === route.prefixLength,
  );
