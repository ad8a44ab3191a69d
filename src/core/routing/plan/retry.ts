/** When to try again what the kernel refused, by what its answer means (rtnetlink(7), net/ipv4/fib_semantics.c). */

import { type Millis, millis } from '../../model/ids.ts';
import type { RoutingResult } from './routing-effect.ts';

/** Nothing changes about these by waiting a little: a missing privilege, a kernel without the feature. */
const lasting: ReadonlySet<string> = new Set([
  'EPERM',
  'EACCES',
  'EAFNOSUPPORT',
  'EOPNOTSUPP',
  'ENOSYS',
  'ECANCELED',
]);

/**
 * The link is down or gone, or its gateway cannot be reached yet: the route waits for the network, and this is no
 * failure of anybody's. A dry run waits for ever.
 */
const waiting: ReadonlySet<string> = new Set([
  'ENETDOWN',
  'ENODEV',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'ECANCELED',
]);

/** What a dry run answers. */
export const NOT_TRIED: RoutingResult = { kind: 'failed', code: 'ECANCELED', text: 'dry run' };

const longest = 60_000;

/** Waiting a little changes nothing. */
export const isLasting = (code: string): boolean => lasting.has(code);
/** The route waits for the network; that is no failure of anybody's. */
export const isWaiting = (code: string): boolean => waiting.has(code);

/** How long to wait after refusal number `attempts`: 50 ms, doubling up to a minute; a minute where it is no use. */
export const retryDelay = (code: string, attempts: number): Millis =>
  millis(lasting.has(code) ? longest : Math.min(longest, 50 * 2 ** (attempts - 1)));
