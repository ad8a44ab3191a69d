/**
 * Routes of routing daemons. A full Internet table is a million of them, of which policy routing needs none and only hooks in
 * `routes.d` hear.
 */
import type { Family } from './address.ts';

/**
 * `RTPROT_*` of linux/rtnetlink.h that routing daemons set: GATED, MRT, ZEBRA, BIRD, DNROUTED, XORP, NTK, MROUTED, BABEL, OPENR, BGP,
 * ISIS, OSPF, RIP, EIGRP.
 */
const routingDaemons: ReadonlySet<number> = new Set([
  8, 10, 11, 12, 13, 14, 15, 17, 42, 99, 186, 187, 188, 189, 192,
]);

/** A route this short may be part of a default route, which decides where packets to the outside go. */
const shortPrefix = { 4: 8, 6: 16 } as const;

export interface RouteHeader {
  readonly family: Family;
  readonly prefixLength: number;
  /** `rtm_protocol`. */
  readonly protocol: number;
}

/** Whether only hooks can want the route. The header of its message is enough to tell. */
export const isDynamicRoute = ({ family, prefixLength, protocol }: RouteHeader): boolean =>
  prefixLength > shortPrefix[family] && routingDaemons.has(protocol);
