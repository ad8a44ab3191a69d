/** Whether the configuration may be obeyed by root. */
import { resolve } from 'node:path';
import { fileRefusal } from '../../core/model/path-trust.ts';
import { ExitCode } from '../../exit-code.ts';
import { walk } from '../../platform/trust/path-walk.ts';
import { hookTrust, ownIdentity } from '../../platform/trust/trusted-owners.ts';
import { StartRefused } from './start-refused.ts';

/**
 * Throws StartRefused where the daemon starts as root and somebody else can change the configuration, which names the
 * user that scripts run as. Anybody but root chooses for themselves whom they obey.
 */
export function refuseForeignConfig(file: string): void {
  const identity = ownIdentity();
  if (identity.uid !== 0) return;
  const trust = hookTrust(identity);
  // Where the machine's root has no number, its files are a stranger's to look at.
  const refusal = fileRefusal(walk(resolve(file)), { ...trust, owners: trust.directoryOwners });
  if (refusal === undefined) return;
  throw new StartRefused(
    'NETEVD_START_CONFIG_OWNER',
    `root does not obey a configuration that others can change: ${refusal.reason}; to mend it: ${refusal.remedy}`,
    ExitCode.config,
  );
}
