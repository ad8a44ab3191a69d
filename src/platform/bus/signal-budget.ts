/**
 * How many signals of one service are followed: a burst, and a number per second on average. More is an
 * overrun: the service's signals are dropped until the budget has recovered, and then it is read again.
 */
import type { Instant, Millis } from '../../core/model/ids.ts';
import { millis } from '../../core/model/ids.ts';

/** Signals that are followed in full, however quickly they come. */
export const burst: number = 20_000;
const perSecond = 5_000;

/** The rest of the budget at a moment; a value. */
export interface SignalBudget {
  readonly left: number;
  readonly at: Instant;
}

export const fullBudget = (now: Instant): SignalBudget => ({ left: burst, at: now });

/** The budget after one more signal; undefined where it is used up. */
export function spend(budget: SignalBudget, now: Instant): SignalBudget | undefined {
  const left = Math.min(burst, budget.left + ((now - budget.at) * perSecond) / 1_000);
  return left < 1 ? undefined : { left: left - 1, at: now };
}

/** How long an overrun lasts: until half of a burst is available again. */
export const recovery: Millis = millis((burst / 2 / perSecond) * 1_000);
