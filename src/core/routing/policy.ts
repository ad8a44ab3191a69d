/** The policy of policy routing: the `routing` section of the configuration. */
import { matchAny } from '../model/glob.ts';
import type { TableId } from '../model/ids.ts';

export interface RoutingPolicy {
  /** Names or globs of the policy links. Each gets its own table. */
  readonly links: readonly string[];
  /** The table of a link is this plus its ifindex. */
  readonly tableBase: number;
  /** Fixed tables by link name. */
  readonly tables: ReadonlyMap<string, TableId>;
  /** First of the priorities that netevd owns; `auto`: see `wantedBand`. */
  readonly rulePriority: number | 'auto';
}

const matchers = new WeakMap<readonly string[], (name: string) => boolean>();

/** Whether a link is a policy link, by its name or an alternative one (`altname` of ip-link(8)). */
export const isSelectedLink = (
  policy: RoutingPolicy,
  { name, altNames }: { readonly name: string; readonly altNames: readonly string[] },
): boolean => isSelected(policy, name) || altNames.some((other) => isSelected(policy, other));

function isSelected(policy: RoutingPolicy, name: string): boolean {
  let matches = matchers.get(policy.links);
  if (matches === undefined) {
    matches = matchAny(policy.links);
    matchers.set(policy.links, matches);
  }
  return matches(name);
}

/** Returns the policy without links: planning by it removes every rule and route of netevd. */
export const withoutLinks = (policy: RoutingPolicy): RoutingPolicy => ({ ...policy, links: [] });
