/** Lists of routes that share a key. A message may refer to any of them. */

import { isSameRoute } from '../model/equality.ts';
import type { RouteObject } from '../model/kernel-objects.ts';

/** The routes of one key after a message. `isAmbiguous`: the message fits more than one of them, or none. */
export interface RouteListUpdate {
  readonly routes: readonly RouteObject[];
  readonly isAmbiguous?: boolean;
}

/** Whether both lists have the same routes in the same order. */
export const isSameRouteList = (known: readonly RouteObject[], read: readonly RouteObject[]): boolean =>
  known.length === read.length &&
  known.every((route, i) => {
    const other = read[i];
    return other !== undefined && isSameRoute(route, other);
  });
