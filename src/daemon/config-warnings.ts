/** Warns of configured features that this version or this process cannot provide. */
import {
  type Config,
  type Feature,
  formatProblem,
  keysThatNeedRestart,
  unsupported,
} from '../config/index.ts';
import type { Logger } from '../ports/logger.ts';
import type { DaemonParts } from './wiring/daemon-parts.ts';

/** What is built into this version, for the warning about keys without effect. */
const features: readonly Feature[] = [
  'systemd-networkd',
  'NetworkManager',
  'dhclient',
  'resolved',
  'hostnamed',
  'policy-routing',
  'filters',
  'api',
  'tls',
  'metrics',
  'audit',
  'history',
];

/** Warns of keys without effect, and of a missing capability. */
export function warnAboutConfig(
  config: Config,
  { configFile, identity, dryRun }: Pick<DaemonParts, 'configFile' | 'identity' | 'dryRun'>,
  log: Logger,
): void {
  for (const problem of unsupported(config, features, configFile)) log.warn(formatProblem(problem));
  if (config.routing.policyRules.length === 0 || identity.mayChangeRouting || dryRun) return;
  log.warn(
    'policy routing has no effect: changing rules and routes needs CAP_NET_ADMIN; start netevd as root, or with AmbientCapabilities=CAP_NET_ADMIN',
    { component: 'routing', messageId: 'privilegeMissing' },
  );
}

/** Warns of changed keys that take effect at the next start only. */
export function warnAboutFixedSettings(before: Config, after: Config, log: Logger): void {
  for (const key of keysThatNeedRestart(before, after)) {
    log.warn(`${key} changed; takes effect at the next start`, { component: 'config', key });
  }
}
