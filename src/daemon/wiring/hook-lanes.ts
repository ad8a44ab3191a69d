/** What becomes of an order to run hooks: they run, and the journal notes how far they came. */
import type { HookRunOrder } from '../../core/hooks/hook-order.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { HookJobResult, HookRunner } from '../../effects/hooks/hook-runner.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunJournal } from '../../store/journal/run-journal.ts';

export interface HookLanes {
  /**
   * Resolves when all hooks of the order's event have had their turn, however they ended. `onRun` is called for each as
   * soon as it has ended, or was refused.
   */
  run(order: HookRunOrder, onRun: (run: HookRun) => void): Promise<Pick<HookJobResult, 'rejected'>>;
}

interface HookLanesParts {
  readonly hooks: HookRunner;
  readonly journal: RunJournal;
}

/** Hooks run. */
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

/** `--dry-run`: logs what would run, which counts as having run. */
export function dryHookLanes({ hooks, journal }: HookLanesParts, log: Logger): HookLanes {
  return {
    async run({ event }): Promise<Pick<HookJobResult, 'rejected'>> {
      // The event itself is logged first.
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
