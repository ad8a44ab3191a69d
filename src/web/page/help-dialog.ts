/** The list of keys, and whether single keys do anything: speech input can trigger them by accident (WCAG 2.1.4). */

export const HELP_ID = 'help';

/** Kept in the browser, for all later visits. */
const KEYS_OFF = 'netevd.keys-off';

export const areKeysOn = (): boolean => localStorage.getItem(KEYS_OFF) === null;

export function setKeys(on: boolean): void {
  if (on) localStorage.removeItem(KEYS_OFF);
  else localStorage.setItem(KEYS_OFF, '1');
}

export function openHelp(): void {
  const dialog = document.getElementById(HELP_ID);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}
