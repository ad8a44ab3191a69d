/** Which records the timeline shows. Pure; the same choice as a predicate and as the query of a request. */
import type { EventsQuery, NetevdRecord, RecordKind } from '../../client/types.ts';

export interface Filters {
  /** Exact name of a link; '' for all. */
  readonly link: string;
  /** '' for all. */
  readonly kind: RecordKind | '';
  /** Only warnings and errors. */
  readonly failures: boolean;
}

export const noFilters: Filters = { link: '', kind: '', failures: false };

/** Kinds of records, with the words that the filter shows. */
export const kindNames: Readonly<Record<RecordKind, string>> = {
  event: 'network events',
  hook_run: 'hook runs',
  repair: 'repairs',
  source: 'sources',
  config: 'configuration',
};

/** Whether the list shows less than everything. */
export const isFiltering = ({ link, kind, failures }: Filters): boolean =>
  link !== '' || kind !== '' || failures;

/** Whether the timeline shows this record. */
export const matchesFilters = ({ link, kind, failures }: Filters, record: NetevdRecord): boolean =>
  (link === '' || record.link === link) &&
  (kind === '' || record.kind === kind) &&
  (!failures || record.severity !== 'info');

/** The same choice, for the server. */
export const filterQuery = ({ link, kind, failures }: Filters): EventsQuery => ({
  interface: link === '' ? undefined : link,
  kind: kind === '' ? undefined : kind,
  severity: failures ? 'warning' : undefined,
});

/** The kind that a person or a URL named; '' for any other word. */
export const parseKind = (text: string): RecordKind | '' =>
  Object.hasOwn(kindNames, text) ? (text as RecordKind) : '';
