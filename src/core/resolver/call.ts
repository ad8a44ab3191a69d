/** Calls that configure name resolution and the host name, and their outcomes, as plain data. */

import type { IpAddress } from '../model/address.ts';
import type { Generation, IfIndex } from '../model/ids.ts';
import { linkKey } from '../model/keys.ts';

/** systemd-resolved, or systemd-networkd for the links that it manages: resolved refuses calls for those. */
export type LinkService = 'resolve1' | 'network1';

export interface LinkTarget {
  readonly service: LinkService;
  readonly index: IfIndex;
  readonly generation: Generation;
  /** For people. */
  readonly name: string;
}

/** Each contains the whole value and may be repeated. */
export type ResolverCall =
  | { readonly kind: 'setLinkDns'; readonly link: LinkTarget; readonly servers: readonly IpAddress[] }
  /** Sets search domains. */
  | { readonly kind: 'setLinkDomains'; readonly link: LinkTarget; readonly domains: readonly string[] }
  /** Removes all settings of the link. */
  | { readonly kind: 'revertLink'; readonly link: LinkTarget }
  /**
   * Sets the transient host name; a static one (/etc/hostname) still wins. `from`: `linkKey` of the lease's
   * link.
   */
  | { readonly kind: 'setHostname'; readonly name: string; readonly from: string }
  /**
   * Restores the previous host name (empty: the default), unless another program changed it from `expected`.
   */
  | { readonly kind: 'resetHostname'; readonly expected: string; readonly to: string };

export type ResolverResult =
  /**
   * For a host name: `before` is the previous one, `staticName` the one in /etc/hostname, which overrides the
   * new one.
   */
  | { readonly kind: 'done'; readonly before?: string; readonly staticName?: string }
  /** `error` is the name of the D-Bus error, `text` its message. */
  | { readonly kind: 'failed'; readonly error: string; readonly text: string };

export interface ResolverOutcome {
  readonly call: ResolverCall;
  readonly result: ResolverResult;
}

/**
 * Returns the lane of a call. Calls of one lane run in order, up to the first that fails; lanes run in
 * parallel.
 */
export function laneOf(call: ResolverCall): string {
  return 'link' in call ? linkKey(call.link) : hostLane;
}

/** Returns the key of a call: a later call with the same key replaces it. */
export const callKey = (call: ResolverCall): string => `${laneOf(call)} ${call.kind}`;

/** The lane of the host name. */
export const hostLane = 'host';
