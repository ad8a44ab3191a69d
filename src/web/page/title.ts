/** The tab's title and icon: whether all is well is to be seen from another tab. */
import { effect } from '@preact/signals';
import type { Store } from '../feed/store.ts';

const icon = (color: string, shape: string): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="${color}" stroke-width="3">${shape}</svg>`)}`;

const icons = {
  good: icon('#2f9e5f', '<circle cx="8" cy="8" r="5"/>'),
  bad: icon('#d6404a', '<path d="M3 3l10 10M13 3L3 13"/>'),
  lost: icon('#8a8a84', '<circle cx="8" cy="8" r="5" stroke-dasharray="4 3"/>'),
} as const;

/** Follows the store for as long as the page lives. */
export function followTitle(store: Store): void {
  const element = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  effect(() => {
    const host = store.status.value?.hostname ?? 'netevd';
    const count = store.problems.value.length;
    const isLost = store.connection.value.kind === 'lost' || store.connection.value.kind === 'refused';
    document.title = isLost ? `? ${host}` : count === 0 ? host : `✗ ${count} ${host}`;
    if (element !== null) element.href = icons[isLost ? 'lost' : count === 0 ? 'good' : 'bad'];
  });
}
