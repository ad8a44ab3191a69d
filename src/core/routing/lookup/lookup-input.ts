/** The input of a lookup: a packet, and the rules, routes and links of a dump. */
import type { IpAddress } from '../../model/address.ts';
import type { IfIndex } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';

/** The properties of a packet that routing depends on. */
export interface Flow {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Name of the link that received it; absent if this machine sends it. */
  readonly inputInterface?: string;
  readonly mark: number;
  readonly tos: number;
  /** The user that sends it; absent for a received packet. */
  readonly uid?: number;
  readonly ipProtocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** A link with its name, and its group for `suppress_ifgroup`. */
export interface LookupLink {
  readonly index: IfIndex;
  readonly name: string;
  readonly group: number;
}

export interface LookupInput {
  /** In the order of the dump: the kernel applies rules with one priority in the order of their creation. */
  readonly rules: readonly RuleObject[];
  /** All routes, including those of the table "local". */
  readonly routes: readonly RouteObject[];
  readonly links: readonly LookupLink[];
  /** The link of each address of this machine: a broadcast or IPv4 multicast leaves by that of its source. */
  readonly addresses?: readonly { readonly ifindex: IfIndex; readonly address: IpAddress }[];
}
