/** The effective configuration as the rest of the program sees it: validated, complete, frozen. */

import type { DampingPolicy } from '../core/events/damping/penalty.ts';
import type { OnStart } from '../core/events/start-events.ts';
import type { FilterRule } from '../core/filters/decide.ts';
import type { IpAddress } from '../core/model/address.ts';
import type { Millis, TableId } from '../core/model/ids.ts';
import type { LinkPatterns } from '../core/model/link-selection.ts';
import type { LogFormatSetting, LogLevel } from '../ports/logger.ts';

export type { LogFormatSetting, LogLevel, OnStart };
/** Source of link and manager states; `auto`: every manager that runs. */
export type BackendChoice = 'auto' | 'systemd-networkd' | 'NetworkManager' | 'dhclient' | 'kernel';
export type OnStop = 'keep' | 'remove';

export interface SystemConfig {
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormatSetting;
  readonly backend: BackendChoice;
  /** The user to become when started as root. */
  readonly user: string;
  /** State that survives a restart. */
  readonly runtimeDirectory: string;
}

export interface HooksConfig {
  /** Directory of the `*.d` directories. */
  readonly directory: string;
  /** Of one hook; 0: none. */
  readonly timeout: Millis;
  /** Between SIGTERM and SIGKILL. */
  readonly killGrace: Millis;
  readonly debounce: Millis;
  /** Links whose hooks run at the same time. */
  readonly maxParallel: number;
  /** Waiting events of one link. */
  readonly queueLimit: number;
  /** Captured bytes of stdout and stderr of one run. */
  readonly outputLimit: number;
  readonly onStart: OnStart;
}

/** What *online* means. */
export interface OnlineConfig {
  readonly families: 'any' | 'ipv4' | 'ipv6' | 'both';
  /** Names or globs; empty: every monitored link. */
  readonly links: readonly string[];
}

export interface RoutingConfig {
  /** Names or globs of the links that get their own routing table. */
  readonly policyRules: readonly string[];
  /** Table of a link = base + ifindex. */
  readonly tableBase: number;
  /** Fixed tables of links, by name. Without a prototype, so that any name can be looked up. */
  readonly tables: Readonly<Record<string, TableId>>;
  /** First of the 1000 priorities that netevd owns. */
  readonly rulePriority: number | 'auto';
  readonly onStop: OnStop;
}

export interface DhclientConfig {
  /** Absolute paths whose last component may be a glob. */
  readonly leaseFiles: readonly string[];
  readonly useDns: boolean;
  readonly useDomain: boolean;
  readonly useHostname: boolean;
}

export interface BackendsConfig {
  readonly systemdNetworkd: { readonly emitJson: boolean };
  readonly dhclient: DhclientConfig;
  readonly networkManager: Readonly<Record<never, never>>;
}

export interface ApiConfig {
  readonly enabled: boolean;
  readonly bindAddress: IpAddress;
  /** 0 = any free port. */
  readonly port: number;
  /** Path of the Unix socket; undefined = none. */
  readonly socket: string | undefined;
  /** Path of the Unix socket for changes; undefined = none. */
  readonly controlSocket: string | undefined;
  /** File with the bearer token for TCP. */
  readonly tokenFile: string | undefined;
  /** Undefined = plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
}

export interface MetricsConfig {
  readonly enabled: boolean;
  /** 0 = on the API's listener. */
  readonly port: number;
}

export interface AuditConfig {
  readonly enabled: boolean;
  readonly path: string;
  readonly retentionDays: number;
}

export interface EventsConfig {
  /** Path of the SQLite file; undefined: memory only. */
  readonly database: string | undefined;
  readonly retentionDays: number;
  /** Largest size of the database, in units of 2^20 bytes. */
  readonly maxSizeMb: number;
  /** Events kept in memory. */
  readonly memory: number;
}

/** Deeply frozen; a reload makes a new object. */
export interface Config {
  readonly system: SystemConfig;
  readonly monitoring: LinkPatterns;
  readonly hooks: HooksConfig;
  readonly routing: RoutingConfig;
  readonly backends: BackendsConfig;
  readonly api: ApiConfig;
  readonly metrics: MetricsConfig;
  readonly audit: AuditConfig;
  readonly events: EventsConfig;
  readonly online: OnlineConfig;
  readonly damping: DampingPolicy;
  readonly filters: readonly FilterRule[];
}

/** Top-level keys of the file and of Config alike. */
export type Section = keyof Config;

/** Freezes `value` and everything in it; for plain data without cycles. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
