/** Policy routing of one link as JSON. */
import type {
  PieceReport,
  RoutingFamilyReport,
  RoutingLinkReport,
} from '../routing/report/routing-report.ts';
import type { RoutingFamily, RoutingLink, RoutingPiece } from './types/routing.ts';

export function routingLinkView(
  { tableOrigin, families, ...report }: RoutingLinkReport,
  repairs: Pick<RoutingLink, 'repairs_24h' | 'last_repair'>,
): RoutingLink {
  return { ...report, table_origin: tableOrigin, families: families.map(familyView), ...repairs };
}

const familyView = ({ rules, routes, ...family }: RoutingFamilyReport): RoutingFamily => ({
  ...family,
  rules: rules.map(pieceView),
  routes: routes.map(pieceView),
});

const pieceView = ({ text, present, problem }: PieceReport): RoutingPiece => ({
  text,
  present,
  problem: problem ?? null,
});
