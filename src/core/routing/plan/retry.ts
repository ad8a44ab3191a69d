/**
 * When to retry a request that the kernel refused, by the meaning of its errno (rtnetlink(7),
 * net/ipv4/fib_semantics.c).
 */

import { type Millis, millis } from '../../model/ids.ts';
import type { RoutingResult } from './routing-effect.ts';

/** Errors that last: a missing privilege, a kernel without the feature. */
const lasting: ReadonlySet<string> = new Set([
  'EPERM',
  'EACCES',
  'EAFNOSUPPORT',
  'EOPNOTSUPP',
  'ENOSYS',
  'ECANCELED',
]);

/**
 * The link is down or gone, or its gateway cannot be reached yet: the route waits for the network, which is
 * not an error. A dry run always waits.
 */
const waiting: ReadonlySet<string> = new Set([
  'ENETDOWN',
  'ENODEV',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'ECANCELED',
]);

/** The result of every effect in a dry run. */
export const NOT_TRIED: RoutingResult = { kind: 'failed', code: 'ECANCELED', text: 'dry run' };

const maxDelay = 60_000;

/** Whether an early retry is useless. */
export const isLasting = (code: string): boolean => lasting.has(code);
/** Whether the route waits for the network, which is not an error. */
export const isWaiting = (code: string): boolean => waiting.has(code);

/**
 * Returns the delay after refusal number `attempts`: 50 ms, doubling up to a minute; a minute for lasting
 * errors.
 */
export const retryDelay = (code: string, attempts: number): Millis =>
  millis(lasting.has(code) ? maxDelay : Math.min(maxDelay, 50 * 2 ** (attempts - 1)));
