/**
 * The status of policy routing for each link: what is wanted, which of it exists, and why the rest is
 * missing.
 */
import type { Family } from '../../model/address.ts';
import { isGlob } from '../../model/glob.ts';
import type { IfIndex, Instant } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';
import { findPaths, type LinkPaths } from '../paths/link-paths.ts';
import type { AddressPath } from '../paths/path-finder.ts';
import { type Piece, pieceKey } from '../piece.ts';
import { assumedView } from '../plan/assumed-view.ts';
import { compare, type OwnPiece, type RoutingComparison } from '../plan/compare.ts';
import { CONTESTED_STRIKES } from '../plan/contest.ts';
import { placeBand } from '../plan/place-band.ts';
import { isStarting } from '../plan/plan-routing.ts';
import { effectKey, type RoutingMemory } from '../plan/routing-memory.ts';
import type { RoutingPolicy } from '../policy.ts';
import type { RoutingView, ViewLink } from '../view/view.ts';
import { wantedBand } from '../wanted/band.ts';
import type { Conflict } from '../wanted/conflicts.ts';
import type { GatewayOrigin } from '../wanted/gateways.ts';
import type { TableAssignment } from '../wanted/tables.ts';
import { findWanted, type WantedLink } from '../wanted/wanted.ts';
import type { WantedFamily } from '../wanted/wanted-family.ts';

/**
 * `active`: complete. `waiting for gateway`: no source has reported one yet. `waiting for address`: no
 * address that may have rules. `down`: the link is down; its rules exist, its routes cannot. `missing`: a
 * wanted rule or route does not exist. `diverted`: all of them exist, but packets of an address leave elsewhere.
 * `conflict`: an object of another program is in the way. `absent`: the link does not exist.
 */
export type RoutingLinkState =
  | 'active'
  | 'waiting for gateway'
  | 'waiting for address'
  | 'down'
  | 'missing'
  | 'diverted'
  | 'conflict'
  | 'absent';

export interface PieceStatus<T> {
  readonly object: T;
  readonly isPresent: boolean;
  /** Why the kernel refused it, if netevd tried to add it. */
  readonly refusal?: { readonly code: string; readonly text?: string };
}

export interface RoutingFamilyStatus {
  readonly family: Family;
  readonly state: RoutingLinkState;
  readonly addresses: readonly string[];
  /** Where packets from each address go. */
  readonly paths: readonly AddressPath[];
  /** The source of the gateway. */
  readonly origin?: GatewayOrigin;
  /** The wanted default routes, also while the link is down. */
  readonly defaults: readonly RouteObject[];
  readonly routes: readonly PieceStatus<RouteObject>[];
  readonly rules: readonly PieceStatus<RuleObject>[];
}

export interface RoutingLinkStatus {
  readonly name: string;
  readonly state: RoutingLinkState;
  /** Index and assignment are missing if the link does not exist. */
  readonly index?: IfIndex;
  readonly assignment?: TableAssignment;
  readonly families: readonly RoutingFamilyStatus[];
  readonly conflicts: readonly Conflict[];
  /** Another program repeatedly deletes rules or routes of netevd. */
  readonly isContested: boolean;
}

export interface RoutingStatus {
  /** First priority of the rules. */
  readonly band: number;
  /** By ifindex; absent links last. */
  readonly links: readonly RoutingLinkStatus[];
  /** Rules and routes of netevd that are not wanted any more. */
  readonly leftovers: readonly Piece[];
}

/** Computes the status. Pure. Costs a plan: call it on request, not for every event. */
export function routingStatus(
  view: RoutingView,
  policy: RoutingPolicy,
  memory: RoutingMemory,
  now: Instant,
): RoutingStatus {
  const { place } = placeBand(memory.place, wantedBand(view, policy), now);
  const band = place.band.first;
  const wanted = findWanted(view, policy, { retainDefaults: isStarting(memory, now), band });
  const comparison = compare(view, wanted, memory, now);
  const paths = findPaths(assumedView(view, comparison), wanted.links);
  const links = wanted.links.map((link) => linkStatus(link, { comparison, memory, paths }));
  return {
    band,
    links: [...links, ...absentLinks(view, policy)],
    leftovers: comparison.surplus.map(({ piece }: OwnPiece) => piece),
  };
}

