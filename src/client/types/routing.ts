/** Policy routing: what is wanted, what is there, and where a packet goes. */
import type { FamilyName, Time } from './vocabulary.ts';

/** A rule or route that should be there. */
export interface RoutingPiece {
  /** In iproute2's words. */
  readonly text: string;
  readonly present: boolean;
  /** Why the kernel refused it: errno and its text. */
  readonly problem: string | null;
}

/** Where a packet from one address of the link goes. */
export interface RoutingPath {
  readonly address: string;
  /** It leaves by the link. */
  readonly active: boolean;
  /** The rule or route that leads it elsewhere, and what to do about it. */
  readonly diverted_by: string | null;
  readonly remedy: string | null;
}

export interface RoutingFamily {
  readonly family: FamilyName;
  /** `active`, `waiting for gateway`, `waiting for address`, `down`, `missing`, `conflict`, `diverted`. */
  readonly state: string;
  readonly addresses: readonly string[];
  readonly paths: readonly RoutingPath[];
  /** `via`: preferred first, empty on a link that needs none; `from`: who named it. */
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
  /** Somebody keeps deleting what netevd makes. */
  readonly contested: boolean;
  readonly families: readonly RoutingFamily[];
  readonly conflicts: readonly { readonly kind: string; readonly text: string; readonly remedy: string }[];
  readonly repairs_24h: number;
  readonly last_repair: Time | null;
}

/** `GET /api/v1/routing`. */
export interface RoutingAnswer {
  /** `FRA_PROTOCOL` and `RTA_PROTOCOL` of what is netevd's. */
  readonly protocol: number;
  /** The first and the last rule priority that netevd owns. */
  readonly priorities: readonly [number, number];
  readonly links: readonly RoutingLink[];
  /** Rules and routes of netevd's that are to go. */
  readonly leftovers: readonly string[];
}

export interface ExplainRoute {
  /** In iproute2's words. */
  readonly text: string;
  readonly table: number;
  readonly protocol: string;
  readonly metric: number;
}

/** One rule that was asked. */
export interface ExplainStep {
  readonly priority: number;
  readonly rule: string;
  readonly outcome: 'noMatch' | 'noRoute' | 'suppressed' | 'thrown' | 'passed' | 'decides';
  /** Of `noMatch`: which selector did not match. */
  readonly reason?: string;
  readonly route?: ExplainRoute;
}

export interface ExplainVerdict {
  readonly kind: 'routed' | 'delivered' | 'rejected' | 'unreachable';
  readonly route?: ExplainRoute;
  /** Of `rejected`: what the sender sees, `ENETUNREACH`. */
  readonly code?: string;
  /** Of `routed`; more than one where a hash of the packet decides. */
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
  /** What keeps the answer from being the whole truth. */
  readonly remarks: readonly string[];
  /** The verdict in one sentence. */
  readonly text: string;
}
