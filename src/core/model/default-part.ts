/**
 * What counts as (a part of) a default route. VPNs replace the default route without touching it, by two or more
 * routes that together cover everything (OpenVPN `redirect-gateway def1`: 0.0.0.0/1 and 128.0.0.0/1; `::/3`, `2000::/4`
 * and `3000::/4` in IPv6). No sensible destination is as large as those parts.
 */
import type { Family } from './address.ts';
import type { RouteObject } from './kernel-objects.ts';

/**
 * The longest prefix that is a part of a default route: shorter than /8 in IPv4, the size of the private network
 * 10.0.0.0/8; shorter than /5 in IPv6, since fc00::/7 is a destination and 2000::/3 is everything.
 */
export const longestDefaultPart: Readonly<Record<Family, number>> = { 4: 7, 6: 4 };

/** Whether a route is the default route or a part of it. */
export const isDefaultPart = (route: Pick<RouteObject, 'family' | 'prefixLength'>): boolean =>
  route.prefixLength <= longestDefaultPart[route.family];
