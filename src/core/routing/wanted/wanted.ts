/** What ought to be in the kernel for each link of the policy, and what keeps it from being there. */
import type { IfIndex } from '../../model/ids.ts';
import { type Piece, routePieceKey, rulePieceKey } from '../piece.ts';
import { isSelected, type RoutingPolicy } from '../policy.ts';
import type { RoutingView, ViewLink } from '../view/view.ts';
import { type Conflict, earlierSourceRules } from './conflicts.ts';
import { isUplink } from './gateways.ts';
import { assignTables, type TableAssignment } from './tables.ts';
import { type AddressOwners, type WantedContext, type WantedFamily, wantedFamily } from './wanted-family.ts';

export interface WantedLink {
  readonly link: ViewLink;
  readonly assignment: TableAssignment;
  /** Families in which the link has an address that may have rules. */
  readonly families: readonly WantedFamily[];
  readonly conflicts: readonly Conflict[];
}

/** A rule or a route that ought to be there, and the link for which. */
export interface WantedPiece {
  readonly key: string;
  readonly piece: Piece;
  readonly link: ViewLink;
}

export interface Wanted {
  /** Links of the policy, by ifindex. */
  readonly links: readonly WantedLink[];
  /** By key; in the order in which they have to be added. */
  readonly pieces: ReadonlyMap<string, WantedPiece>;
}

interface Known {
  readonly view: RoutingView;
  readonly policy: RoutingPolicy;
  readonly keepDefaults: boolean;
  readonly wanted: Wanted;
}

/** The last answer for each list of links: netevd's own rules come and go without changing it. */
const known = new WeakMap<readonly ViewLink[], Known>();

/**
 * The links of the policy with what each ought to have. With `keepDefaults`, a default route of netevd's stays where nobody
 * knows a gateway (yet): for the time after the start in which managers have not spoken.
 */
export function findWanted(view: RoutingView, policy: RoutingPolicy, keepDefaults: boolean): Wanted {
  const last = known.get(view.links);
  if (last !== undefined && isSameQuestion(last, { view, policy, keepDefaults })) return last.wanted;
  const links = wantedLinks(view, policy, keepDefaults);
  const wanted = { links, pieces: flatten(links) };
  known.set(view.links, { view, policy, keepDefaults, wanted });
  return wanted;
}

const isSameQuestion = (a: Omit<Known, 'wanted'>, b: Omit<Known, 'wanted'>): boolean =>
  a.policy === b.policy &&
  a.keepDefaults === b.keepDefaults &&
  a.view.routes === b.view.routes &&
  a.view.ownRoutes === b.view.ownRoutes &&
  a.view.rules === b.view.rules &&
  a.view.reports === b.view.reports;

/** Routes of all links before rules of any: no packet is sent to a table that is not ready. */
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

function wantedLinks(view: RoutingView, policy: RoutingPolicy, keepDefaults: boolean): readonly WantedLink[] {
  const links = view.links.filter((link) => !link.loopback && isSelected(policy, link.name));
  const surroundings: WantedContext = {
    view,
    band: policy.rulePriority,
    uplinks: uplinksOf(view, links),
    owners: ownersOf(links),
    earlierRules: earlierSourceRules(view, policy.rulePriority),
    keepDefaults,
  };
  const assignments = assignTables(links, policy);
  return links.map((link) => {
    const assignment = assignments.get(link.index);
    if (assignment === undefined) throw new Error(`link ${link.index} has no table`);
    return wantedLink(link, assignment, surroundings);
  });
}

/** Links of the policy, and those with a default route of their own. */
function uplinksOf(view: RoutingView, links: readonly ViewLink[]): ReadonlySet<IfIndex> {
  const uplinks = new Set(links.map((link) => link.index));
  for (const link of view.links) if (isUplink(view, link)) uplinks.add(link.index);
  return uplinks;
}

/** Which link answers for an address: one that is up, and of those the one with the lowest ifindex. */
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

function wantedLink(link: ViewLink, assignment: TableAssignment, around: WantedContext): WantedLink {
  const obstacle = obstacleOf(link, assignment, around.view);
  if (obstacle !== undefined) return { link, assignment, families: [], conflicts: [obstacle] };
  const both = ([4, 6] as const).map((family) => wantedFamily(link, family, assignment.table, around));
  return {
    link,
    assignment,
    families: both.filter((family) => family.addresses.length > 0),
    conflicts: both.flatMap((family) => family.conflicts),
  };
}

/** What stops the link as a whole. */
function obstacleOf(link: ViewLink, assignment: TableAssignment, view: RoutingView): Conflict | undefined {
  const { table, takenBy } = assignment;
  if (takenBy !== undefined) return { kind: 'tableTaken', table, by: takenBy };
  if (link.master === undefined) return undefined;
  const master = view.links.find((candidate) => candidate.index === link.master);
  return master?.kind === 'vrf' ? { kind: 'linkInVrf', vrf: master.name } : undefined;
}
