/** Values that several answers share. Clients must accept unknown values: a newer daemon may have more. */

/** RFC 3339, UTC, milliseconds: `2026-11-28T02:51:07.123Z`. */
export type Time = string;

/** `<epoch>/<seq>`: the globally unique name of a record. */
export type RecordId = string;

/** The sources of facts. */
export type SourceName = 'kernel' | 'systemd-networkd' | 'NetworkManager' | 'dhclient';

/** Freshness of a source. `stale`: it disappeared or lost messages, and its last report is used. */
export type SourceState = 'absent' | 'reading' | 'current' | 'stale';

/** networkctl(1) "OPERATIONAL", lowest first. */
export type OperationalState =
  | 'missing'
  | 'off'
  | 'no-carrier'
  | 'dormant'
  | 'degraded-carrier'
  | 'carrier'
  | 'degraded'
  | 'enslaved'
  | 'routable';

/**
 * Severity for the operator. `error`: netevd or a hook failed to do something. `warning`: the network got
 * worse (carrier lost, address or default route lost, link damped), or netevd lost and re-read something.
 */
export type Severity = 'info' | 'warning' | 'error';

export type FamilyName = 'ipv4' | 'ipv6';

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, Json>>;

/** The body of every error response. */
export interface ErrorAnswer {
  readonly error: ApiError;
}

/** Why a request failed. */
export interface ApiError {
  /** Stable: a `NETEVD_…` code of docs/errors.md. */
  readonly code: string;
  /** One sentence, with the remedy if there is one. */
  readonly message: string;
  /** Depends on the code; `null` if empty. */
  readonly details: Json;
}
