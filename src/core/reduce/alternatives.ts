/** Routes of one key, of which a message may mean any. */

import { isSameRoute } from '../model/equality.ts';
import type { RouteObject } from '../model/kernel-objects.ts';

/** The routes of one key after a message, and whether the message left it open which one it meant. */
export interface Alternatives {
  readonly routes: readonly RouteObject[];
  readonly isAmbiguous?: boolean;
}

/** The same routes in the same order. */
export const isSameAlternatives = (held: readonly RouteObject[], read: readonly RouteObject[]): boolean =>
  held.length === read.length &&
  held.every((route, i) => {
    const other = read[i];
    return other !== undefined && isSameRoute(route, other);
  });
