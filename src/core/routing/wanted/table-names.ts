/** What iproute2 may call the tables of the links: lines of rt_tables.d (ip-route(8)). */
import type { TableId } from '../../model/ids.ts';
import { isSelected, type RoutingPolicy } from '../policy.ts';
import type { RoutingView } from '../view/view.ts';
import { assignTables } from './tables.ts';

export type TableNames = ReadonlyMap<TableId, string>;

export const noTableNames: TableNames = new Map();

/** A file of tables separates by blanks, and `#` begins a comment. */
const writable = /^[A-Za-z0-9_.:+@-]+$/;

const known = new WeakMap<RoutingView, { readonly policy: RoutingPolicy; readonly names: TableNames }>();

/** The tables of the links that are there; the same object as long as view and policy are. */
export function tableNames(view: RoutingView, policy: RoutingPolicy): TableNames {
  const last = known.get(view);
  if (last?.policy === policy) return last.names;
  const links = view.links.filter((link) => !link.loopback && isSelected(policy, link.name));
  const assignments = assignTables(links, policy);
  const names = new Map<TableId, string>();
  for (const link of links) {
    const assignment = assignments.get(link.index);
    const isOwn = assignment !== undefined && assignment.takenBy === undefined;
    if (isOwn && writable.test(link.name)) names.set(assignment.table, `netevd-${link.name}`);
  }
  known.set(view, { policy, names });
  return names;
}

/** The content of a file in rt_tables.d. */
export function tableNamesText(names: TableNames): string {
  const lines = [...names].map(([table, name]) => `${table}\t${name}\n`);
  return `# Tables of netevd's links, written by netevd.\n${lines.join('')}`;
}
