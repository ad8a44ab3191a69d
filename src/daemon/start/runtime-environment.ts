/** Variables by which the runtime, and not netevd, would do something else. */
import { StartRefused } from './start-refused.ts';

/**
 * BUN_OPTIONS runs code before ours; BUN_INSPECT opens a debugger to whoever can reach its port. Both are for whoever
 * starts the daemon to set, and have no business there: this tells of a mistake, and is no protection.
 */
const switches = /^BUN_(OPTIONS|INSPECT(_\w+)?)$/;

/** Throws StartRefused where one of them is set. */
export function refuseRuntimeSwitches(env: Readonly<Record<string, string | undefined>>): void {
  const found = Object.keys(env).filter((name) => switches.test(name) && env[name] !== '');
  if (found.length === 0) return;
  throw new StartRefused(
    'NETEVD_START_ENVIRONMENT',
    `${found.join(', ')} in the environment ${found.length === 1 ? 'opens' : 'open'} the runtime to others: unset ${found.join(' ')}`,
  );
}
