/** Plans the migration from one program. */
import { salvageConfig } from '../config/index.ts';
import { type MigrationTarget, type SourceInput, textOf } from './input.ts';
import type { SourceName, SourcePlan } from './plan.ts';
import { planIfupdown, planNetworkdDispatcher, planNetworkManager } from './plan-dispatchers.ts';
import { planNetevdRust, planNetworkBroker } from './plan-predecessors.ts';

const planners: Readonly<Record<SourceName, (input: SourceInput, into: MigrationTarget) => SourcePlan>> = {
  'network-broker': planNetworkBroker,
  'netevd-rust': planNetevdRust,
  'networkd-dispatcher': planNetworkdDispatcher,
  NetworkManager: planNetworkManager,
  ifupdown: planIfupdown,
};

/** Total: accepts any content of the files. */
export const planSource = (input: SourceInput, into: MigrationTarget): SourcePlan =>
  planners[input.source](input, into);

/**
 * Whether there is anything to migrate. `/etc/netevd` is netevd's own directory. It belongs to the Rust program only if its
 * configuration has the first schema, or has keys that netevd does not know.
 */
export function isThere({ source, configurations, directories }: SourceInput): boolean {
  if (source !== 'netevd-rust') {
    return configurations.length > 0 || directories.some(({ entries }) => entries.length > 0);
  }
  const [file] = configurations;
  const text = file?.kind === 'file' ? textOf(file.content) : undefined;
  const salvaged = text === undefined || file === undefined ? undefined : salvageConfig(text, file.path);
  return salvaged?.ok === true && (salvaged.isLegacy || salvaged.dropped.length > 0);
}
