/** Keys of the page. They do nothing while the user types. */
import type { Store } from '../feed/store.ts';
import type { Actions } from './actions.ts';
import { areKeysOn, openHelp } from './help-dialog.ts';

/** Listens for as long as the page lives. */
export function listenToKeys(store: Store, actions: Actions): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      leave(store, actions);
      return;
    }
    if (isTyping(event.target) || !areKeysOn() || !act(event.key, actions)) return;
    event.preventDefault();
  });
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLTextAreaElement;

/** False for a key that does nothing. */
function act(key: string, actions: Actions): boolean {
  switch (key) {
    case '/':
      document.getElementById('link-filter')?.focus();
      return true;
    case 'j':
      moveFocus(1);
      return true;
    case 'k':
      moveFocus(-1);
      return true;
    case 'n':
      actions.releaseRows();
      return true;
    case '?':
      openHelp();
      return true;
    default:
      return false;
  }
}

/** Leaves what has the focus: a field, or the open row. */
function leave(store: Store, actions: Actions): void {
  if (isTyping(document.activeElement)) (document.activeElement as HTMLElement).blur();
  else if (store.openRecord.value !== undefined) actions.closeRecord();
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** To the next or previous row; to the first one from anywhere else. */
function moveFocus(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.rows .row')];
  const now = rows.indexOf(document.activeElement as HTMLElement);
  const next = now === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, now + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}
