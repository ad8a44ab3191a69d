/** What a configuration asks for and cannot have, said when it is adopted. */
import {
  type Config,
  type Feature,
  formatProblem,
  keysThatNeedRestart,
  unsupported,
} from '../config/index.ts';
import type { Logger } from '../ports/logger.ts';
import type { DaemonParts } from './wiring/daemon-parts.ts';

/** What is built into this version, for the warning about keys that nothing heeds. */
const features: readonly Feature[] = [
  'systemd-networkd',
  'NetworkManager',
  'dhclient',
  'resolved',
  'hostnamed',
  'policy-routing',
  'filters',
];

/** What this version or this process has no means for. */
export function warnAboutConfig(
  config: Config,
  { configFile, identity, dryRun }: Pick<DaemonParts, 'configFile' | 'identity' | 'dryRun'>,
  log: Logger,
): void {
  for (const problem of unsupported(config, features, configFile)) log.warn(formatProblem(problem));
  if (config.routing.policyRules.length === 0 || identity.mayChangeRouting || dryRun) return;
  log.warn(
    'policy routing is off: without CAP_NET_ADMIN, rules and routes cannot be changed. Start netevd as root, or with AmbientCapabilities=CAP_NET_ADMIN',
    { component: 'routing', messageId: 'privilegeMissing' },
  );
}

/** Logs each changed key that takes effect at the next start only. */
export function warnAboutFixedSettings(before: Config, after: Config, log: Logger): void {
  for (const key of keysThatNeedRestart(before, after)) {
    log.warn(`${key} has changed: it takes effect with the next start`);
  }
}
