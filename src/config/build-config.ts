/** The file after validation ↔ the configuration that the program uses. */

import { parseCondition } from '../core/filters/condition-parser.ts';
import type { FilterMatch, FilterRule } from '../core/filters/decide.ts';
import { parseIp } from '../core/model/address.ts';
import { millis, type TableId, tableId } from '../core/model/ids.ts';
import type { ApiConfig, Config, HooksConfig, RoutingConfig } from './config.ts';
import { deepFreeze } from './config.ts';
import type { Environment } from './environment-overrides.ts';
import type { ConfigFile, FilterFile } from './schema/config-file.ts';

/** Builds and freezes. `file` must have passed validation; anything that does not hold then is a bug. */
export function buildConfig(file: ConfigFile, env: Environment): Config {
  const runtimeDirectory = file.system.runtime_directory ?? runtimeDirectoryOf(env);
  return deepFreeze<Config>({
    system: {
      logLevel: file.system.log_level,
      logFormat: file.system.log_format,
      backend: file.system.backend,
      user: file.system.user,
      runtimeDirectory,
    },
    monitoring: {
      interfaces: [...file.monitoring.interfaces],
      matchPatterns: [...file.monitoring.match_patterns],
      exclude: [...file.monitoring.exclude],
    },
    hooks: buildHooks(file.hooks),
    routing: buildRouting(file.routing),
    backends: {
      systemdNetworkd: { emitJson: file.backends.systemd_networkd.emit_json },
      dhclient: {
        leaseFiles: [...file.backends.dhclient.lease_files],
        useDns: file.backends.dhclient.use_dns,
        useDomain: file.backends.dhclient.use_domain,
        useHostname: file.backends.dhclient.use_hostname,
      },
      networkManager: {},
    },
    api: buildApi(file.api, runtimeDirectory),
    metrics: {
      enabled: file.metrics.enabled,
      port: file.metrics.port === file.api.port ? 0 : file.metrics.port,
    },
    audit: {
      enabled: file.audit.enabled,
      path: file.audit.path,
      retentionDays: file.audit.retention_days,
    },
    events: {
      database: file.events.database === '' ? undefined : file.events.database,
      retentionDays: file.events.retention_days,
      memory: file.events.memory,
    },
    filters: file.filters.map(buildFilter),
  });
}

/** systemd.exec(5): several directories are joined by colons. */
function runtimeDirectoryOf(env: Environment): string {
  const first = env['RUNTIME_DIRECTORY']?.split(':')[0];
  return first?.startsWith('/') === true ? first : '/run/netevd';
}

function buildHooks(hooks: ConfigFile['hooks']): HooksConfig {
  return {
    directory: hooks.directory,
    timeout: millis(Math.round(hooks.timeout_sec * 1000)),
    killGrace: millis(Math.round(hooks.kill_grace_sec * 1000)),
    debounce: millis(hooks.debounce_ms),
    maxParallel: hooks.max_parallel,
    queueLimit: hooks.queue_limit,
    outputLimit: hooks.output_limit_kb * 1024,
    onStart: hooks.on_start,
  };
}

function buildRouting(routing: ConfigFile['routing']): RoutingConfig {
  const tables: Record<string, TableId> = Object.create(null);
  for (const [name, id] of Object.entries(routing.tables)) tables[name] = tableId(id);
  return {
    policyRules: [...routing.policy_rules],
    tableBase: routing.table_base,
    tables,
    rulePriority: routing.rule_priority,
    onStop: routing.on_stop,
  };
}

function buildApi(api: ConfigFile['api'], runtimeDirectory: string): ApiConfig {
  const bindAddress = parseIp(api.bind_address);
  if (bindAddress === undefined) throw new Error(`api.bind_address was not validated: ${api.bind_address}`);
  const { cert_file: certFile, key_file: keyFile } = api.tls;
  const hasTls = api.tls.enabled && certFile !== undefined && keyFile !== undefined;
  return {
    enabled: api.enabled,
    bindAddress,
    port: api.port,
    socket: api.socket === '' ? undefined : (api.socket ?? `${runtimeDirectory}/netevd.sock`),
    tokenFile: api.token_file,
    tls: hasTls ? { certFile, keyFile } : undefined,
  };
}

function buildFilter(filter: FilterFile): FilterRule {
  const rule = { match: buildMatch(filter.match_rule), action: filter.action };
  return filter.scripts === undefined ? rule : { ...rule, scripts: [...filter.scripts] };
}

function buildMatch(match: FilterFile['match_rule']): FilterMatch {
  return {
    ...(match.interface === undefined ? {} : { interface: match.interface }),
    ...(match.interface_pattern === undefined ? {} : { interfacePattern: match.interface_pattern }),
    ...(match.event_type === undefined ? {} : { eventType: match.event_type }),
    ...(match.ip_family === undefined ? {} : { ipFamily: match.ip_family }),
    ...(match.backend === undefined ? {} : { backend: match.backend }),
    ...(match.condition === undefined ? {} : buildCondition(match.condition)),
  };
}

function buildCondition(text: string): Pick<FilterMatch, 'condition' | 'conditionText'> {
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(`a condition was not validated: ${parsed.problem.message}`);
  return { condition: parsed.condition, conditionText: text };
}
