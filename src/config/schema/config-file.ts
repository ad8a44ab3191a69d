/** The configuration in the spelling of its file, complete: what validation yields and what `GET /config` shows. */

import type { FilterAction, FilterFamily } from '../../core/filters/decide.ts';
import type { HookDirectory } from '../../core/model/event-table.ts';
import type { Source } from '../../core/model/vocabulary.ts';
import type { BackendChoice, LogFormat, LogLevel, OnStart, OnStop } from '../config.ts';

export interface FilterFile {
  readonly match_rule: {
    readonly interface?: string | undefined;
    readonly interface_pattern?: string | undefined;
    readonly event_type?: HookDirectory | undefined;
    readonly ip_family?: FilterFamily | undefined;
    readonly backend?: Source | undefined;
    readonly condition?: string | undefined;
  };
  readonly action: FilterAction;
  readonly scripts?: readonly string[] | undefined;
}

/** Keys and units as in the file. Keys without a default are absent or undefined where they are not set. */
export interface ConfigFile {
  readonly system: {
    readonly log_level: LogLevel;
    readonly log_format: LogFormat;
    readonly backend: BackendChoice;
    readonly user: string;
    readonly runtime_directory?: string | undefined;
  };
  readonly monitoring: {
    readonly interfaces: readonly string[];
    readonly match_patterns: readonly string[];
    readonly exclude: readonly string[];
  };
  readonly hooks: {
    readonly directory: string;
    readonly timeout_sec: number;
    readonly kill_grace_sec: number;
    readonly debounce_ms: number;
    readonly max_parallel: number;
    readonly queue_limit: number;
    readonly output_limit_kb: number;
    readonly on_start: OnStart;
  };
  readonly routing: {
    readonly policy_rules: readonly string[];
    readonly table_base: number;
    readonly tables: Readonly<Record<string, number>>;
    readonly rule_priority: number;
    readonly on_stop: OnStop;
  };
  readonly backends: {
    readonly systemd_networkd: { readonly emit_json: boolean };
    readonly dhclient: {
      readonly lease_files: readonly string[];
      readonly use_dns: boolean;
      readonly use_domain: boolean;
      readonly use_hostname: boolean;
    };
    readonly networkmanager: Readonly<Record<string, never>>;
  };
  readonly api: {
    readonly enabled: boolean;
    readonly bind_address: string;
    readonly port: number;
    readonly socket?: string | undefined;
    readonly token_file?: string | undefined;
    readonly tls: {
      readonly enabled: boolean;
      readonly cert_file?: string | undefined;
      readonly key_file?: string | undefined;
    };
  };
  readonly metrics: { readonly enabled: boolean; readonly port: number };
  readonly audit: { readonly enabled: boolean; readonly path: string; readonly retention_days: number };
  readonly events: { readonly database: string; readonly retention_days: number; readonly memory: number };
  readonly filters: readonly FilterFile[];
}
