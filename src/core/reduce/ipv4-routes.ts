/** IPv4 routes of one key: an ordered list, of which a message names each route whole. */

import { isSameRoute } from '../model/equality.ts';
import type { RouteNotification } from '../model/fact.ts';
import type { RouteObject } from '../model/kernel-objects.ts';
import type { Alternatives } from './alternatives.ts';

/**
 * The kernel keeps routes of one key in order and replaces the first (fib_table_insert). `add` says that there was none:
 * what is still held has been flushed without a word.
 */
export function insertIpv4(
  held: readonly RouteObject[],
  route: RouteObject,
  how: RouteNotification,
): Alternatives {
  if (how === 'append') return { routes: [...held, route] };
  if (how === 'prepend') return { routes: [route, ...held] };
  if (how === 'replace') return { routes: [route, ...held.slice(1)] };
  return { routes: [route] };
}

/** A route that is gone. */
export function removeIpv4(held: readonly RouteObject[], route: RouteObject): Alternatives {
  const at = held.findIndex((other) => isSameRoute(other, route));
  return at < 0 ? { routes: held, isAmbiguous: true } : { routes: held.toSpliced(at, 1) };
}
