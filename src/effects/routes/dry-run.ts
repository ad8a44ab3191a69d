/** Policy routing that only logs its effects. */

import { NOT_TRIED } from '../../core/routing/plan/retry.ts';
import type { RoutingEffect, RoutingOutcome } from '../../core/routing/plan/routing-effect.ts';
import { effectKey } from '../../core/routing/plan/routing-memory.ts';
import { effectCommand } from '../../core/routing/report/effect-command.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';

export class DryRouteRunner {
  readonly #log: (command: string) => void;
  readonly #nameOf: LinkNameOf;
  readonly #logged = new Set<string>();

  /** `log` gets one iproute2 command for each effect, once. `nameOf` returns the present name of a link. */
  constructor(log: (command: string) => void, nameOf: LinkNameOf) {
    this.#log = log;
    this.#nameOf = nameOf;
  }

  /** Executes nothing. The outcomes report that; the planner retries now and then. */
  run(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]> {
    for (const effect of effects) {
      const key = effectKey(effect);
      if (this.#logged.has(key)) continue;
      this.#logged.add(key);
      this.#log(effectCommand(effect, this.#nameOf));
    }
    return Promise.resolve(effects.map((effect) => ({ effect, result: NOT_TRIED })));
  }
}
