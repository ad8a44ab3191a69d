/** The links that the page shows: what a record changes at once, and in which order they stand. Pure. */
import type { HostProblem, Interface, NetevdRecord } from '../../client/types.ts';
import { isOperational, linkClass, type StateClass } from './link-state.ts';

/** By ifindex, which a rename does not change. */
export type Links = ReadonlyMap<number, Interface>;

/** Links of a whole answer. A link that did not change stays the same object. */
export function linksOf(before: Links, interfaces: readonly Interface[]): Links {
  const links = new Map<number, Interface>();
  for (const link of interfaces) {
    const known = before.get(link.index);
    links.set(link.index, known !== undefined && isSame(known, link) ? known : link);
  }
  return links;
}

const isSame = (a: Interface, b: Interface): boolean => JSON.stringify(a) === JSON.stringify(b);

/** `links` with one of them as a fresh answer has it. */
export function withLink(links: Links, link: Interface): Links {
  const known = links.get(link.index);
  if (known !== undefined && isSame(known, link)) return links;
  return new Map(links).set(link.index, link);
}

/** `links` without one that is gone. */
export function withoutLink(links: Links, index: number): Links {
  const left = new Map(links);
  return left.delete(index) ? left : links;
}

/**
 * What a record says of a link by itself: its state and whether it is there. Everything else (addresses, gateway, setup)
 * is loaded again, which `touchedLink` asks for.
 */
export function foldLinks(links: Links, record: NetevdRecord): Links {
  if (record.kind !== 'event' || record.index === null) return links;
  if (record.event === 'link-removed') return withoutLink(links, record.index);
  const link = links.get(record.index);
  if (link === undefined) return links;
  if (record.event === 'renamed' && record.link !== null) {
    return withLink(links, { ...link, name: record.link });
  }
  if (record.event !== record.state || !isOperational(record.state) || record.state === link.state)
    return links;
  return withLink(links, { ...link, state: record.state, since: record.ts });
}

/** The link that has to be loaded again after this record; undefined where none has. */
export function touchedLink(
  record: NetevdRecord,
): { readonly name: string; readonly index: number } | undefined {
  if (record.kind !== 'event' || record.link === null || record.index === null) return undefined;
  return record.event === 'link-removed' ? undefined : { name: record.link, index: record.index };
}

export interface LinkList {
  /** Links with a problem first, the newest first; then by how bad they are, then by index. */
  readonly watched: readonly Interface[];
  readonly notWatched: readonly Interface[];
}

const ranks: Readonly<Record<StateClass, number>> = { bad: 0, partial: 1, unknown: 1, good: 2, off: 3 };

/** The order in which the links stand. */
export function listLinks(links: Links, problems: readonly HostProblem[]): LinkList {
  const position = new Map<string, number>();
  for (const [index, { link }] of problems.entries()) {
    if (link !== null && !position.has(link)) position.set(link, index);
  }
  const rank = (link: Interface): number => position.get(link.name) ?? 1e6 + ranks[linkClass(link)];
  const sorted = [...links.values()].toSorted((a, b) => rank(a) - rank(b) || a.index - b.index);
  return {
    watched: sorted.filter(({ watched }) => watched),
    notWatched: sorted.filter(({ watched }) => !watched),
  };
}

/** The first `limit` links, and before them the one that the timeline is filtered by, if it is not among them. */
export function shownLinks(
  watched: readonly Interface[],
  limit: number,
  chosen: string,
): readonly Interface[] {
  const first = watched.slice(0, limit);
  const hidden = watched.slice(limit).find(({ name }) => name === chosen);
  return hidden === undefined ? first : [hidden, ...first];
}

/** `2 routable, 1 no-carrier`, the worst last. */
export function countStates(links: readonly Interface[]): string {
  const counts = new Map<string, number>();
  for (const { state } of links) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}
