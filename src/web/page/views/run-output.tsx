/** What a hook script wrote. It is secret: without the token the daemon gives it only to its sockets. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { HookRunDetails } from '../../../client/types.ts';
import { usePage } from '../context.ts';
import { Failure } from './parts.tsx';
import { TokenPrompt } from './token-prompt.tsx';

export function RunOutput({ id }: { readonly id: string }): JSX.Element {
  const { store, actions } = usePage();
  const output = useComputed(() => store.outputs.value.get(id));
  useEffect(() => {
    if (store.outputs.peek().get(id) === undefined) void actions.loadOutput(id);
  }, [id, store, actions]);
  const loaded = output.value;
  if (loaded === undefined || loaded === 'loading') return <p class="dim">Loading…</p>;
  if (loaded.ok) return <Output run={loaded.value} />;
  return loaded.problem.status === 401 ? (
    <TokenPrompt reason="The output of a hook is secret." />
  ) : (
    <Failure problem={loaded.problem} />
  );
}

function Output({ run }: { readonly run: HookRunDetails }): JSX.Element {
  const { stdout, stderr, dropped_output: dropped } = run;
  return (
    <div class="output">
      {stdout === '' && stderr === '' && <p class="dim">No output.</p>}
      {stdout !== '' && <Text name="stdout" text={stdout} />}
      {stderr !== '' && <Text name="stderr" text={stderr} />}
      {dropped > 0 && <p class="dim">{dropped} more bytes were not kept (hooks.output_limit_kb).</p>}
    </div>
  );
}

const Text = ({ name, text }: { readonly name: string; readonly text: string }): JSX.Element => (
  <figure>
    <figcaption>{name}</figcaption>
    <pre>{text}</pre>
  </figure>
);
