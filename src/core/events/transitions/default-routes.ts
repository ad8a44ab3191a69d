/**
 * The default routes of the main table, kept beside the state: a transition must not cost a walk through all
 * routes.
 */
import type { Family } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import type { IfIndex } from '../../model/ids.ts';
import { ReservedTable, type RouteObject, RouteType } from '../../model/kernel-objects.ts';
import { routeKey } from '../../model/keys.ts';
import type { State } from '../../model/state.ts';

/**
 * Parts of a default route: `0.0.0.0/1` and `128.0.0.0/1` together, as OpenVPN's `redirect-gateway def1`
 * sets them, decide before a route of length 0.
 */
const halves: Readonly<Record<Family, readonly [string, string]>> = {
  4: ['0.0.0.0', '128.0.0.0'],
  6: ['::', '8000::'],
};

export class DefaultRoutes {
  readonly #routes = new Map<string, readonly RouteObject[]>();

  /** Reads every route of a state. */
  reset({ kernel }: State): void {
    this.#routes.clear();
    for (const [key, routes] of kernel.routes) this.#put(key, routes);
  }

  /** Follows the changes that led to `state`. Returns whether a default route was among them. */
  follow(changes: readonly Change[], state: State): readonly RouteObject[] {
    const changed: RouteObject[] = [];
    for (const change of changes) {
      for (const route of routesOf(change)) if (isDefault(route)) changed.push(route);
    }
    for (const route of changed) this.#put(routeKey(route), state.kernel.routes.get(routeKey(route)) ?? []);
    return changed;
  }

  /** Returns the best default route of the link, by priority; undefined if there is none. */
  ofLink(index: IfIndex, family: Family): RouteObject | undefined {
    return best(
      this.#all(family).filter(
        (route) => route.prefixLength === 0 && route.nextHops.some((hop) => hop.ifindex === index),
      ),
    );
  }

  /** Returns every route of length 0 of a family. */
  whole(family: Family): readonly RouteObject[] {
    return this.#all(family).filter((route) => route.prefixLength === 0);
  }

  /** Returns the route that packets to the outside take: two halves of a default route, else the best whole one. */
  wayOut(family: Family): RouteObject | undefined {
    const routes = this.#all(family);
    const [first, second] = halves[family].map((destination) =>
      best(routes.filter((route) => route.prefixLength === 1 && route.destination === destination)),
    );
    if (first !== undefined && second !== undefined) return first;
    return best(routes.filter((route) => route.prefixLength === 0));
  }

  #all(family: Family): readonly RouteObject[] {
    return [...this.#routes.values()].flat().filter((route) => route.family === family);
  }

  #put(key: string, routes: readonly RouteObject[]): void {
    const found = routes.filter(isDefault);
    if (found.length === 0) this.#routes.delete(key);
    else this.#routes.set(key, found);
  }
}

function routesOf(change: Change): readonly RouteObject[] {
  switch (change.kind) {
    case 'routeAppeared':
    case 'routeVanished':
      return [change.route];
    case 'routeReplaced':
      return [change.from, change.to];
    default:
      return [];
  }
}

/** A unicast route of the main table to everywhere, or to one half of it. */
function isDefault({ prefixLength, table, type, source }: RouteObject): boolean {
  return (
    prefixLength <= 1 && table === ReservedTable.main && type === RouteType.unicast && source === undefined
  );
}

/** The kernel takes the lowest priority; of equal ones the first. */
function best(routes: readonly RouteObject[]): RouteObject | undefined {
  let found: RouteObject | undefined;
  for (const route of routes) if (found === undefined || route.priority < found.priority) found = route;
  return found;
}
