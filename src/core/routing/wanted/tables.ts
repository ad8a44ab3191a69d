/** Which routing table each link gets. */
import { type IfIndex, type TableId, tableId } from '../../model/ids.ts';
import { ReservedTable } from '../../model/kernel-objects.ts';
import { RELOCATION_STEP } from '../../model/routing-identity.ts';
import type { RoutingPolicy } from '../policy.ts';
import type { ViewLink } from '../view/view.ts';

export interface TableAssignment {
  readonly table: TableId;
  /** `relocated`: table_base + ifindex is not free for it. */
  readonly origin: 'configured' | 'derived' | 'relocated';
  /** The link that has this table already; then this one gets none. */
  readonly takenBy?: string;
}

/** Table 0 is "unspecified", and the last three belong to the kernel (linux/rtnetlink.h). */
const reserved: ReadonlySet<number> = new Set([
  ReservedTable.unspec,
  ReservedTable.default,
  ReservedTable.main,
  ReservedTable.local,
]);

const highest = 0xffff_ffff;

/**
 * The tables of `links`, which are in the order of their ifindex. A link's table depends on itself and on the policy
 * alone, so that none moves when another link comes or goes. Where two links come to the same table, the one with
 * the lower ifindex has it.
 */
export function assignTables(
  links: readonly ViewLink[],
  policy: RoutingPolicy,
): ReadonlyMap<IfIndex, TableAssignment> {
  const fixed = new Set<number>(policy.tables.values());
  const owners = new Map<number, string>();
  const assignments = new Map<IfIndex, TableAssignment>();
  for (const link of links) {
    const assignment = assignTable(link, policy, fixed);
    const owner = owners.get(assignment.table);
    if (owner === undefined) owners.set(assignment.table, link.name);
    assignments.set(link.index, owner === undefined ? assignment : { ...assignment, takenBy: owner });
  }
  return assignments;
}

function assignTable(link: ViewLink, policy: RoutingPolicy, fixed: ReadonlySet<number>): TableAssignment {
  const configured = policy.tables.get(link.name);
  if (configured !== undefined) return { table: configured, origin: 'configured' };
  const derived = policy.tableBase + link.index;
  let table = derived;
  while (reserved.has(table) || fixed.has(table)) table = nextCandidate(table);
  return { table: tableId(table), origin: table === derived ? 'derived' : 'relocated' };
}

/** One step up, and round again at the end of the 32 bits that a table id has. */
const nextCandidate = (table: number): number =>
  table + RELOCATION_STEP <= highest ? table + RELOCATION_STEP : ((table + RELOCATION_STEP) % highest) + 1;
