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
    const report = await lanes.run(order, onRun);
    metrics()?.eventDone(event.directory, millis(Math.max(0, clock.wall() - event.at)));
    return report;
  },
});
