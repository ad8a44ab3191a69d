/** Describes conflicts: what is in the way, who probably owns it, and the fix. */
import type { Conflict } from '../wanted/conflicts.ts';
import { describeProtocol, describeRoute, type LinkNameOf } from './labels.ts';

export interface ConflictLabels {
  readonly text: string;
  readonly remedy: string;
}

export function conflictLabels(conflict: Conflict, nameOf: LinkNameOf): ConflictLabels {
  const owner = 'owner' in conflict && conflict.owner !== undefined ? ` of ${conflict.owner}` : '';
  switch (conflict.kind) {
    case 'tableInUse': {
      const { table, route } = conflict;
      const found = `${describeRoute(route, nameOf)} proto ${describeProtocol(route.protocol)}`;
      return {
        text: `table ${table} is in use: it has a route${owner}, '${found}'`,
        remedy: 'give the link another table in routing.tables',
      };
    }
    case 'tableTaken':
      return {
        text: `table ${conflict.table} belongs to ${conflict.by} already`,
        remedy: 'give one of the two another table in routing.tables',
      };
    case 'routeInTheWay':
      return {
        text: `table ${conflict.route.table} has a route${owner} where ours would be: '${describeRoute(conflict.route, nameOf)}'`,
        remedy: 'remove it, or give the link another table in routing.tables',
      };
    case 'addressElsewhere':
      return {
        text: `${conflict.address} is an address of ${conflict.link} too, which answers for it`,
        remedy: 'take it away from one of the two links',
      };
    case 'linkInVrf':
      return {
        text: `the link is in VRF ${conflict.vrf}: its packets never come to policy rules`,
        remedy: 'take the link out of routing.policy_rules',
      };
  }
}
