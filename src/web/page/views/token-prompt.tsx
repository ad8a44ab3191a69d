/** Asks for the API token that secret values need. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { usePage } from '../context.ts';

export function TokenPrompt({ reason }: { readonly reason: string }): JSX.Element {
  const { store, actions } = usePage();
  const field = useRef<HTMLInputElement>(null);
  const send = (event: Event): void => {
    event.preventDefault();
    actions.setToken(field.current?.value.trim() ?? '');
  };
  const isWrong = store.token.value !== undefined;
  return (
    <form class="token" onSubmit={send}>
      <label>
        {isWrong ? 'The daemon does not accept this token.' : reason}{' '}
        <span class="dim">The token is in api.token_file; this tab forgets it when it is closed.</span>
        <input ref={field} type="password" name="token" autocomplete="off" required placeholder="API token" />
      </label>
      <button type="submit">Use token</button>
    </form>
  );
}
