/**
 * Identities and units. Each is a plain string or number at run time; the brand keeps an ifindex from being
 * passed where a table id belongs.
 */

declare const brand: unique symbol;
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Kernel interface index (`ifi_index`, linux/rtnetlink.h): positive; reused after a link is gone. */
export type IfIndex = Branded<number, 'IfIndex'>;
/** Routing table id (`rtm_table` / `RTA_TABLE`), 1 to 2^32-1. */
export type TableId = Branded<number, 'TableId'>;
/** A length of time in milliseconds. */
export type Millis = Branded<number, 'Millis'>;
/**
 * A point on the monotonic clock, in milliseconds since an arbitrary origin. Never compared across processes.
 */
export type Instant = Branded<number, 'Instant'>;
/** A point on the wall clock, in milliseconds since 1970-01-01T00:00:00Z. */
export type Timestamp = Branded<number, 'Timestamp'>;
/**
 * UUIDv7 (RFC 9562) of a record sequence: new for each boot, and for each state directory that starts empty.
 */
export type Epoch = Branded<string, 'Epoch'>;
/** Number of a record within its epoch: grows by one for each, also across restarts of the daemon. */
export type Seq = Branded<number, 'Seq'>;
/** Name of a record, `<epoch>/<seq>`: globally unique. */
export type EventId = Branded<string, 'EventId'>;
/** Counts the links that used one ifindex one after the other. netevd counts them; the kernel does not. */
export type Generation = Branded<number, 'Generation'>;

export const ifIndex = (value: number): IfIndex => value as IfIndex;
export const tableId = (value: number): TableId => value as TableId;
export const millis = (value: number): Millis => value as Millis;
export const instant = (value: number): Instant => value as Instant;
export const timestamp = (value: number): Timestamp => value as Timestamp;
export const epoch = (value: string): Epoch => value as Epoch;
export const seq = (value: number): Seq => value as Seq;
export const eventId = (value: string): EventId => value as EventId;
export const generation = (value: number): Generation => value as Generation;

/** Returns `at` plus `by`. */
export const after = (at: Instant, by: Millis): Instant => (at + by) as Instant;

/** Returns the earliest of these points in time, ignoring undefined ones; undefined if there is none. */
export function earliest<Time extends Instant | Timestamp>(
  times: readonly (Time | undefined)[],
): Time | undefined {
  let first: Time | undefined;
  for (const at of times) if (at !== undefined && (first === undefined || at < first)) first = at;
  return first;
}
