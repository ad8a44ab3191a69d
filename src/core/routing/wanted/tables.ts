/** Assigns routing tables to policy links. */
import { type IfIndex, type TableId, tableId } from '../../model/ids.ts';
import { ReservedTable } from '../../model/kernel-objects.ts';
import { RELOCATION_STEP } from '../../model/routing-identity.ts';
import type { RoutingPolicy } from '../policy.ts';
import type { ViewLink } from '../view/view.ts';

export interface TableAssignment {
  readonly table: TableId;
  /** `relocated`: table_base + ifindex is reserved. */
  readonly origin: 'configured' | 'derived' | 'relocated';
  /** Name of the link that has this table already; then this link gets none. */
  readonly takenBy?: string;
}

/** Table 0 is "unspecified"; the others belong to the kernel (linux/rtnetlink.h). */
const reserved: ReadonlySet<number> = new Set([
  ReservedTable.unspec,
  ReservedTable.default,
  ReservedTable.main,
  ReservedTable.local,
]);

const highest = 0xffff_ffff;

/**
 * Assigns tables to `links`, which must be sorted by ifindex. The table of a link depends only on the link
 * and the policy, so that none moves when another link appears or vanishes. If two links get the same table,
 * the one with the lower ifindex has it.
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
  const configured = [link.name, ...link.altNames]
    .map((name) => policy.tables.get(name))
    .find((table) => table !== undefined);
  if (configured !== undefined) return { table: configured, origin: 'configured' };
  const derived = policy.tableBase + link.index;
  let table = derived;
  while (reserved.has(table) || fixed.has(table)) table = nextCandidate(table);
  return { table: tableId(table), origin: table === derived ? 'derived' : 'relocated' };
}

/** Returns the table one step higher, wrapping around at 32 bits. */
const nextCandidate = (table: number): number =>
  table + RELOCATION_STEP <= highest ? table + RELOCATION_STEP : ((table + RELOCATION_STEP) % highest) + 1;