function absentLinks(view: RoutingView, policy: RoutingPolicy): readonly RoutingLinkStatus[] {
  const present = new Set(view.links.flatMap((link) => [link.name, ...link.altNames]));
  return policy.links
    .filter((pattern) => !isGlob(pattern) && !present.has(pattern))
    .map((name) => ({ name, state: 'absent', families: [], conflicts: [], isContested: false }));
}

interface StatusContext {
  readonly comparison: RoutingComparison;
  readonly memory: RoutingMemory;
  readonly paths: LinkPaths;
}

function linkStatus(
  { link, assignment, families, conflicts }: WantedLink,
  context: StatusContext,
): RoutingLinkStatus {
  const { memory } = context;
  const statuses = families.map((family) => familyStatus(family, link, context));
  const strikes = memory.contests.get(link.index)?.strikes ?? 0;
  return {
    name: link.name,
    state: conflicts.length > 0 ? 'conflict' : worstOf(statuses),
    index: link.index,
    assignment,
    families: statuses,
    conflicts,
    isContested: strikes >= CONTESTED_STRIKES,
  };
}

/** From worst to best. */
const severity: readonly RoutingLinkState[] = [
  'missing',
  'diverted',
  'down',
  'waiting for gateway',
  'active',
];

function worstOf(families: readonly RoutingFamilyStatus[]): RoutingLinkState {
  const states = new Set(families.map(({ state }) => state));
  return severity.find((state) => states.has(state)) ?? 'waiting for address';
}

function familyStatus(
  wanted: WantedFamily,
  link: ViewLink,
  { comparison, memory, paths }: StatusContext,
): RoutingFamilyStatus {
  const rules = wanted.rules.map((rule) => pieceStatus(rule, { kind: 'rule', rule }, comparison, memory));
  const routes = wanted.routes.map((route) =>
    pieceStatus(route, { kind: 'route', route }, comparison, memory),
  );
  const { family, addresses, defaults } = wanted;
  const status = {
    family,
    addresses: addresses.map(({ address }) => address),
    paths: paths.get(link.index)?.[family] ?? [],
    defaults: defaults.routes,
    rules,
    routes,
  };
  const isComplete = [...rules, ...routes].every(({ isPresent }) => isPresent);
  const isDiverted = status.paths.some(({ diversion }) => diversion !== undefined);
  const hasDefault = defaults.routes.length > 0;
  const state = familyState({ isComplete, isUp: link.up, hasDefault, isDiverted });
  return { ...status, state, ...(defaults.origin === undefined ? {} : { origin: defaults.origin }) };
}

interface FamilyCondition {
  readonly isComplete: boolean;
  readonly isUp: boolean;
  readonly hasDefault: boolean;
  readonly isDiverted: boolean;
}

function familyState({ isComplete, isUp, hasDefault, isDiverted }: FamilyCondition): RoutingLinkState {
  if (!isComplete) return 'missing';
  if (!isUp) return 'down';
  if (!hasDefault) return 'waiting for gateway';
  return isDiverted ? 'diverted' : 'active';
}

function pieceStatus<T>(
  object: T,
  piece: Piece,
  comparison: RoutingComparison,
  memory: RoutingMemory,
): PieceStatus<T> {
  const isPresent = comparison.isPresent(pieceKey(piece));
  const effect =
    piece.kind === 'rule'
      ? ({ kind: 'addRule', rule: piece.rule } as const)
      : ({ kind: 'addRoute', route: piece.route } as const);
  const failure = isPresent ? undefined : memory.failures.get(effectKey(effect));
  if (failure === undefined) return { object, isPresent };
  const { code, text } = failure;
  return { object, isPresent, refusal: text === undefined ? { code } : { code, text } };
}
