/** What becomes of an order to run hooks: they run, and the book and the operator hear of it. */
import type { HookRunOrder } from '../../core/effect.ts';
import type { HookRunner } from '../../effects/hooks/hook-runner.ts';
import type { ActivityLog } from '../../observe/activity-log/activity-log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunJournal } from '../../store/journal/run-journal.ts';

export interface HookLanes {
  /** Resolves when the hooks of the order's event have ended, however they did. */
  run(order: HookRunOrder): Promise<void>;
}

interface HookLanesParts {
  readonly hooks: HookRunner;
  readonly journal: RunJournal;
}

/** Scripts run; each that has ended is told at once. */
export function hookLanes({ hooks, journal }: HookLanesParts, activityLog: ActivityLog): HookLanes {
  return {
    async run(order): Promise<void> {
      const { event, payload } = order;
      journal.taken(order);
      const report = await hooks.run({
        subject: { event, state: payload.state },
        onRun: (run) => activityLog.ran(run),
        ...payload.resume,
      });
      activityLog.leftOut(report.rejected, event.link?.name);
      if (!report.interrupted) journal.done(event.id);
    },
  };
}

/** `--dry-run`: what would run is said, and counts as having run. */
export function dryHookLanes({ hooks, journal }: HookLanesParts, log: Logger): HookLanes {
  return {
    async run({ event }): Promise<void> {
      // What has happened is told first.
      await undefined;
      if (hooks.mightRun(event.directory)) {
        log.info(`would run ${event.directory}.d`, {
          interface: event.link?.name,
          event: event.directory,
        });
      }
      journal.done(event.id);
    },
  };
}
