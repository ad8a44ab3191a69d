/**
 * Projects a state to the routing view. Costs what changed since the last projection: a machine may have a
 * million routes and ten thousand messages a second that do not matter to policy routing.
 */
import type { IfIndex } from '../../model/ids.ts';
import { diffMaps, emptyMap, type PersistentMap } from '../../model/persistent-map.ts';
import type { KernelLink, KernelState, State } from '../../model/state.ts';
import { isOwn } from '../piece.ts';
import { isSelectedLink, type RoutingPolicy } from '../policy.ts';
import { gatewayReports } from './gateway-reports.ts';
import type { RouteInterest } from './interest.ts';
import { type RouteSelection, selectRoutes, updateRoutes } from './project-routes.ts';
import { emptySplit, type OwnerSplit, updateSplit } from './split-by-owner.ts';
import type { Certainty, RoutingView, ViewLink, ViewRule } from './view.ts';
import { reuseIfEqual, viewLink } from './view-link.ts';

type LinkMap = PersistentMap<IfIndex, ViewLink>;

/** A view with the data that makes the next projection cheap. */
export interface RoutingProjection {
  /** The same object while nothing in it changes. */
  readonly view: RoutingView;
  readonly interest: RouteInterest;
  readonly state: State;
  readonly policy: RoutingPolicy;
  readonly links: LinkMap;
  /** The policy links. */
  readonly selected: readonly ViewLink[];
  readonly selection: RouteSelection;
  readonly rules: OwnerSplit<ViewRule>;
}

/** Projects `state`; `previous` is the projection of an earlier state. */
export function projectState(
  state: State,
  policy: RoutingPolicy,
  previous?: RoutingProjection,
): RoutingProjection {
  const base = previous?.policy === policy ? previous : undefined;
  if (base !== undefined && hasSameInput(state, base.state)) {
    return base.state === state ? base : { ...base, state };
  }
  const links = projectLinks(state.kernel, policy, previous?.links, base?.state.kernel);
  const linkList = links === base?.links ? base.view.links : sortedLinks(links);
  const selected = selectLinks(linkList, policy, base);
  const selection = projectRoutes(state.kernel, policy, selected, base);
  const rules = projectRules(state.kernel, base);
  const view: RoutingView = {
    certain: certaintyOf(state.kernel, base?.view.certain),
    links: linkList,
    routes: selection.routes.foreignList,
    ownRoutes: selection.routes.own,
    rules: rules.foreignList,
    ownRules: rules.own,
    reports: projectReports(state, selected, base),
  };
  const { interest } = selection;
  const isSame = base !== undefined && isEqual(base.view, view);
  return { view: isSame ? base.view : view, interest, state, policy, links, selected, selection, rules };
}

/** Whether the parts of the state that a view depends on are the same. */
const hasSameInput = ({ kernel, ...a }: State, b: State): boolean =>
  kernel.links === b.kernel.links &&
  kernel.routes === b.kernel.routes &&
  kernel.rules === b.kernel.rules &&
  kernel.freshness === b.kernel.freshness &&
  kernel.invalidations === b.kernel.invalidations &&
  hasSameSources(a, b);

const hasSameSources = (a: Omit<State, 'kernel'>, b: Omit<State, 'kernel'>): boolean =>
  a.leases === b.leases &&
  a.networkd === b.networkd &&
  a.networkManager === b.networkManager &&
  a.backend === b.backend;

const isEqual = (a: RoutingView, b: RoutingView): boolean =>
  a.certain === b.certain &&
  a.links === b.links &&
  a.routes === b.routes &&
  a.ownRoutes === b.ownRoutes &&
  a.rules === b.rules &&
  a.ownRules === b.ownRules &&
  a.reports === b.reports;

function certaintyOf({ freshness, invalidations }: KernelState, before: Certainty | undefined): Certainty {
  const rules = freshness === 'current' && invalidations.all === undefined;
  const ipv4 = rules && invalidations.ipv4Routes === undefined;
  const ipv6 = rules && invalidations.ipv6Routes === undefined;
  const same = before?.rules === rules && before.routes[4] === ipv4 && before.routes[6] === ipv6;
  return same ? before : { rules, routes: { 4: ipv4, 6: ipv6 } };
}

/**
 * Equal links keep their identity from `previous`. The difference from `before` tells which links to project.
 */
function projectLinks(
  kernel: KernelState,
  policy: RoutingPolicy,
  previous: LinkMap | undefined,
  before: KernelState | undefined,
): LinkMap {
  let links = before === undefined || previous === undefined ? emptyMap<IfIndex, ViewLink>() : previous;
  const previousLinks = before?.links ?? emptyMap<IfIndex, KernelLink>();
  diffMaps(previousLinks, kernel.links, (index, was, link) => {
    if (link === undefined) {
      links = links.delete(index);
      return;
    }
    const isInPolicy = isSelectedLink(policy, link.object);
    // The addresses of a link outside the policy do not matter.
    if (!isInPolicy && was?.object === link.object && links.has(index)) return;
    const next = viewLink(link.object, link.generation, link.addresses.values(), isInPolicy);
    links = links.set(index, reuseIfEqual(previous?.get(index), next));
  });
  return links;
}

const sortedLinks = (links: LinkMap): readonly ViewLink[] =>
  [...links.values()].toSorted((a, b) => a.index - b.index);

/** Returns the policy links; the same list while they are the same. */
function selectLinks(
  links: readonly ViewLink[],
  policy: RoutingPolicy,
  base: RoutingProjection | undefined,
): readonly ViewLink[] {
  if (links === base?.view.links) return base.selected;
  const selected = links.filter((link) => !link.loopback && isSelectedLink(policy, link));
  const before = base?.selected;
  const same = before?.length === selected.length && before.every((link, i) => link === selected[i]);
  return same ? before : selected;
}

function projectRoutes(
  kernel: KernelState,
  policy: RoutingPolicy,
  selected: readonly ViewLink[],
  base: RoutingProjection | undefined,
): RouteSelection {
  if (base === undefined || selected !== base.selected) return selectRoutes(kernel, policy, selected);
  return updateRoutes(base.selection, base.state.kernel, kernel) ?? selectRoutes(kernel, policy, selected);
}

function projectRules(kernel: KernelState, base: RoutingProjection | undefined): OwnerSplit<ViewRule> {
  const before = base?.state.kernel.rules ?? emptyMap<string, ViewRule>();
  return updateSplit(
    base?.rules ?? emptySplit<ViewRule>(),
    (visit) =>
      diffMaps(before, kernel.rules, (key, _, after) => visit(key, after === undefined ? [] : [after])),
    ({ rule }) => isOwn(rule),
  );
}

function projectReports(
  state: State,
  selected: readonly ViewLink[],
  base: RoutingProjection | undefined,
): RoutingView['reports'] {
  const before = base?.view.reports;
  if (before !== undefined && selected === base?.selected && hasSameSources(state, base.state)) return before;
  const reports = gatewayReports(state, selected);
  const isSame = before !== undefined && JSON.stringify([...before]) === JSON.stringify([...reports]);
  return isSame ? before : reports;
}
