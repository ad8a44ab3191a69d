/** Counts what hooks are given to do. */
import { millis } from '../../core/model/ids.ts';
import type { MetricsInput } from '../../observe/metrics/input.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HookLanes } from './hook-lanes.ts';

/** The lanes, counted. `metrics` is undefined until they are collected. */
export const countedLanes = (
  lanes: HookLanes,
  metrics: () => MetricsInput | undefined,
  clock: Pick<Clock, 'wall'>,
): HookLanes => ({
  async run(order, onRun) {
    const { event, covers } = order;
    metrics()?.eventDispatched(event.directory, event.link?.name);
    for (let merged = 1; merged < covers.length; merged++) metrics()?.eventCoalesced();
    let isFirst = !event.initial && !event.resync;
    const report = await lanes.run(order, (run) => {
      if (isFirst && run.duration > 0 && !run.retry) {
        isFirst = false;
        metrics()?.hookStarted(millis(Math.max(0, run.startedAt - event.at)));
      }
      onRun(run);
    });
    metrics()?.eventDone(event.directory, millis(Math.max(0, clock.wall() - event.at)));
    return report;
  },
});
