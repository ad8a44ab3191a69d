/** The links: a card each, those with a problem first. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Interface } from '../../../client/types.ts';
import { countStates, shownLinks } from '../../model/links.ts';
import { usePage } from '../context.ts';
import { LinkCard } from './link-card.tsx';
import { Mark, Section } from './parts.tsx';

/** More cards than this are shown when asked for: a phone has no room for a thousand. */
const FIRST_CARDS = 24;

export function Links(): JSX.Element {
  const { store } = usePage();
  const { watched, notWatched } = store.linkList.value;
  const showsAll = useSignal(false);
  const chosen = useComputed(() => store.filters.value.link);
  const shown = showsAll.value ? watched : shownLinks(watched, FIRST_CARDS, chosen.value);
  return (
    <Section id="links" title="Links" aside={<span class="aside">{countStates(watched)}</span>}>
      {store.status.value !== undefined && watched.length === 0 && (
        <p class="empty">No link is watched: see monitoring.interfaces in the configuration.</p>
      )}
      <ul class="cards">
        {shown.map((link) => (
          <LinkCard key={link.index} link={link} />
        ))}
      </ul>
      {shown.length < watched.length && (
        <button type="button" class="more" onClick={() => (showsAll.value = true)}>
          Show all {watched.length} links
        </button>
      )}
      {notWatched.length > 0 && <NotWatched links={notWatched} />}
    </Section>
  );
}

function NotWatched({ links }: { readonly links: readonly Interface[] }): JSX.Element {
  const isOpen = useSignal(false);
  return (
    <details class="folded" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{links.length} not watched</summary>
      {isOpen.value && (
        <ul class="plain">
          {links.map(({ index, name, state, type }) => (
            <li key={index}>
              <Mark state="off" />
              <span class="name">{name}</span>
              <span class="dim">
                {state} · {type}
              </span>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
