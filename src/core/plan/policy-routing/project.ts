/**
 * The routing view of a state. Costs what has changed since the last one: the machine may have a million routes and ten
 * thousand messages a second that are no business of policy routing.
 */
import type { IfIndex } from '../../ids.ts';
import type { RouteObject } from '../../kernel-objects.ts';
import { diffMaps, emptyMap, type PersistentMap } from '../../persistent-map.ts';
import type { KernelLink, KernelState, State } from '../../state.ts';
import { gatewayReports } from './gateway-reports.ts';
import { extendsNetworks, interestOf, isRelevant, type RouteInterest } from './interest.ts';
import { isSelected, type RoutingPolicy } from './policy.ts';
import type { Certainty, GatewayReport, RoutingView, ViewLink, ViewRule } from './view.ts';
import { keepEqual, viewLink } from './view-link.ts';

type RoutesByKey = PersistentMap<string, readonly RouteObject[]>;

/** A view with what it takes to make the next one cheaply. */
export interface Projection {
  /** The same object as long as nothing in it changes. */
  readonly view: RoutingView;
  readonly state: State;
  readonly policy: RoutingPolicy;
  readonly links: PersistentMap<IfIndex, ViewLink>;
  readonly interest: RouteInterest;
  readonly routes: RoutesByKey;
}

/** The view of `state`; `previous` is the last projection, of an earlier state. */
export function projectState(state: State, policy: RoutingPolicy, previous?: Projection): Projection {
  const base = previous?.policy === policy ? previous : undefined;
  const linkMap = projectLinks(state.kernel, policy, previous?.links, base?.state.kernel);
  const links = linkMap === base?.links ? base.view.links : sortedLinks(linkMap);
  const selected = links.filter((link) => !link.loopback && isSelected(policy, link.name));
  const { interest, routes } = projectRoutes(state.kernel, policy, selected, base);
  const view: RoutingView = {
    certain: certaintyOf(state.kernel),
    links,
    routes: routes === base?.routes ? base.view.routes : [...routes.values()].flat(),
    rules: state.kernel.rules === base?.state.kernel.rules ? base.view.rules : viewRules(state.kernel),
    reports: projectReports(state, selected, base),
  };
  const same = base !== undefined && isSame(base.view, view);
  return { view: same ? base.view : view, state, policy, links: linkMap, interest, routes };
}

const isSame = (a: RoutingView, b: RoutingView): boolean =>
  a.certain.rules === b.certain.rules &&
  a.certain.routes[4] === b.certain.routes[4] &&
  a.certain.routes[6] === b.certain.routes[6] &&
  a.links === b.links &&
  a.routes === b.routes &&
  a.rules === b.rules &&
  a.reports === b.reports;

function certaintyOf({ freshness, doubts }: KernelState): Certainty {
  const rules = freshness === 'current' && doubts.all === undefined;
  return {
    rules,
    routes: { 4: rules && doubts.ipv4Routes === undefined, 6: rules && doubts.ipv6Routes === undefined },
  };
}

/** `known` gives equal links their old identity; `before` says which of them have to be looked at. */
function projectLinks(
  kernel: KernelState,
  policy: RoutingPolicy,
  known: PersistentMap<IfIndex, ViewLink> | undefined,
  before: KernelState | undefined,
): PersistentMap<IfIndex, ViewLink> {
  let links = before === undefined || known === undefined ? emptyMap<IfIndex, ViewLink>() : known;
  const looked = before?.links ?? emptyMap<IfIndex, KernelLink>();
  diffMaps(looked, kernel.links, (index, _, link) => {
    if (link === undefined) {
      links = links.delete(index);
      return;
    }
    const selected = isSelected(policy, link.object.name);
    const next = viewLink(link.object, link.generation, link.addresses.values(), selected);
    links = links.set(index, keepEqual(known?.get(index), next));
  });
  return links;
}

const sortedLinks = (links: PersistentMap<IfIndex, ViewLink>): readonly ViewLink[] =>
  [...links.values()].toSorted((a, b) => a.index - b.index);

const viewRules = (kernel: KernelState): readonly ViewRule[] => [...kernel.rules.values()];

function projectReports(
  state: State,
  selected: readonly ViewLink[],
  base: Projection | undefined,
): ReadonlyMap<IfIndex, readonly GatewayReport[]> {
  const reports = gatewayReports(state, selected);
  const before = base?.view.reports;
  const equal = before !== undefined && JSON.stringify([...before]) === JSON.stringify([...reports]);
  return equal ? before : reports;
}

interface Selection {
  readonly interest: RouteInterest;
  readonly routes: RoutesByKey;
}

function projectRoutes(
  kernel: KernelState,
  policy: RoutingPolicy,
  selected: readonly ViewLink[],
  base: Projection | undefined,
): Selection {
  const before = base?.view.links.filter((link) => isSelected(policy, link.name) && !link.loopback);
  const sameLinks = before?.length === selected.length && before.every((link, i) => link === selected[i]);
  if (base === undefined || !sameLinks) return selectRoutes(kernel, policy, selected);
  const updated = updateRoutes(kernel, base);
  return updated ?? selectRoutes(kernel, policy, selected);
}

/** All routes, looked at anew. */
function selectRoutes(kernel: KernelState, policy: RoutingPolicy, selected: readonly ViewLink[]): Selection {
  const ownNetworks = interestOf(selected, policy, []);
  const onLink: RouteObject[] = [];
  for (const list of kernel.routes.values()) {
    for (const route of list) if (extendsNetworks(ownNetworks, route)) onLink.push(route);
  }
  const interest = interestOf(selected, policy, onLink);
  let routes: RoutesByKey = emptyMap();
  for (const [key, list] of kernel.routes) {
    const relevant = list.filter((route) => isRelevant(interest, route));
    if (relevant.length > 0) routes = routes.set(key, relevant);
  }
  return { interest, routes };
}

/** The routes that have changed; undefined where one of them makes others worth looking at. */
function updateRoutes(kernel: KernelState, base: Projection): Selection | undefined {
  const { interest } = base;
  let routes = base.routes;
  let widened = false;
  diffMaps(base.state.kernel.routes, kernel.routes, (key, _, after) => {
    const relevant = after?.filter((route) => isRelevant(interest, route)) ?? [];
    widened ||= relevant.some((route) => extendsNetworks(interest, route) && !isKnown(interest, route));
    routes = relevant.length === 0 ? routes.delete(key) : routes.set(key, relevant);
  });
  return widened ? undefined : { interest, routes };
}

const isKnown = (interest: RouteInterest, route: RouteObject): boolean =>
  interest.networks[route.family].some(
    (network) => network.address === route.destination && network.length === route.prefixLength,
  );
