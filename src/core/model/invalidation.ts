/** Reasons to read a source again. */

/** How a source lost sync. */
export type SyncLoss =
  | 'overrun'
  | 'interrupted'
  | 'undecodable'
  | 'contradiction'
  | 'inbox-full'
  | 'disconnected'
  /** Nothing was lost: a request to read the source again. */
  | 'requested';

/**
 * A reason to dump the kernel again. Compared by identity: a dump answers exactly the object that asked for
 * it.
 */
export interface KernelInvalidation {
  readonly cause: SyncLoss | RouteInvalidationCause | 'unread';
}

/**
 * Why known routes may be wrong: the kernel removes IPv4 routes without a message together with a link or an
 * address (fib_sync_down_dev, fib_sync_down_addr), and routes of a nexthop object; some messages fit more
 * than one route.
 */
export type RouteInvalidationCause =
  | 'link-down'
  | 'link-vanished'
  | 'address-vanished'
  | 'nexthop-changed'
  /** The kernel sets metrics of a default route by router advertisement after it has reported the route. */
  | 'metrics-follow'
  | 'ambiguous-message';

export interface KernelInvalidations {
  /** Everything: messages were lost, or there was no dump yet. */
  readonly all?: KernelInvalidation;
  readonly ipv4Routes?: KernelInvalidation;
  readonly ipv6Routes?: KernelInvalidation;
}
