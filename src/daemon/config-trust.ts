/** Whether the configuration may be obeyed by root. */
import { resolve } from 'node:path';
import { ExitCode } from '../cli/exit-code.ts';
import { fileRefusal } from '../core/path-trust.ts';
import { walk } from '../effects/hooks/path-walk.ts';
import { hookTrust, ownIdentity } from '../effects/hooks/trust.ts';
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
