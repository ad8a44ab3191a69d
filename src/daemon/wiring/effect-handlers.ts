/** Connects each effect of the engine to the part that carries it out. */
import type { Activity } from '../../core/activity.ts';
import type { RunJournal } from '../../store/journal/run-journal.ts';
import type { EffectHandlers } from '../loop.ts';
import type { RouteChanger } from './build.ts';
import type { HookLanes } from './hook-lanes.ts';
import type { NameResolution } from './name-resolution.ts';

export interface EffectParts {
  readonly journal: Pick<RunJournal, 'record'>;
  readonly publish: (activity: Activity) => void;
  readonly hookLanes: HookLanes;
  readonly kernel: { read(request: Parameters<EffectHandlers['readKernel']>[0]['request']): void };
  readonly managers: { readNetworkd(): void };
  readonly routes: RouteChanger;
  readonly nameResolution: Pick<NameResolution, 'run'>;
}

/** `parts` is read at each effect: the loop is built before some of them. */
export function effectHandlers(parts: () => EffectParts): EffectHandlers {
  return {
    publish: ({ activity }) => {
      const { journal, publish } = parts();
      journal.record(activity);
      publish(activity);
    },
    runHooks: ({ order }, outcomes) => {
      const { lane, event } = order;
      void parts()
        .hookLanes.run(order, (run) => outcomes.hookRunEnded(run))
        .then(({ rejected }) => outcomes.hooksFinished(lane, { link: event.link, rejected }));
    },
    readKernel: ({ request }) => parts().kernel.read(request),
    readNetworkd: () => parts().managers.readNetworkd(),
    changeRouting: ({ effects }, outcomes) => {
      void parts()
        .routes.run(effects)
        .then((ended) => outcomes.routingFinished(ended));
    },
    callResolver: ({ calls }, outcomes) => {
      for (const group of parts().nameResolution.run(calls)) {
        void group.then((ended) => outcomes.resolverFinished(ended));
      }
    },
  };
}
