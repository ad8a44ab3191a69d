/** Carries out an order to run hooks, and records the progress in the journal. */
import type { HookRunOrder } from '../../core/hooks/hook-order.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { HookJobResult, HookRunner } from '../../effects/hooks/hook-runner.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunJournal } from '../../store/journal/run-journal.ts';

export interface HookLanes {
  /**
   * Resolves when all hooks of the order's event have run or were refused. `onRun` is called for each of them
   * when it ends or is refused.
   */
  run(order: HookRunOrder, onRun: (run: HookRun) => void): Promise<Pick<HookJobResult, 'rejected'>>;
}

interface HookLanesParts {
  readonly hooks: HookRunner;
  readonly journal: RunJournal;
}

/** Runs hooks. */
export function hookLanes({ hooks, journal }: HookLanesParts): HookLanes {
  return {
    async run(order, onRun): Promise<HookJobResult> {
      const { event, payload } = order;
      journal.taken(order);
      const report = await hooks.run({
        subject: { event, state: payload.state },
        onRun,
        ...payload.resume,
      });
      if (!report.interrupted) journal.done(event.id);
      return report;
    },
  };
}

/** `--dry-run`: logs which hooks would run, and reports them as run. */
export function dryHookLanes({ hooks, journal }: HookLanesParts, log: Logger): HookLanes {
  return {
    async run({ event }): Promise<Pick<HookJobResult, 'rejected'>> {
      // After the line of the event itself.
      await undefined;
      if (hooks.mightRun(event.directory)) {
        log.info(`would run ${event.directory}.d`, {
          interface: event.link?.name,
          event: event.directory,
          component: 'dry-run',
        });
      }
      journal.done(event.id);
      return { rejected: [] };
    },
  };
}
