/** How long a script that an earlier run started may go on. */
import { type Millis, millis } from '../model/ids.ts';

/**
 * Its time counts from its own start, whoever watches: what is left of `timeout` for one that has run for `age`. 0
 * means for ever, as in the configuration; one whose time is over has a millisecond.
 */
export function orphanTimeout(age: Millis, timeout: Millis): Millis {
  return timeout === 0 ? timeout : millis(Math.max(1, timeout - age));
}
