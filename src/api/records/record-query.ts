/** What a reader of records asks for, as the history understands it. */

import { recordKinds } from '../../core/model/record.ts';
import type { RecordFilter } from '../../core/records/record-filter.ts';
import type { RecordPosition, StoredRecord } from '../../core/records/stored-record.ts';
import type { RecordQuery } from '../../core/view/types/endpoints.ts';
import type { Severity } from '../../core/view/types/vocabulary.ts';
import { bound, parseBound, text, word } from '../parameters.ts';
import type { ParametersOf } from '../query.ts';

const severities: readonly Severity[] = ['info', 'warning', 'error'];

/** Parameters that the list and the stream share. */
export const recordParameters: ParametersOf<RecordQuery> = {
  interface: text,
  event_type: text,
  kind: word(...recordKinds),
  severity: word(...severities),
  since: bound,
};

/** A bound of a range: after a record, or from a time on. */
export type RangeBound =
  | { readonly kind: 'position'; readonly position: RecordPosition }
  | { readonly kind: 'time'; readonly at: number };

export interface BoundContext {
  readonly epoch: string;
  /** Wall clock, milliseconds since 1970. */
  readonly now: number;
}

/** Undefined where there is no bound. The text has passed `bound`. */
export function rangeBound(value: string | undefined, { epoch, now }: BoundContext): RangeBound | undefined {
  const parsed = value === undefined ? undefined : parseBound(value);
  switch (parsed?.kind) {
    case undefined:
      return undefined;
    case 'position':
      return { kind: 'position', position: { epoch: parsed.epoch, seq: parsed.seq } };
    case 'seq':
      return { kind: 'position', position: { epoch, seq: parsed.seq } };
    case 'time':
      return { kind: 'time', at: parsed.at };
    case 'age':
      return { kind: 'time', at: now - parsed.ms };
  }
}

type Selection = Pick<RecordQuery, 'interface' | 'event_type' | 'kind'>;

/** What the history selects by itself. */
export const recordFilter = (query: Selection): RecordFilter => ({
  ...(query.interface !== undefined && { link: query.interface }),
  ...(query.event_type !== undefined && { types: query.event_type.split(',') }),
  ...(query.kind !== undefined && { kinds: [query.kind] }),
});

/**
 * Whether the record is at least this severe. Looks at the text: within a JSON string the quotes would be escaped, and no
 * other key of a record is called so.
 */
export function isSevere({ json }: Pick<StoredRecord, 'json'>, least: Severity | undefined): boolean {
  if (least === undefined || least === 'info') return true;
  return severities.slice(severities.indexOf(least)).some((word) => json.includes(`"severity":"${word}"`));
}
