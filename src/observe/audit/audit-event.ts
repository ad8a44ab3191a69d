/** The entries of the audit log: who did what, to what, and the result. Never the output of a hook. */
import type { HookResult } from '../../core/view/types/records.ts';

/** Who did it. */
export type AuditActor =
  /** The daemon: what it observed or was configured to do. */
  | { readonly kind: 'daemon' }
  /** A process on this machine, identified by its socket (unix(7), SO_PEERCRED). */
  | { readonly kind: 'process'; readonly uid: number; readonly pid: number }
  /** Whoever may open the socket of this name: a member of the group. */
  | { readonly kind: 'socket'; readonly name: string }
  /** A client over TCP: only its address is known. */
  | { readonly kind: 'address'; readonly address: string };

export type AuditResult = 'success' | 'failure' | 'partial';

export interface NetworkEventEntry {
  readonly type: 'network_event';
  /** Name of the event: `routable`, `address-added`; or of a source change: `source-lost` … */
  readonly event: string;
  /** Name of the link, `host`, or the source that changed. */
  readonly subject: string;
  readonly state: string;
  readonly backend: string;
}

export interface ScriptExecutionEntry {
  readonly type: 'script_execution';
  /** Path of the script. */
  readonly script: string;
  readonly event: string;
  readonly link?: string;
  readonly outcome: HookResult;
  readonly exitCode?: number;
  /** Name of the signal that ended it. */
  readonly signal?: string;
  /** Why it was refused or did not start. */
  readonly reason?: string;
  readonly durationMs: number;
}

export interface ConfigChangeEntry {
  readonly type: 'config_change';
  readonly action: 'start' | 'stop' | 'reload';
  /** Path of the configuration file. */
  readonly file: string;
  readonly result: AuditResult;
  /** Sections that differ. */
  readonly changed: readonly string[];
  /** Number of errors in the file. */
  readonly problems: number;
}

export interface ApiRequestEntry {
  readonly type: 'api_request';
  readonly method: string;
  /** As sent, without the query, which can contain anything. */
  readonly path: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Error code of the answer, if it was refused. */
  readonly code?: string;
}

export interface RoutingChangeEntry {
  readonly type: 'route_change' | 'rule_change';
  readonly action: 'added' | 'removed';
  /** The route or rule as ip(8) writes it. */
  readonly object: string;
  readonly table?: number;
  readonly link?: string;
  readonly result: AuditResult;
  /** Name of the errno, if it failed. */
  readonly errno?: string;
}

/** DNS servers and domains of a link, and the host name from a lease. */
export interface InterfaceChangeEntry {
  readonly type: 'interface_change';
  readonly object: 'dns' | 'domains' | 'hostname';
  readonly action: 'set' | 'reverted';
  readonly link?: string;
  /** The new value; empty if netevd's setting was reverted. */
  readonly value: string;
  readonly result: AuditResult;
  /** D-Bus name of the error, if it failed. */
  readonly error?: string;
}

export type AuditEntry =
  | NetworkEventEntry
  | ScriptExecutionEntry
  | ConfigChangeEntry
  | ApiRequestEntry
  | RoutingChangeEntry
  | InterfaceChangeEntry;

export interface AuditContext {
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  readonly actor: AuditActor;
  /** Number of the history's record about the same. */
  readonly seq?: number;
  /** Id of the event that caused this. */
  readonly causedBy?: string;
}
