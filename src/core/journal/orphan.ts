/** How long a script that an earlier run started may still run. */
import { type Millis, millis } from '../model/ids.ts';

/**
 * Returns what is left of `timeout` for a script that has run for `age`, at least one millisecond. A timeout of 0 means
 * no limit, as in the configuration.
 */
export function orphanTimeout(age: Millis, timeout: Millis): Millis {
  return timeout === 0 ? timeout : millis(Math.max(1, timeout - age));
}
