/** Renders the status of policy routing as JSON, for the command line and the API. */
import { ReservedTable } from '../../model/kernel-objects.ts';
import { NETEVD_PROTOCOL, RULE_BAND } from '../../model/routing-identity.ts';
import type { AddressPath } from '../paths/path-finder.ts';
import type { GatewayOrigin } from '../wanted/gateways.ts';
import { conflictLabels } from './conflict-labels.ts';
import { diversionLabels } from './diversion-labels.ts';
import { describeProtocol, describeRoute, describeRule, describeTable, type LinkNameOf } from './labels.ts';
import type { PieceStatus, RoutingFamilyStatus, RoutingLinkStatus, RoutingStatus } from './status.ts';

export interface PieceReport {
  /** In the format of iproute2. */
  readonly text: string;
  readonly present: boolean;
  readonly problem?: string;
}

/** Where packets from one address to the outside go. */
export interface PathReport {
  readonly address: string;
  /** They leave by the link. */
  readonly active: boolean;
  /** The rule or route that leads them elsewhere, and the fix. */
  readonly diverted_by: string | null;
  readonly remedy: string | null;
}

export interface RoutingFamilyReport {
  readonly family: 'ipv4' | 'ipv6';
  readonly state: string;
  readonly addresses: readonly string[];
  readonly paths: readonly PathReport[];
  /** `via`: addresses of gateways, preferred ones first; empty for a link that needs none. */
  readonly gateway: { readonly via: readonly string[]; readonly from: string } | null;
  readonly rules: readonly PieceReport[];
  readonly routes: readonly PieceReport[];
}

export interface RoutingLinkReport {
  readonly link: string;
  readonly index: number | null;
  readonly state: string;
  readonly table: number | null;
  /** `derived` (table_base + index), `configured` or `relocated`. */
  readonly tableOrigin: string | null;
  readonly contested: boolean;
  readonly families: readonly RoutingFamilyReport[];
  readonly conflicts: readonly { readonly kind: string; readonly text: string; readonly remedy: string }[];
}

export interface RoutingReport {
  readonly protocol: number;
  readonly priorities: readonly [number, number];
  readonly links: readonly RoutingLinkReport[];
  /** Rules and routes of netevd that it must still remove. */
  readonly leftovers: readonly string[];
}

export function routingReport(status: RoutingStatus, nameOf: LinkNameOf): RoutingReport {
  const { band } = status;
  return {
    protocol: NETEVD_PROTOCOL,
    priorities: [band, band + RULE_BAND - 1],
    links: status.links.map((link) => linkReport(link, band, nameOf)),
    leftovers: status.leftovers.map((piece) =>
      piece.kind === 'rule'
        ? `rule ${piece.rule.priority}: ${describeRule(piece.rule)}`
        : `route ${describeRoute(piece.route, nameOf)} table ${describeTable(piece.route.table)}`,
    ),
  };
}

const linkReport = (link: RoutingLinkStatus, band: number, nameOf: LinkNameOf): RoutingLinkReport => ({
  link: link.name,
  index: link.index ?? null,
  state: link.state,
  table: link.assignment?.table ?? null,
  tableOrigin: link.assignment?.origin ?? null,
  contested: link.isContested,
  families: link.families.map((family) => familyReport(family, link, { band, nameOf })),
  conflicts: link.conflicts.map((conflict) => ({ kind: conflict.kind, ...conflictLabels(conflict, nameOf) })),
});

function familyReport(
  status: RoutingFamilyStatus,
  { assignment }: RoutingLinkStatus,
  { band, nameOf }: { readonly band: number; readonly nameOf: LinkNameOf },
): RoutingFamilyReport {
  const via = status.defaults.flatMap((route) => route.nextHops.flatMap(({ gateway }) => gateway ?? []));
  return {
    family: status.family === 4 ? 'ipv4' : 'ipv6',
    state: status.state,
    addresses: status.addresses,
    paths: status.paths.map((path) => pathReport(path, band, nameOf)),
    gateway:
      status.origin === undefined ? null : { via: [...new Set(via)], from: describeOrigin(status.origin) },
    rules: status.rules.map((piece) =>
      pieceReport(piece, `${piece.object.priority}: ${describeRule(piece.object)}`),
    ),
    routes: status.routes.map((piece) => {
      const { table } = piece.object;
      const further = table === assignment?.table ? '' : ` table ${describeTable(table)}`;
      return pieceReport(piece, `${describeRoute(piece.object, nameOf)}${further}`);
    }),
  };
}

function pathReport({ address, diversion }: AddressPath, band: number, nameOf: LinkNameOf): PathReport {
  if (diversion === undefined) return { address, active: true, diverted_by: null, remedy: null };
  const { text, remedy } = diversionLabels(diversion, band, nameOf);
  return { address, active: false, diverted_by: text, remedy };
}

function pieceReport({ isPresent, refusal }: PieceStatus<unknown>, text: string): PieceReport {
  if (refusal === undefined) return { text, present: isPresent };
  const problem = refusal.text === undefined ? refusal.code : `${refusal.code}: ${refusal.text}`;
  return { text, present: isPresent, problem };
}

function describeOrigin(origin: GatewayOrigin): string {
  switch (origin.kind) {
    case 'route': {
      const main = origin.table === ReservedTable.main;
      const table = main ? 'main table' : `table ${describeTable(origin.table)}`;
      return `route of the ${table} (proto ${describeProtocol(origin.protocol)})`;
    }
    case 'report':
      return origin.source === 'dhclient' ? 'lease of dhclient' : origin.source;
    case 'pointToPoint':
      return 'none needed: point-to-point link';
    case 'retained':
      return 'previous gateway: no source can be asked now';
  }
}
