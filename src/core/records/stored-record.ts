/** A record as it is kept, and positions among records: what the history, the stream and every sink agree on. */
import type { RecordKind } from '../model/record.ts';

/** One numbered record, already rendered: nobody behind the core renders it a second time. */
export interface StoredRecord {
  /** UUIDv7 (RFC 9562), new for each boot and for each history that starts empty. */
  readonly epoch: string;
  /** 1, 2, 3 … within the epoch, without holes. */
  readonly seq: number;
  /** Wall clock, milliseconds since 1970. The clock may jump: order is `seq`'s alone. */
  readonly at: number;
  readonly kind: RecordKind;
  /** Type of the event: `routable`, `address-added` … */
  readonly type: string;
  /** Name of the link, where the record has one. */
  readonly link?: string;
  /** The whole record as one JSON object. */
  readonly json: string;
}

/** Names one record for ever. As a reader's position it means: read up to and including this one; 0 is before the first. */
export interface RecordPosition {
  readonly epoch: string;
  readonly seq: number;
}

/**
 * Why records are missing: retention has removed them; the position is of a history that this one does not know; or
 * they never reached the history (disk full, database locked, daemon killed).
 */
export type GapCause = 'expired' | 'other-instance' | 'history-failed';

/** Records that a reader does not get. Never left out, whatever the filter. */
export interface RecordGap {
  readonly kind: 'gap';
  readonly cause: GapCause;
  /** First and last missing record; null where nobody knows which they were. */
  readonly from: RecordPosition | null;
  readonly to: RecordPosition | null;
  /** How many are missing; null where that is unknown. */
  readonly lost: number | null;
}

export type RecordItem = StoredRecord | RecordGap;

/** A part of the records, in the order that was asked for. */
export interface RecordPage {
  readonly items: readonly RecordItem[];
  /** Where the next page goes on, also where a filter has left everything out. Null: there is no record yet. */
  readonly next: RecordPosition | null;
  /** Whether there is anything beyond `next` now. A page can be short, or empty, and yet have more behind it. */
  readonly more: boolean;
}

export const positionOf = ({ epoch, seq }: RecordPosition): RecordPosition => ({ epoch, seq });

/** `<epoch>.<seq>`, the `id` of the live stream. */
export const formatPosition = ({ epoch, seq }: RecordPosition): string => `${epoch}.${seq}`;

/** A UUID in lower case (RFC 9562), a dot, a number without leading zeros that JavaScript can hold exactly. */
const positionPattern =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(0|[1-9][0-9]{0,15})$/;

/** Reads what `formatPosition` writes; undefined where `text` is anything else. */
export function parsePosition(text: string): RecordPosition | undefined {
  const [, epoch, digits] = positionPattern.exec(text) ?? [];
  const seq = Number(digits);
  return epoch === undefined || !Number.isSafeInteger(seq) ? undefined : { epoch, seq };
}

/**
 * What is missing between two records that should follow each other: `last` is the newest that is kept (null: none),
 * `first` the next one that is. Undefined where nothing is missing. The end of an earlier epoch is unknown, so a
 * change of epoch is a gap only where the new one does not start with its first record.
 */
export function gapBetween(last: RecordPosition | null, first: RecordPosition): RecordGap | undefined {
  const from = last?.epoch === first.epoch ? last.seq + 1 : 1;
  return first.seq > from ? gapOf('history-failed', first.epoch, from, first.seq - 1) : undefined;
}

/** The gap from record `first` to record `last` of one epoch, both missing. */
export function gapOf(cause: GapCause, epoch: string, first: number, last: number): RecordGap {
  return {
    kind: 'gap',
    cause,
    from: { epoch, seq: first },
    to: { epoch, seq: last },
    lost: last - first + 1,
  };
}
