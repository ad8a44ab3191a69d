/** Names of the tables of policy links for iproute2: lines of rt_tables.d (ip-route(8)). */
import type { TableId } from '../../model/ids.ts';
import { isSelectedLink, type RoutingPolicy } from '../policy.ts';
import type { RoutingView } from '../view/view.ts';
import { assignTables } from './tables.ts';

export type TableNames = ReadonlyMap<TableId, string>;

export const noTableNames: TableNames = new Map();

/** Blanks separate the fields of rt_tables.d, and `#` starts a comment. */
const validName = /^[A-Za-z0-9_.:+@-]+$/;

const cache = new WeakMap<RoutingView, { readonly policy: RoutingPolicy; readonly names: TableNames }>();

/** Returns the names of the tables of present links; the same object while view and policy are the same. */
export function tableNames(view: RoutingView, policy: RoutingPolicy): TableNames {
  const last = cache.get(view);
  if (last?.policy === policy) return last.names;
  const links = view.links.filter((link) => !link.loopback && isSelectedLink(policy, link));
  const assignments = assignTables(links, policy);
  const names = new Map<TableId, string>();
  for (const link of links) {
    const assignment = assignments.get(link.index);
    const isOwn = assignment !== undefined && assignment.takenBy === undefined;
    if (isOwn && validName.test(link.name)) names.set(assignment.table, `netevd-${link.name}`);
  }
  cache.set(view, { policy, names });
  return names;
}

/** Renders a file for rt_tables.d. */
export function tableNamesText(names: TableNames): string {
  const lines = [...names].map(([table, name]) => `${table}\t${name}\n`);
  return `# Tables of netevd's links, written by netevd.\n${lines.join('')}`;
}
