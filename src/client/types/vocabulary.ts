/** Words that several answers share. Clients must accept words that they do not know: a newer daemon may have more. */

/** RFC 3339, UTC, milliseconds: `2026-11-28T02:51:07.123Z`. */
export type Time = string;

/** `<epoch>/<seq>`: one record, in the whole world. */
export type RecordId = string;

/** Where facts come from. */
export type SourceName = 'kernel' | 'systemd-networkd' | 'NetworkManager' | 'dhclient';

/** How far a source can be trusted: `stale` went away or lost messages, and what is known is the last it reported. */
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
 * How much an operator should care. `error`: something that netevd or a hook was to do did not happen. `warning`: the
 * network got worse (carrier lost, address or default route gone, link damped), or netevd lost and re-read something.
 */
export type Severity = 'info' | 'warning' | 'error';

export type FamilyName = 'ipv4' | 'ipv6';

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, Json>>;

/** The body of every answer that is not a success. */
export interface ErrorAnswer {
  readonly error: ApiError;
}

/** Why a request failed. */
export interface ApiError {
  /** Stable: a `NETEVD_…` code of docs/errors.md. */
  readonly code: string;
  /** One sentence, with the remedy where there is one. */
  readonly message: string;
  /** Depends on the code; `null` where there is nothing to add. */
  readonly details: Json;
}
