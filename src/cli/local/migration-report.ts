import type { MigrationProblem, SourcePlan } from '../../migrate/plan.ts';
import type { FileOutcome } from './migrate-apply.ts';
import type { RoutingResultLine } from './migrate-routing.ts';

/** A plan, and what became of each of its files. */
export interface SourceReport extends Omit<SourcePlan, 'configuration'> {
  readonly files: readonly FileOutcome[];
}

/** What was planned, or done. */
export interface MigrationReport {
  readonly isApplied: boolean;
  readonly hookDirectory: string;
  readonly sources: readonly SourceReport[];
  readonly routing: readonly RoutingResultLine[];
  readonly problems: readonly MigrationProblem[];
}
