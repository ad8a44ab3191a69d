/** What the audit log has a line for: who did what to what, and how it ended. Never the output of a hook. */

/** Who did it. */
export type AuditActor =
  /** The daemon, for what it observed or was configured to do. */
  | { readonly kind: 'daemon' }
  /** A process on this machine, known by its socket (unix(7), SO_PEERCRED). */
  | { readonly kind: 'process'; readonly uid: number; readonly pid: number }
  /** Somebody over TCP: nothing but the address is known. */
  | { readonly kind: 'address'; readonly address: string };

export type AuditResult = 'success' | 'failure' | 'partial';

/** How a hook ended; `code` of the exit, name of the signal, or the reason for which it was refused. */
export type ScriptEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly errno: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface NetworkEventEntry {
  readonly type: 'network_event';
  /** Name of the event: `routable`, `address-added` … */
  readonly event: string;
  /** Undefined for an event of the host. */
  readonly link?: string;
  readonly state: string;
  readonly backend: string;
}

export interface ScriptExecutionEntry {
  readonly type: 'script_execution';
  /** Path of the script. */
  readonly script: string;
  readonly event: string;
  readonly link?: string;
  readonly end: ScriptEnd;
  /** Undefined where it did not start. */
  readonly durationMs?: number;
}

export interface ConfigChangeEntry {
  readonly type: 'config_change';
  readonly action: 'start' | 'reload';
  /** Path of the configuration file. */
  readonly file: string;
  readonly result: AuditResult;
  /** Sections that differ. */
  readonly changed: readonly string[];
  /** How many errors the file has. */
  readonly problems: number;
}

export interface ApiRequestEntry {
  readonly type: 'api_request';
  readonly method: string;
  /** As it was sent, without the query: that can hold anything. */
  readonly path: string;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Error code of the answer, where it was refused. */
  readonly code?: string;
}

export interface RoutingChangeEntry {
  readonly type: 'route_change' | 'rule_change';
  readonly action: 'add' | 'replace' | 'delete';
  /** The route or rule as ip(8) writes it. */
  readonly object: string;
  readonly table: number;
  readonly link?: string;
  readonly result: AuditResult;
  /** Name of the errno, where it failed. */
  readonly errno?: string;
}

/** DNS servers and domains of a link, and the host name that a lease on it gave. */
export interface InterfaceChangeEntry {
  readonly type: 'interface_change';
  readonly action: 'set-dns' | 'set-domains' | 'revert-dns' | 'set-hostname';
  readonly link?: string;
  readonly values: readonly string[];
  /** D-Bus name of the service that was asked. */
  readonly service: string;
  readonly result: AuditResult;
  /** D-Bus name of the error, where it failed. */
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
  /** Number of the record that says the same in the history. */
  readonly seq?: number;
  /** Id of the event that this follows from. */
  readonly causedBy?: string;
}
