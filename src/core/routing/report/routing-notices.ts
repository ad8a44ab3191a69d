/** Notices of policy routing: problems that are reported once while they last. */
import type { IpAddress } from '../../model/address.ts';
import type { IfIndex, TableId } from '../../model/ids.ts';
import type { RuleObject } from '../../model/kernel-objects.ts';
import type { LinkPaths } from '../paths/link-paths.ts';
import type { Diversion } from '../paths/path-finder.ts';
import { routeSlot } from '../piece.ts';
import { CONTESTED_STRIKES, type Contest } from '../plan/contest.ts';
import type { BandPlace } from '../plan/place-band.ts';
import { isLasting, isWaiting } from '../plan/retry.ts';
import type { RoutingFailure } from '../plan/routing-memory.ts';
import type { Conflict } from '../wanted/conflicts.ts';
import type { WantedLink } from '../wanted/wanted.ts';

export type RoutingNotice = { readonly key: string } & (
  | { readonly kind: 'relocated'; readonly link: string; readonly table: TableId }
  | { readonly kind: 'conflict'; readonly link: string; readonly conflict: Conflict }
  /** Another program deletes rules or routes of netevd; `persistent`: repeatedly. */
  | { readonly kind: 'deleted'; readonly link: string; readonly persistent: boolean }
  | { readonly kind: 'refused'; readonly failure: RoutingFailure }
  /** Packets of these addresses leave elsewhere, although everything that netevd makes is there. */
  | {
      readonly kind: 'diverted';
      readonly link: string;
      readonly addresses: readonly IpAddress[];
      readonly diversion: Diversion;
      readonly band: number;
    }
  /** The rules moved to other priorities; `before`: the rule of another program that they must come before. */
  | { readonly kind: 'placed'; readonly first: number; readonly before?: RuleObject }
);

/** A temporary refusal is reported after this many attempts: the EEXIST of a race is harmless. */
const attemptsBeforeNotice = 4;

/** Returns the notices of diverted packets: one for each rule or route that leads them elsewhere. */
export function diversionNotices(
  links: readonly WantedLink[],
  paths: LinkPaths,
  band: number,
): readonly RoutingNotice[] {
  const notices = new Map<string, RoutingNotice & { readonly kind: 'diverted' }>();
  for (const { link, families } of links) {
    for (const { family, rules, defaults } of families) {
      if (!link.up || rules.length === 0 || defaults.routes.length === 0) continue;
      for (const { address, diversion } of paths.get(link.index)?.[family] ?? []) {
        if (diversion === undefined) continue;
        const key = `${DIVERTED}${link.index} ${family} ${diversionKey(diversion)}`;
        const addresses = [...(notices.get(key)?.addresses ?? []), address];
        notices.set(key, { key, kind: 'diverted', link: link.name, addresses, diversion, band });
      }
    }
  }
  return [...notices.values()];
}

/** The first word of the keys of diversions. */
export const DIVERTED = 'diverted ';

const diversionKey = ({ kind, rule, route }: Diversion): string =>
  kind === 'route' && route !== undefined ? routeSlot(route) : `${kind} ${rule?.priority ?? ''}`;

/** Returns the notice of the place of the band; none while it is the usual one and has not moved. */
export function placeNotices({ band }: BandPlace, last: BandPlace | undefined): readonly RoutingNotice[] {
  const { first, before } = band;
  const hasMoved = last !== undefined && last.band.first !== first;
  if (before !== undefined)
    return [{ key: `placed ${first} ${before.priority}`, kind: 'placed', first, before }];
  return hasMoved ? [{ key: `placed ${first}`, kind: 'placed', first }] : [];
}

/** Returns all current notices but those of diversions. The planner leaves out those that it has reported. */
export function noticesOf(
  links: readonly WantedLink[],
  contests: ReadonlyMap<IfIndex, Contest>,
  failures: ReadonlyMap<string, RoutingFailure>,
): readonly RoutingNotice[] {
  return [
    ...links.flatMap(linkNotices),
    ...links.flatMap(({ link }) => contestNotices(link.name, link.index, contests.get(link.index))),
    ...failureNotices(failures),
  ];
}

function linkNotices({ link, assignment, conflicts }: WantedLink): readonly RoutingNotice[] {
  const notices: RoutingNotice[] = conflicts.map((conflict) => ({
    key: `conflict ${link.index} ${conflictKey(conflict)}`,
    kind: 'conflict',
    link: link.name,
    conflict,
  }));
  if (assignment.origin === 'relocated') {
    const { table } = assignment;
    notices.push({ key: `relocated ${link.index} ${table}`, kind: 'relocated', link: link.name, table });
  }
  return notices;
}

/** Returns the identity of a conflict, without details of its objects that may change. */
function conflictKey(conflict: Conflict): string {
  switch (conflict.kind) {
    case 'tableInUse':
      return `table ${conflict.table} ${conflict.route.family}`;
    case 'tableTaken':
      return `table ${conflict.table} by ${conflict.by}`;
    case 'routeInTheWay':
      return `route ${conflict.route.destination}/${conflict.route.prefixLength}`;
    case 'addressElsewhere':
      return `address ${conflict.address}`;
    case 'linkInVrf':
      return `vrf ${conflict.vrf}`;
  }
}

function contestNotices(
  link: string,
  index: IfIndex,
  contest: Contest | undefined,
): readonly RoutingNotice[] {
  if (contest === undefined) return [];
  const deleted = { key: `deleted ${index}`, kind: 'deleted', link, persistent: false } as const;
  if (contest.strikes < CONTESTED_STRIKES) return [deleted];
  return [deleted, { key: `contested ${index}`, kind: 'deleted', link, persistent: true }];
}

/** Returns one notice for each reason, not for each effect. */
function failureNotices(failures: ReadonlyMap<string, RoutingFailure>): readonly RoutingNotice[] {
  const notices = new Map<string, RoutingNotice>();
  for (const failure of failures.values()) {
    const early = !isLasting(failure.code) && failure.attempts < attemptsBeforeNotice;
    if (isWaiting(failure.code) || early) continue;
    const key = `refused ${failure.effect.kind} ${failure.code}`;
    if (!notices.has(key)) notices.set(key, { key, kind: 'refused', failure });
  }
  return [...notices.values()];
}
