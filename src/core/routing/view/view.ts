/**
 * What policy routing looks at, and nothing else: made from the folded state, or from a fresh reading of the kernel.
 */
import type { Family, IpAddress } from '../../model/address.ts';
import type { Generation, IfIndex } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';
import type { Grouped } from './split-by-link.ts';

/** An address that may have rules: see `isEligible`. */
export interface ViewAddress {
  readonly family: Family;
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** The other end, on a point-to-point link. */
  readonly peer?: IpAddress;
  /** Whether its network is on the link (not `IFA_F_NOPREFIXROUTE`). */
  readonly onLink: boolean;
}

/** A link as far as routing goes. The same object as long as nothing of it changes. */
export interface ViewLink {
  readonly index: IfIndex;
  readonly generation: Generation;
  readonly name: string;
  /** Administratively up: only then can routes lead out of it. */
  readonly up: boolean;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  readonly kind?: string;
  readonly master?: IfIndex;
  /** Those that may have rules, by family and then by their text. */
  readonly addresses: readonly ViewAddress[];
}

/** Who else may know a gateway. */
export type GatewaySource = 'dhclient' | 'systemd-networkd' | 'NetworkManager';

/** What one of them says of one link. `unknown`: it cannot be asked now, and may well know one. */
export interface GatewayReport {
  readonly source: GatewaySource;
  readonly gateways: readonly IpAddress[] | 'unknown';
}

export interface ViewRule {
  readonly rule: RuleObject;
  /** The kernel may hold equal rules. */
  readonly count: number;
}

/** What is known to be what the kernel has. Nothing is added to or removed from the rest. */
export interface Certainty {
  readonly rules: boolean;
  /** The kernel drops some routes without a word, and then they have to be read again. */
  readonly routes: Readonly<Record<Family, boolean>>;
}

export interface RoutingView {
  /** Without the rules nothing is planned at all. */
  readonly certain: Certainty;
  /** By ifindex. */
  readonly links: readonly ViewLink[];
  /** Of others: at least those that `isRelevant` names. */
  readonly routes: readonly RouteObject[];
  readonly rules: readonly ViewRule[];
  /** Of netevd, wherever they are; not flat, for they come and go by the thousand. */
  readonly ownRoutes: Grouped<RouteObject>;
  readonly ownRules: Grouped<ViewRule>;
  /** A link without an entry: all have been asked, and none knows a gateway. */
  readonly reports: ReadonlyMap<IfIndex, readonly GatewayReport[]>;
}
