/**
 * `GET /api/v1/events/stream` (Server-Sent Events):
 * `?interface=&event_type=&kind=&severity=&since=&snapshot=1`.
 *
 * The SSE `event:` field is the `type` below, `data:` the JSON of the message without `type`, of a `record` the record
 * itself. `id: <epoch>.<seq>` comes with `record` (its own), `bookmark` (the newest record, also where a filter kept it
 * from this reader) and `snapshot` (where the records that follow begin), never with `hello`, `gap` and `bye`.
 * `retry: 2000` comes first.
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
  /** The oldest and newest record that can be had; `null` where there is none. */
  readonly oldest: number | null;
  readonly head: number | null;
}

/**
 * With `snapshot=1` after `hello`, and after each gap: the state now. After a gap the records that are still kept follow,
 * although the state contains them already: its `id:` is the last record that is missing, its `seq` the newest of all.
 */
export interface Snapshot {
  /** The newest record that the state contains; `null` where there is none. */
  readonly seq: number | null;
  readonly status: Status;
  readonly interfaces: readonly Interface[];
}

/** Every 15 s: the connection lives, and everything up to its id has been sent. */
export interface Bookmark {
  readonly time: Time;
}

/**
 * Records that were asked for and cannot be had. A snapshot follows; after `slow-reader` the stream ends instead, and
 * the reader comes back.
 */
export interface Gap {
  readonly cause: 'expired' | 'slow-reader' | 'other-epoch' | 'history-failed';
  /** `<epoch>.<seq>` of the first and the last record that is missing; `null` where that is not known. */
  readonly from: string | null;
  readonly to: string | null;
  /** The oldest number that is still kept. */
  readonly oldest: number | null;
  /** How many are missing; `null` where that is not known. */
  readonly lost: number | null;
}

/** The daemon ends the stream. */
export interface Bye {
  readonly reason: 'stopping' | 'reloading' | 'slow-reader' | 'limit';
}

export type StreamMessage =
  | ({ readonly type: 'hello' } & Hello)
  | ({ readonly type: 'snapshot' } & Snapshot)
  | { readonly type: 'record'; readonly record: NetevdRecord }
  | ({ readonly type: 'bookmark' } & Bookmark)
  | ({ readonly type: 'gap' } & Gap)
  | ({ readonly type: 'bye' } & Bye);
