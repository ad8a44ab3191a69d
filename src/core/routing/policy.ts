/** What the operator asks of policy routing: the `routing` section of the configuration. */
import { matchAny } from '../model/glob.ts';
import type { TableId } from '../model/ids.ts';

export interface RoutingPolicy {
  /** Names or globs of the links that get a table of their own. */
  readonly links: readonly string[];
  /** The table of a link is this plus its ifindex. */
  readonly tableBase: number;
  /** Fixed tables, by the name of the link. */
  readonly tables: ReadonlyMap<string, TableId>;
  /** First of the priorities that netevd owns. */
  readonly rulePriority: number;
}

const matchers = new WeakMap<readonly string[], (name: string) => boolean>();

/** Whether the link that bears `name` now gets a table of its own. */
export function isSelected(policy: RoutingPolicy, name: string): boolean {
  let matches = matchers.get(policy.links);
  if (matches === undefined) {
    matches = matchAny(policy.links);
    matchers.set(policy.links, matches);
  }
  return matches(name);
}

/** The same policy with no link in it: planning by it removes everything that netevd made. */
export const withdrawn = (policy: RoutingPolicy): RoutingPolicy => ({ ...policy, links: [] });
