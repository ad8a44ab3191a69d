/** Which records the timeline shows. */
import { useComputed, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { isFiltering, kindNames, noFilters, parseKind } from '../../model/filters.ts';
import { usePage } from '../context.ts';

export function TimelineFilters(): JSX.Element {
  const { store, actions } = usePage();
  const filters = store.filters.value;
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <LinkFilter />
      <label>
        <span class="label">Kind</span>
        <select
          value={filters.kind}
          onChange={(event) => actions.setFilters({ kind: parseKind(event.currentTarget.value) })}
        >
          <option value="">everything</option>
          {Object.entries(kindNames).map(([kind, name]) => (
            <option key={kind} value={kind}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={filters.failures}
          onChange={(event) => actions.setFilters({ failures: event.currentTarget.checked })}
        />
        only failures
      </label>
      {isFiltering(filters) && (
        <button type="button" class="link" onClick={() => actions.setFilters(noFilters)}>
          clear
        </button>
      )}
    </form>
  );
}

/**
 * A name is applied once it is one that is known, or when the field is left: half a name would show nothing. The field
 * follows only the filter, so a changing link does not erase what the user types.
 */
function LinkFilter(): JSX.Element {
  const { store, actions } = usePage();
  const names = useComputed(() => store.linkList.value.watched.map(({ name }) => name));
  const field = useRef<HTMLInputElement>(null);
  useSignalEffect(() => {
    const { link } = store.filters.value;
    if (field.current !== null) field.current.value = link;
  });
  const apply = (name: string): void => {
    if (name !== store.filters.value.link) actions.setFilters({ link: name });
  };
  return (
    <label>
      <span class="label">Link</span>
      <input
        ref={field}
        id="link-filter"
        type="search"
        list="link-names"
        placeholder="all"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={({ currentTarget: { value } }) => {
          if (value === '' || names.value.includes(value)) apply(value);
        }}
        onChange={(event) => apply(event.currentTarget.value.trim())}
      />
      <datalist id="link-names">
        {names.value.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}
