/** What leases have done to name resolution and the host's name, as plain data, and how it went. */
import type { IpAddress } from '../model/address.ts';
import type { IfIndex } from '../model/ids.ts';

/** systemd-resolved, or systemd-networkd for the links that it manages: resolved refuses those. */
export type LinkService = 'resolve1' | 'network1';

export interface LinkTarget {
  readonly service: LinkService;
  readonly index: IfIndex;
  readonly generation: number;
  /** For people. */
  readonly name: string;
}

/** Each carries the whole value, and may be repeated. */
export type ResolverCall =
  | { readonly kind: 'setLinkDns'; readonly link: LinkTarget; readonly servers: readonly IpAddress[] }
  /** Domains to search in. */
  | { readonly kind: 'setLinkDomains'; readonly link: LinkTarget; readonly domains: readonly string[] }
  /** Everything that was set of the link goes. */
  | { readonly kind: 'revertLink'; readonly link: LinkTarget }
  /** The transient host name; a static one (/etc/hostname) stays and wins. `from`: whose lease says so, by `linkKey`. */
  | { readonly kind: 'setHostname'; readonly name: string; readonly from: string }
  /** The name that the host had before (empty: its own), unless somebody has changed it from `expected` since. */
  | { readonly kind: 'resetHostname'; readonly expected: string; readonly to: string };

export type ResolverResult =
  /**
   * Of a host name: `before` is the one that it took the place of, `staticName` the one in /etc/hostname, because of which
   * another one shows no effect.
   */
  | { readonly kind: 'done'; readonly before?: string; readonly staticName?: string }
  /** `error` is the D-Bus error's name, `text` its message. */
  | { readonly kind: 'failed'; readonly error: string; readonly text: string };

export interface ResolverOutcome {
  readonly call: ResolverCall;
  readonly result: ResolverResult;
}

/** Calls of one lane go one after the other, up to the first that fails; lanes beside each other. */
export function laneOf(call: ResolverCall): string {
  return 'link' in call ? linkKey(call.link) : hostLane;
}

/** What the call is about: another call with this key takes its place. */
export const callKey = (call: ResolverCall): string => `${laneOf(call)} ${call.kind}`;

/** The lane of the host's name. */
export const hostLane = 'host';

export const linkKey = (link: { readonly index: IfIndex; readonly generation: number }): string =>
  `${link.index}.${link.generation}`;
