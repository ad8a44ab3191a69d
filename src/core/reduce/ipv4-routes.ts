/** IPv4 routes of one key: an ordered list. Each message contains the complete route. */

import { isSameRoute } from '../model/equality.ts';
import type { RouteNotification } from '../model/fact.ts';
import type { RouteObject } from '../model/kernel-objects.ts';
import type { RouteListUpdate } from './route-list.ts';

/**
 * Inserts a route. The kernel keeps routes of one key in order and replaces the first (fib_table_insert).
 * `add` means that there was none: the kernel flushed any known route without a message.
 */
export function insertIpv4(
  known: readonly RouteObject[],
  route: RouteObject,
  how: RouteNotification,
): RouteListUpdate {
  if (how === 'append') return { routes: [...known, route] };
  if (how === 'prepend') return { routes: [route, ...known] };
  if (how === 'replace') return { routes: [route, ...known.slice(1)] };
  return { routes: [route] };
}

/** Removes a route. Ambiguous if it is not known. */
export function removeIpv4(known: readonly RouteObject[], route: RouteObject): RouteListUpdate {
  const at = known.findIndex((other) => isSameRoute(other, route));
  return at < 0 ? { routes: known, isAmbiguous: true } : { routes: known.toSpliced(at, 1) };
}
