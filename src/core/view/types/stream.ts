/**
 * `GET /api/v1/events/stream` (Server-Sent Events):
 * `?interface=&event_type=&kind=&severity=&since=&snapshot=1`.
 *
 * The SSE `event:` field is the `type` below, `data:` the JSON of the message without `type`, of a `record`
 * the record itself. `id: <epoch>.<seq>` comes with `record` (its own), `bookmark` (the newest record, even if
 * the filter excludes it) and `snapshot` (the following records come after it), never with `hello`, `gap` and
 * `bye`. `retry: 2000` comes first.
 */
import type { Interface } from './links.ts';
import type { NetevdRecord } from './records.ts';
import type { Status } from './status.ts';
import type { Time } from './vocabulary.ts';

/** Always the first message. */
export interface Hello {
  readonly epoch: string;
  readonly hostname: string;
  readonly version: string;
  readonly time: Time;
  /** The oldest and newest available record; `null` if there is none. */
  readonly oldest: number | null;
  readonly head: number | null;
}

/**
 * The present state: after `hello` with `snapshot=1`, and after each gap. After a gap, `id:` is the last missing
 * record: the records that are still kept follow, although the state already contains those up to `seq`.
 */
export interface StreamSnapshot {
  /** The newest record that the state contains; `null` if there is none. */
  readonly seq: number | null;
  readonly status: Status;
  readonly interfaces: readonly Interface[];
}

/** Sent every 15 s: the connection is alive, and everything up to its id has been sent. */
export interface Bookmark {
  readonly time: Time;
}

/**
 * Requested records that are not available. A snapshot follows; after `slow-reader` the stream ends instead,
 * and the reader reconnects.
 */
export interface Gap {
  readonly cause: 'expired' | 'slow-reader' | 'other-epoch' | 'history-failed';
  /** `<epoch>.<seq>` of the first and the last record that is missing; `null` if unknown. */
  readonly from: string | null;
  readonly to: string | null;
  /** The oldest stored number. */
  readonly oldest: number | null;
  /** How many are missing; `null` if unknown. */
  readonly lost: number | null;
}

/** The daemon ends the stream. */
export interface Bye {
  readonly reason: 'stopping' | 'reloading' | 'slow-reader' | 'limit';
}

export type StreamMessage =
  | ({ readonly type: 'hello' } & Hello)
  | ({ readonly type: 'snapshot' } & StreamSnapshot)
  | { readonly type: 'record'; readonly record: NetevdRecord }
  | ({ readonly type: 'bookmark' } & Bookmark)
  | ({ readonly type: 'gap' } & Gap)
  | ({ readonly type: 'bye' } & Bye);
