import type { HookSubject } from '../../core/hooks/environment.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { Orphan } from '../../core/journal/recovery.ts';

/** One event to run the hooks of. */
export interface HookJob {
  readonly subject: HookSubject;
  /** Called as soon as a script has ended or was refused. */
  readonly onRun: (run: HookRun) => void;
  /** Paths of scripts that an earlier daemon has finished: they are skipped. */
  readonly done?: ReadonlySet<string>;
  /** Paths of scripts that may have run already: they run, with NETEVD_RETRY=1. */
  readonly uncertain?: ReadonlySet<string>;
  /** The script that an earlier daemon started last: no other runs before it has ended. */
  readonly orphan?: Orphan;
}
