/** Whether root may trust the configuration. */
import { resolve } from 'node:path';
import { fileRefusal } from '../../core/model/path-trust.ts';
import { ExitCode } from '../../exit-code.ts';
import { walk } from '../../platform/trust/path-walk.ts';
import { hookTrust, ownIdentity } from '../../platform/trust/trusted-owners.ts';
import { StartRefused } from './start-refused.ts';

/**
 * Throws StartRefused if the daemon starts as root and another user can change the configuration: it names the user that
 * hooks run as. A daemon that does not start as root decides for itself whom it trusts.
 */
export function refuseForeignConfig(file: string): void {
  const identity = ownIdentity();
  if (identity.uid !== 0) return;
  const trust = hookTrust(identity);
  // In a user namespace that does not map the machine's root, root's files appear to belong to the overflow user.
  const refusal = fileRefusal(walk(resolve(file)), { ...trust, owners: trust.directoryOwners });
  if (refusal === undefined) return;
  throw new StartRefused(
    'NETEVD_START_CONFIG_OWNER',
    `as root, netevd does not use a configuration that others can change: ${refusal.reason}; fix: ${refusal.remedy}`,
    ExitCode.config,
  );
}
