/** Policy routing: wanted and present rules and routes, and the path of a packet. */
import type { FamilyName, Time } from './vocabulary.ts';

/** A wanted rule or route. */
export interface RoutingPiece {
  /** In the syntax of ip(8). */
  readonly text: string;
  readonly present: boolean;
  /** Why the kernel refused it: errno and text. */
  readonly problem: string | null;
}

/** The path of a packet from one address of the link. */
export interface RoutingPath {
  readonly address: string;
  /** Whether it leaves by the link. */
  readonly active: boolean;
  /** The rule or route that diverts it, and how to fix it. */
  readonly diverted_by: string | null;
  readonly remedy: string | null;
}

export interface RoutingFamily {
  readonly family: FamilyName;
  /** `active`, `waiting for gateway`, `waiting for address`, `down`, `missing`, `conflict`, `diverted`. */
  readonly state: string;
  readonly addresses: readonly string[];
  readonly paths: readonly RoutingPath[];
  /** `via`: preferred first, empty on a link that needs none; `from`: its origin. */
  readonly gateway: { readonly via: readonly string[]; readonly from: string } | null;
  readonly rules: readonly RoutingPiece[];
  readonly routes: readonly RoutingPiece[];
}

export interface RoutingLink {
  readonly link: string;
  readonly index: number | null;
  /** The worst of its families, `conflict`, or `absent`. */
  readonly state: string;
  readonly table: number | null;
  /** `derived` (table_base + index), `configured` or `relocated`. */
  readonly table_origin: string | null;
  /** Another program keeps deleting netevd's rules or routes. */
  readonly contested: boolean;
  readonly families: readonly RoutingFamily[];
  readonly conflicts: readonly { readonly kind: string; readonly text: string; readonly remedy: string }[];
  readonly repairs_24h: number;
  readonly last_repair: Time | null;
}

/** `GET /api/v1/routing`. */
export interface RoutingAnswer {
  /** `FRA_PROTOCOL` and `RTA_PROTOCOL` of netevd's rules and routes. */
  readonly protocol: number;
  /** The first and the last rule priority that netevd owns. */
  readonly priorities: readonly [number, number];
  readonly links: readonly RoutingLink[];
  /** netevd's rules and routes that are no longer wanted. */
  readonly leftovers: readonly string[];
}

export interface ExplainRoute {
  /** In the syntax of ip(8). */
  readonly text: string;
  readonly table: number;
  readonly protocol: string;
  readonly metric: number;
}

/** One rule that the lookup evaluated. */
export interface ExplainStep {
  readonly priority: number;
  readonly rule: string;
  readonly outcome: 'noMatch' | 'noRoute' | 'suppressed' | 'thrown' | 'passed' | 'decides';
  /** Only of `noMatch`: the selector that did not match. */
  readonly reason?: string;
  readonly route?: ExplainRoute;
}

export interface ExplainVerdict {
  readonly kind: 'routed' | 'delivered' | 'rejected' | 'unreachable';
  readonly route?: ExplainRoute;
  /** Only of `rejected`: the error for the sender, `ENETUNREACH`. */
  readonly code?: string;
  /** Only of `routed`: the next hops; more than one if a hash of the packet decides. */
  readonly ways?: readonly {
    readonly link: string | null;
    readonly gateway: string | null;
    readonly weight: number;
  }[];
}

/** `GET /api/v1/routing/explain?src=&dst=[&iif=][&mark=]`. */
export interface ExplainAnswer {
  readonly packet: {
    readonly source: string;
    readonly destination: string;
    readonly iif: string | null;
    readonly mark: number;
  };
  readonly steps: readonly ExplainStep[];
  readonly verdict: ExplainVerdict;
  /** Limits of the answer. */
  readonly remarks: readonly string[];
  /** The verdict in one sentence. */
  readonly text: string;
}
