/** The effective configuration in the spelling of its file. */
import type { Config } from './config.ts';
import type { ConfigFile, FilterFile } from './schema/config-file.ts';

/** A file that, parsed again, yields `config`. Keys that are not set and have no default are left out. */
export function describeConfig(config: Config): ConfigFile {
  const { system, monitoring, hooks, routing, backends, api, metrics, audit, events } = config;
  return {
    system: {
      log_level: system.logLevel,
      log_format: system.logFormat,
      backend: system.backend,
      user: system.user,
      runtime_directory: system.runtimeDirectory,
    },
    monitoring: {
      interfaces: monitoring.interfaces,
      match_patterns: monitoring.matchPatterns,
      exclude: monitoring.exclude,
    },
    hooks: {
      directory: hooks.directory,
      timeout_sec: hooks.timeout / 1000,
      kill_grace_sec: hooks.killGrace / 1000,
      debounce_ms: hooks.debounce,
      max_parallel: hooks.maxParallel,
      queue_limit: hooks.queueLimit,
      output_limit_kb: hooks.outputLimit / 1024,
      on_start: hooks.onStart,
    },
    routing: {
      policy_rules: routing.policyRules,
      table_base: routing.tableBase,
      tables: routing.tables,
      rule_priority: routing.rulePriority,
      on_stop: routing.onStop,
    },
    backends: {
      systemd_networkd: { emit_json: backends.systemdNetworkd.emitJson },
      dhclient: {
        lease_files: backends.dhclient.leaseFiles,
        use_dns: backends.dhclient.useDns,
        use_domain: backends.dhclient.useDomain,
        use_hostname: backends.dhclient.useHostname,
      },
      networkmanager: {},
    },
    api: describeApi(api),
    metrics: { enabled: metrics.enabled, port: metrics.port },
    audit: { enabled: audit.enabled, path: audit.path, retention_days: audit.retentionDays },
    events: { database: events.database ?? '', retention_days: events.retentionDays, memory: events.memory },
    filters: config.filters.map(describeFilter),
  };
}

function describeApi(api: Config['api']): ConfigFile['api'] {
  return {
    enabled: api.enabled,
    bind_address: api.bindAddress,
    port: api.port,
    socket: api.socket ?? '',
    ...(api.tokenFile === undefined ? {} : { token_file: api.tokenFile }),
    tls:
      api.tls === undefined
        ? { enabled: false }
        : { enabled: true, cert_file: api.tls.certFile, key_file: api.tls.keyFile },
  };
}

function describeFilter({ match, action, scripts }: Config['filters'][number]): FilterFile {
  return {
    match_rule: {
      ...(match.interface === undefined ? {} : { interface: match.interface }),
      ...(match.interfacePattern === undefined ? {} : { interface_pattern: match.interfacePattern }),
      ...(match.eventType === undefined ? {} : { event_type: match.eventType }),
      ...(match.ipFamily === undefined ? {} : { ip_family: match.ipFamily }),
      ...(match.backend === undefined ? {} : { backend: match.backend }),
      ...(match.conditionText === undefined ? {} : { condition: match.conditionText }),
    },
    action,
    ...(scripts === undefined ? {} : { scripts }),
  };
}
