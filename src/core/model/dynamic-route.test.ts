import { expect, test } from 'bun:test';
import type { Family } from './address.ts';
import { isDynamicRoute } from './dynamic-route.ts';

const rows: readonly [
  what: string,
  family: Family,
  prefixLength: number,
  protocol: number,
  isDynamic: boolean,
][] = [
  ['a network of BIRD', 4, 24, 12, true],
  ['a network of FRR’s BGP', 6, 48, 186, true],
  ['a default route of BIRD', 4, 0, 12, false],
  ['half a default route of BGP', 4, 1, 186, false],
  ['10.0.0.0/8 of OSPF', 4, 8, 188, false],
  ['2000::/3 of BGP', 6, 3, 186, false],
  ['a network of the kernel', 4, 24, 2, false],
  ['a network of an administrator', 4, 24, 4, false],
  ['a network of a router advertisement', 6, 64, 9, false],
  ['a network of netevd', 4, 24, 157, false],
];
test.each(rows)(
  '%s is of a routing daemon alone: %p %p %p %p',
  (_what, family, prefixLength, protocol, isDynamic) => {
    expect(isDynamicRoute({ family, prefixLength, protocol })).toBe(isDynamic);
  },
);
