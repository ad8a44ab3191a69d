/** Policy routing that only says what it would do. */

import { NOT_TRIED } from '../../core/routing/plan/retry.ts';
import type { RoutingEffect, RoutingOutcome } from '../../core/routing/plan/routing-effect.ts';
import { effectKey } from '../../core/routing/plan/routing-memory.ts';
import { effectCommand } from '../../core/routing/report/effect-command.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';

export class DryRouteRunner {
  readonly #say: (command: string) => void;
  readonly #nameOf: LinkNameOf;
  readonly #said = new Set<string>();

  /** `say` gets one command of iproute2 for each effect, once. `nameOf` names links as they are called now. */
  constructor(say: (command: string) => void, nameOf: LinkNameOf) {
    this.#say = say;
    this.#nameOf = nameOf;
  }

  /** Nothing is done; the planner is told so, and asks again now and then. */
  run(effects: readonly RoutingEffect[]): Promise<readonly RoutingOutcome[]> {
    for (const effect of effects) {
      const key = effectKey(effect);
      if (this.#said.has(key)) continue;
      this.#said.add(key);
      this.#say(effectCommand(effect, this.#nameOf));
    }
    return Promise.resolve(effects.map((effect) => ({ effect, result: NOT_TRIED })));
  }
}
