/** Stored records and positions among them, shared by the history, the stream and every sink. */
import type { RecordKind } from '../model/record.ts';

/** One numbered record, rendered once for all readers. */
export interface StoredRecord {
  /** UUIDv7 (RFC 9562), new for each boot and for each history that starts empty. */
  readonly epoch: string;
  /** 1, 2, 3 … within the epoch, without gaps. */
  readonly seq: number;
  /** Wall clock, milliseconds since 1970. The clock may jump: only `seq` defines the order. */
  readonly at: number;
  readonly kind: RecordKind;
  /** Type of the event: `routable`, `address-added` … */
  readonly type: string;
  /** Name of the link, if the record has one. */
  readonly link?: string;
  /** The whole record as one JSON object. */
  readonly json: string;
}

/**
 * Identifies one record. As a reader's position it means: read up to and including this one; 0 is before the
 * first.
 */
export interface RecordPosition {
  readonly epoch: string;
  readonly seq: number;
}

/**
 * Why records are missing: retention removed them; the position belongs to a history that this one does not
 * know; or they never reached the history (disk full, database locked, daemon killed).
 */
export type GapCause = 'expired' | 'other-instance' | 'history-failed';

/** Records that a reader misses. No filter excludes a gap. */
export interface RecordGap {
  readonly kind: 'gap';
  readonly cause: GapCause;
  /** First and last missing record; null if unknown. */
  readonly from: RecordPosition | null;
  readonly to: RecordPosition | null;
  /** How many are missing; null if unknown. */
  readonly lost: number | null;
}

export type RecordItem = StoredRecord | RecordGap;

/** A part of the records, in the requested order. */
export interface RecordPage {
  readonly items: readonly RecordItem[];
  /**
   * Where the next page continues, even if the filter excluded every record. Null: there is no record yet.
   */
  readonly next: RecordPosition | null;
  /** Whether there are items beyond `next` now. A short or empty page can have more behind it. */
  readonly more: boolean;
}

export const positionOf = ({ epoch, seq }: RecordPosition): RecordPosition => ({ epoch, seq });

/** `<epoch>.<seq>`, the `id` of the live stream. */
export const formatPosition = ({ epoch, seq }: RecordPosition): string => `${epoch}.${seq}`;

/**
 * A UUID in lower case (RFC 9562), a dot, a number without leading zeros that JavaScript can hold exactly.
 */
const positionPattern =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.(0|[1-9][0-9]{0,15})$/;

/** Parses the output of `formatPosition`; returns undefined for any other text. */
export function parsePosition(text: string): RecordPosition | undefined {
  const [, epoch, digits] = positionPattern.exec(text) ?? [];
  const seq = Number(digits);
  return epoch === undefined || !Number.isSafeInteger(seq) ? undefined : { epoch, seq };
}

/**
 * Returns the gap between two records that should be consecutive: `last` is the newest stored one (null:
 * none), `first` the next stored one. Undefined if no record is missing. The end of an earlier epoch is
 * unknown, so a change of epoch is a gap only if the new one does not start with its first record.
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
