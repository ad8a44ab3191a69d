/** Why what is known of a source cannot be believed as it stands. */

/** Why a source can no longer be believed. */
export type SyncLoss =
  | 'overrun'
  | 'interrupted'
  | 'undecodable'
  | 'contradiction'
  | 'inbox-full'
  | 'disconnected'
  /** Nothing was lost: somebody asked for the source to be read again. */
  | 'requested';

/** Why what is known of the kernel has to be read again. Each doubt is an object of its own: a reading answers one. */
export interface KernelInvalidation {
  readonly cause: SyncLoss | RouteInvalidationCause | 'unread';
}

/**
 * What a route table may have lost without a message: IPv4 routes with a link that went down or away, or with an
 * address (fib_sync_down_dev, fib_sync_down_addr); routes of a nexthop object; and messages that do not say which of
 * several routes they mean.
 */
export type RouteInvalidationCause =
  | 'link-down'
  | 'link-vanished'
  | 'address-vanished'
  | 'nexthop-changed'
  | 'ambiguous-message';

export interface KernelInvalidations {
  /** Everything: messages were lost, or nothing was read yet. */
  readonly all?: KernelInvalidation;
  readonly ipv4Routes?: KernelInvalidation;
  readonly ipv6Routes?: KernelInvalidation;
}
