/** The wanted rules and routes of each policy link, and the conflicts that prevent them. */
import type { IfIndex } from '../../model/ids.ts';
import { type Piece, routePieceKey, rulePieceKey } from '../piece.ts';
import { isSelectedLink, type RoutingPolicy } from '../policy.ts';
import type { RoutingView, ViewLink } from '../view/view.ts';
import type { Conflict } from './conflicts.ts';
import { isUplink } from './gateways.ts';
import { assignTables, type TableAssignment } from './tables.ts';
import { type AddressOwners, type WantedContext, type WantedFamily, wantedFamily } from './wanted-family.ts';

export interface WantedLink {
  readonly link: ViewLink;
  readonly assignment: TableAssignment;
  /** Families in which the link has an address with rules. */
  readonly families: readonly WantedFamily[];
  readonly conflicts: readonly Conflict[];
}

/** A wanted rule or route, and its link. */
export interface WantedPiece {
  readonly key: string;
  readonly piece: Piece;
  readonly link: ViewLink;
}

export interface Wanted {
  /** Policy links by ifindex. */
  readonly links: readonly WantedLink[];
  /** By key, in the order of their addition. */
  readonly pieces: ReadonlyMap<string, WantedPiece>;
}

export interface WantedOptions {
  /**
   * A default route of netevd stays if no source reports a gateway: managers may not have answered yet after the
   * start.
   */
  readonly retainDefaults: boolean;
  /** First priority of the band. */
  readonly band: number;
}

interface CachedWanted extends WantedOptions {
  readonly view: RoutingView;
  readonly policy: RoutingPolicy;
  readonly wanted: Wanted;
}

/** The last result for each list of links: changes of netevd's own rules do not affect it. */
const cache = new WeakMap<readonly ViewLink[], CachedWanted>();

/** Returns the policy links with their wanted rules and routes. */
export function findWanted(view: RoutingView, policy: RoutingPolicy, options: WantedOptions): Wanted {
  const last = cache.get(view.links);
  if (last !== undefined && hasSameInput(last, { view, policy, ...options })) return last.wanted;
  const links = wantedLinks(view, policy, options);
  const wanted = { links, pieces: flatten(links) };
  cache.set(view.links, { view, policy, ...options, wanted });
  return wanted;
}

const hasSameInput = (a: Omit<CachedWanted, 'wanted'>, b: Omit<CachedWanted, 'wanted'>): boolean =>
  a.policy === b.policy &&
  a.retainDefaults === b.retainDefaults &&
  a.band === b.band &&
  a.view.routes === b.view.routes &&
  a.view.ownRoutes === b.view.ownRoutes &&
  a.view.rules === b.view.rules &&
  a.view.reports === b.view.reports;

/** Puts the routes of all links before the rules: no packet must reach a table that is not ready. */
function flatten(links: readonly WantedLink[]): ReadonlyMap<string, WantedPiece> {
  const pieces = new Map<string, WantedPiece>();
  for (const { link, families } of links) {
    for (const route of families.flatMap((family) => family.routes)) {
      const key = routePieceKey(route);
      pieces.set(key, { key, piece: { kind: 'route', route }, link });
    }
  }
  for (const { link, families } of links) {
    for (const rule of families.flatMap((family) => family.rules)) {
      const key = rulePieceKey(rule);
      pieces.set(key, { key, piece: { kind: 'rule', rule }, link });
    }
  }
  return pieces;
}

function wantedLinks(
  view: RoutingView,
  policy: RoutingPolicy,
  { retainDefaults, band }: WantedOptions,
): readonly WantedLink[] {
  const links = view.links.filter((link) => !link.loopback && isSelectedLink(policy, link));
  const assignments = assignTables(links, policy);
  const context: WantedContext = {
    view,
    band,
    uplinks: uplinksOf(view, links),
    owners: ownersOf(links),
    assigned: new Map(
      links.flatMap((link) => {
        const table = assignments.get(link.index)?.table;
        return table === undefined ? [] : [[table, link.name] as const];
      }),
    ),
    retainDefaults,
  };
  return links.map((link) => {
    const assignment = assignments.get(link.index);
    if (assignment === undefined) throw new Error(`link ${link.index} has no table`);
    return wantedLink(link, assignment, context);
  });
}

/** Returns the policy links and other links with a gateway. */
function uplinksOf(view: RoutingView, links: readonly ViewLink[]): ReadonlySet<IfIndex> {
  const uplinks = new Set(links.map((link) => link.index));
  for (const link of view.links) if (isUplink(view, link)) uplinks.add(link.index);
  return uplinks;
}

/** Returns the link that answers for each address: the one that is up with the lowest ifindex. */
function ownersOf(links: readonly ViewLink[]): AddressOwners {
  const owners = new Map<string, ViewLink>();
  for (const link of links) {
    for (const { address } of link.addresses) {
      const owner = owners.get(address);
      if (owner === undefined || (link.up && !owner.up)) owners.set(address, link);
    }
  }
  return owners;
}

function wantedLink(link: ViewLink, assignment: TableAssignment, context: WantedContext): WantedLink {
  const obstacle = obstacleOf(link, assignment, context.view);
  if (obstacle !== undefined) return { link, assignment, families: [], conflicts: [obstacle] };
  const both = ([4, 6] as const).map((family) => wantedFamily(link, family, assignment.table, context));
  return {
    link,
    assignment,
    families: both.filter((family) => family.addresses.length > 0),
    conflicts: both.flatMap((family) => family.conflicts),
  };
}

/** Returns the conflict that affects the link as a whole. */
function obstacleOf(link: ViewLink, assignment: TableAssignment, view: RoutingView): Conflict | undefined {
  const { table, takenBy } = assignment;
  if (takenBy !== undefined) return { kind: 'tableTaken', table, by: takenBy };
  if (link.master === undefined) return undefined;
  const master = view.links.find((candidate) => candidate.index === link.master);
  return master?.kind === 'vrf' ? { kind: 'linkInVrf', vrf: master.name } : undefined;
}
