/** The keys of the page. */
import type { JSX } from 'preact';
import { areKeysOn, HELP_ID, setKeys } from '../help-dialog.ts';

const keys: readonly (readonly [string, string])[] = [
  ['/', 'filter the timeline by link'],
  ['j, k', 'next, previous row of the timeline'],
  ['Enter', 'open or close the row'],
  ['n', 'show the new rows that were held back'],
  ['Esc', 'close the open row'],
  ['?', 'this list'],
];

export const Help = (): JSX.Element => (
  <dialog id={HELP_ID} class="help" aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <dl>
      {keys.map(([key, what]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
    <label class="check">
      <input
        type="checkbox"
        defaultChecked={areKeysOn()}
        onChange={(event) => setKeys(event.currentTarget.checked)}
      />
      Single keys work on this page
    </label>
    <form method="dialog" onSubmit={closeDialog}>
      <button type="submit">Close</button>
    </form>
  </dialog>
);

/** The Content-Security-Policy forbids submitting forms, so this closes the dialog. */
function closeDialog(event: Event): void {
  event.preventDefault();
  (event.currentTarget as HTMLElement).closest('dialog')?.close();
}
