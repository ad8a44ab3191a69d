/** Keys that are set although the part that would heed them is not there. */
import type { Config } from './config.ts';
import { defaultConfig } from './load.ts';
import type { Problem } from './problem.ts';
import { isSame } from './sections.ts';

/** Parts of the daemon that a key can depend on. */
export type Feature =
  | 'systemd-networkd'
  | 'NetworkManager'
  | 'dhclient'
  | 'policy-routing'
  | 'resolved'
  | 'hostnamed'
  | 'api'
  | 'tls'
  | 'metrics'
  | 'audit'
  | 'history'
  | 'filters';

interface Dependency {
  readonly path: string;
  readonly feature: Feature;
  readonly value: (config: Config) => unknown;
}

const dependencies: readonly Dependency[] = [
  { path: 'routing.policy_rules', feature: 'policy-routing', value: ({ routing }) => routing.policyRules },
  { path: 'routing.tables', feature: 'policy-routing', value: ({ routing }) => routing.tables },
  {
    path: 'backends.systemd_networkd.emit_json',
    feature: 'systemd-networkd',
    value: ({ backends }) => backends.systemdNetworkd.emitJson,
  },
  {
    path: 'backends.dhclient.lease_files',
    feature: 'dhclient',
    value: ({ backends }) => backends.dhclient.leaseFiles,
  },
  {
    path: 'backends.dhclient.use_dns',
    feature: 'resolved',
    value: ({ backends }) => backends.dhclient.useDns,
  },
  {
    path: 'backends.dhclient.use_domain',
    feature: 'resolved',
    value: ({ backends }) => backends.dhclient.useDomain,
  },
  {
    path: 'backends.dhclient.use_hostname',
    feature: 'hostnamed',
    value: ({ backends }) => backends.dhclient.useHostname,
  },
  { path: 'api.bind_address', feature: 'api', value: ({ api }) => api.bindAddress },
  { path: 'api.port', feature: 'api', value: ({ api }) => api.port },
  { path: 'api.token_file', feature: 'api', value: ({ api }) => api.tokenFile },
  { path: 'api.tls.enabled', feature: 'tls', value: ({ api }) => api.tls !== undefined },
  { path: 'metrics.port', feature: 'metrics', value: ({ metrics }) => metrics.port },
  { path: 'audit.enabled', feature: 'audit', value: ({ audit }) => audit.enabled },
  { path: 'events.database', feature: 'history', value: ({ events }) => events.database },
  { path: 'events.retention_days', feature: 'history', value: ({ events }) => events.retentionDays },
  { path: 'filters', feature: 'filters', value: ({ filters }) => filters },
];

/**
 * One warning for each key that differs from its default and whose part is not among `features`. `file` is what the
 * warnings call the configuration.
 */
export function unsupported(config: Config, features: readonly Feature[], file: string): readonly Problem[] {
  const standard = defaultConfig();
  const keys = dependencies
    .filter(({ feature, value }) => !features.includes(feature) && !isSame(value(config), value(standard)))
    .map(({ path, feature }) => warning(path, feature, file));
  const { backend } = config.system;
  if (backend === 'auto' || backend === 'kernel' || features.includes(backend)) return keys;
  return [warning('system.backend', backend, file), ...keys];
}

function warning(path: string, feature: Feature, file: string): Problem {
  const message = `set, but this daemon runs without ${feature}; the key has no effect`;
  const at = { line: 0, column: 0 };
  const code = 'NETEVD_CONFIG_UNSUPPORTED';
  return { code, severity: 'warning', file, ...at, path, found: feature, expected: 'nothing', message };
}
