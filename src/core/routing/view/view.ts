/** The input of policy routing, made from the state or from a kernel dump. */
import type { Family, IpAddress } from '../../model/address.ts';
import type { Generation, IfIndex } from '../../model/ids.ts';
import type { RouteObject, RuleObject } from '../../model/kernel-objects.ts';
import type { Grouped } from './split-by-owner.ts';

/** An address that gets rules: see `isEligible`. */
export interface ViewAddress {
  readonly family: Family;
  readonly address: IpAddress;
  readonly prefixLength: number;
  /** The other end, on a point-to-point link. */
  readonly peer?: IpAddress;
}

/** The properties of a link that matter to routing. The same object while none of them changes. */
export interface ViewLink {
  readonly index: IfIndex;
  readonly generation: Generation;
  readonly name: string;
  readonly altNames: readonly string[];
  /** For rules with `suppress_ifgroup`. */
  readonly group: number;
  /** Administratively up: only then can it have routes. */
  readonly up: boolean;
  readonly loopback: boolean;
  readonly pointToPoint: boolean;
  readonly kind?: string;
  readonly master?: IfIndex;
  /** Addresses that get rules, sorted by family and text. */
  readonly addresses: readonly ViewAddress[];
}

/** Sources of gateways besides the kernel. */
export type GatewaySource = 'dhclient' | 'systemd-networkd' | 'NetworkManager';

/** The gateways of a link from one source. `unknown`: the source cannot answer now and may have one. */
export interface GatewayReport {
  readonly source: GatewaySource;
  readonly gateways: readonly IpAddress[] | 'unknown';
}

export interface ViewRule {
  readonly rule: RuleObject;
  /** Number of equal rules in the kernel. */
  readonly count: number;
}

/** The parts of the view that certainly match the kernel. The planner does not change the others. */
export interface Certainty {
  readonly rules: boolean;
  /** False while the routes of a family are invalidated. */
  readonly routes: Readonly<Record<Family, boolean>>;
}

export interface RoutingView {
  /** Nothing is planned while the rules are uncertain. */
  readonly certain: Certainty;
  /** By ifindex. */
  readonly links: readonly ViewLink[];
  /** Routes of other programs: at least those that `isRelevant` selects. */
  readonly routes: readonly RouteObject[];
  readonly rules: readonly ViewRule[];
  /** All routes of netevd, grouped because thousands of them may change. */
  readonly ownRoutes: Grouped<RouteObject>;
  readonly ownRules: Grouped<ViewRule>;
  /** A link without an entry certainly has no gateway from any source. */
  readonly reports: ReadonlyMap<IfIndex, readonly GatewayReport[]>;
}
