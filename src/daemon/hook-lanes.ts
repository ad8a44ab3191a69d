/** What becomes of an order to run hooks: they run, and the book and the operator hear of it. */
import type { HookRunOrder } from '../core/effect.ts';
import type { HookRunner } from '../effects/hooks/runner.ts';
import type { Logger } from '../ports/logger.ts';
import type { RunBook } from '../store/run-book.ts';
import type { Narrator } from './narrator.ts';

export interface HookLanes {
  /** Resolves when the hooks of the order's event have ended, however they did. */
  run(order: HookRunOrder): Promise<void>;
}

interface HookLanesParts {
  readonly hooks: HookRunner;
  readonly book: RunBook;
}

/** Scripts run; each that has ended is told at once. */
export function hookLanes({ hooks, book }: HookLanesParts, narrator: Narrator): HookLanes {
  return {
    async run(order): Promise<void> {
      const { event, payload } = order;
      book.taken(order);
      const report = await hooks.run({
        subject: { event, state: payload.state },
        onRun: (run) => narrator.ran(run),
        ...payload.resume,
      });
      narrator.leftOut(report.rejected, event.link?.name);
      if (!report.interrupted) book.done(event.id);
    },
  };
}

/** `--dry-run`: what would run is said, and counts as having run. */
export function dryHookLanes({ hooks, book }: HookLanesParts, log: Logger): HookLanes {
  return {
    async run({ event }): Promise<void> {
      // What has happened is told first.
      await undefined;
      if (hooks.hasHooks(event.directory)) {
        log.info(`would run ${event.directory}.d`, {
          interface: event.link?.name,
          event: event.directory,
        });
      }
      book.done(event.id);
    },
  };
}
