/** What of the page's state is in its address, behind the `#`, which no server sees. Pure. */
import { type Filters, parseKind } from './filters.ts';

export interface UrlState {
  readonly filters: Filters;
  /** `<epoch>.<seq>` of the record that is open. */
  readonly record: string | undefined;
}

/** Reads what `formatUrlState` wrote; ignores everything else. */
export function parseUrlState(hash: string): UrlState {
  const values = new URLSearchParams(hash.replace(/^#/, ''));
  return {
    filters: {
      link: values.get('link') ?? '',
      kind: parseKind(values.get('kind') ?? ''),
      failures: values.get('failures') === '1',
    },
    record: values.get('record') ?? undefined,
  };
}

/** Empty for the default state, else with its `#`. */
export function formatUrlState({ filters, record }: UrlState): string {
  const values = new URLSearchParams();
  if (filters.link !== '') values.set('link', filters.link);
  if (filters.kind !== '') values.set('kind', filters.kind);
  if (filters.failures) values.set('failures', '1');
  if (record !== undefined) values.set('record', record);
  const text = values.toString();
  return text === '' ? '' : `#${text}`;
}
