/** What a lookup is asked and what it looks at: a packet; rules, routes and links as they were read. */
import type { IpAddress } from '../../model/address.ts';
import type { IfIndex } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';

/** A packet, as far as its way depends on it. */
export interface Flow {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Name of the link that it came in by; absent where this machine sends it. */
  readonly inputInterface?: string;
  readonly mark: number;
  readonly tos: number;
  /** Who sends it; a packet that came in has none. */
  readonly uid?: number;
  readonly ipProtocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** What is known of a link: its name, and its group for `suppress_ifgroup`. */
export interface LookupLink {
  readonly index: IfIndex;
  readonly name: string;
  readonly group: number;
}

export interface LookupInput {
  /** In the order in which the kernel tells them: rules of one priority are asked in the order in which they were made. */
  readonly rules: readonly RuleObject[];
  /** All of them, those of the table "local" included. */
  readonly routes: readonly RouteObject[];
  readonly links: readonly LookupLink[];
}
