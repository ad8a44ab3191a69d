/** Rules and tables that predecessors have left: found in the kernel, and on demand removed. */
import type { KernelSnapshot } from '../../core/model/fact.ts';
import type { RoutingEffect, RoutingOutcome } from '../../core/routing/plan/routing-effect.ts';
import type { MigrationProblem, SourceName } from '../../migrate/plan.ts';
import { findStaleRouting } from '../../migrate/stale-routing.ts';

/** The kernel's rules and routes. */
export interface StaleRoutingReader {
  /** Rejects with an Error where the kernel cannot be asked. */
  dumpKernel(): Promise<KernelSnapshot>;
  /** One outcome for each effect, in their order. */
  run(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]>;
}

/** One rule or route. */
export interface RoutingResultLine {
  /** The `ip` command that removes it. */
  readonly command: string;
  readonly why: string;
  /** `found`: nothing was asked for. `planned`: a dry run. `doubtful`: it may be another program's, and stays. */
  readonly state: 'found' | 'planned' | 'removed' | 'failed' | 'doubtful';
}

/** Rules and routes are removed where both are true. */
export interface StaleRoutingOptions {
  readonly apply: boolean;
  readonly removeStaleRouting: boolean;
}

interface StaleRoutingReport {
  readonly lines: readonly RoutingResultLine[];
  readonly problems: readonly MigrationProblem[];
}

/** Looks where one of the two programs that made rules is meant, or the flag says so. */
export async function staleRouting(
  names: readonly SourceName[],
  options: StaleRoutingOptions,
  reader: StaleRoutingReader,
): Promise<StaleRoutingReport> {
  const isMeant = names.length === 0 || names.includes('network-broker') || names.includes('netevd-rust');
  if (!isMeant && !options.removeStaleRouting) return { lines: [], problems: [] };
  const snapshot = await readKernel(reader);
  if ('problem' in snapshot) return { lines: [], problems: [snapshot.problem] };
  const { removals, doubtful } = findStaleRouting(snapshot.kernel);
  const kept = doubtful.map((line): RoutingResultLine => ({ ...line, state: 'doubtful' }));
  if (!options.removeStaleRouting || !options.apply) {
    const state = options.removeStaleRouting ? 'planned' : 'found';
    return {
      lines: [...removals.map(({ command, why }) => ({ command, why, state }) as const), ...kept],
      problems: [],
    };
  }
  const outcomes = await reader.run(removals.map(({ effect }) => effect));
  const lines = removals.map(({ command, why }, i): RoutingResultLine => {
    return { command, why, state: isGone(outcomes[i]) ? 'removed' : 'failed' };
  });
  const problems = removals.flatMap(({ command }, i) => failureOf(command, outcomes[i]));
  return { lines: [...lines, ...kept], problems };
}

type Kernel = { readonly kernel: KernelSnapshot } | { readonly problem: MigrationProblem };

async function readKernel(reader: StaleRoutingReader): Promise<Kernel> {
  try {
    return { kernel: await reader.dumpKernel() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const text = `its rules and routes cannot be read: ${error.message}`;
    const remedy = 'look at them with ip rule and ip route show table all';
    return { problem: { code: 'NETEVD_MIGRATE_INPUT', file: 'kernel', line: 0, text, remedy } };
  }
}

/** Not there any more is as good: ENOENT for a rule, ESRCH for a route. */
function isGone(outcome: RoutingOutcome | undefined): boolean {
  if (outcome === undefined) return false;
  return outcome.result.kind === 'done' || ['ENOENT', 'ESRCH'].includes(outcome.result.code);
}

function failureOf(command: string, outcome: RoutingOutcome | undefined): readonly MigrationProblem[] {
  if (isGone(outcome)) return [];
  const code = outcome?.result.kind === 'failed' ? outcome.result.code : 'ETIMEDOUT';
  const text = `not removed (${code}): ${command}`;
  const remedy = code === 'EPERM' ? 'run it as root' : 'run the command, and see what ip says';
  return [{ code: 'NETEVD_MIGRATE_WRITE', file: 'kernel', line: 0, text, remedy }];
}
