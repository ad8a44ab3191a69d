/** Environment variables that change the behaviour of the JavaScript runtime. */
import { StartRefused } from './start-refused.ts';

/**
 * BUN_OPTIONS runs other code before netevd; BUN_INSPECT opens a debugger to everyone who can reach its port. Only the
 * one who starts the daemon can set them, so this check finds an error; it is not a protection.
 */
const switches = /^BUN_(OPTIONS|INSPECT(_\w+)?)$/;

/** Throws StartRefused if one of them is set. */
export function refuseRuntimeSwitches(env: Readonly<Record<string, string | undefined>>): void {
  const found = Object.keys(env).filter((name) => switches.test(name) && env[name] !== '');
  if (found.length === 0) return;
  throw new StartRefused(
    'NETEVD_START_ENVIRONMENT',
    `${found.join(', ')} in the environment ${found.length === 1 ? 'opens' : 'open'} the runtime to others: unset ${found.join(' ')}`,
  );
}
