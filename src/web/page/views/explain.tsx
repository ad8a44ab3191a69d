/** Where a packet from one address to another goes, and which rule decides it. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { ExplainAnswer } from '../../../client/types.ts';
import { relevantSteps, stepText } from '../../model/routing.ts';
import { usePage } from '../context.ts';
import { Failure, Mark } from './parts.tsx';

export function Explain(): JSX.Element {
  const { store, actions } = usePage();
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    const value = (name: string): string => String(values.get(name) ?? '').trim();
    void actions.explain(value('src'), value('dst'), value('iif'));
  };
  const addresses = useComputed(() => [
    ...new Set(store.linkList.value.watched.flatMap((link) => link.addresses.map(({ ip }) => ip))),
  ]);
  return (
    <form class="explain" onSubmit={send}>
      <h3 class="sub">Where does a packet go?</h3>
      <div class="fields">
        <Field name="src" label="From" placeholder="an address of this host" list="own-addresses" required />
        <Field name="dst" label="To" placeholder="192.0.2.1" required />
        <Field name="iif" label="Came in by" placeholder="(sent by this host)" list="link-names" />
        <button type="submit">Explain</button>
      </div>
      <datalist id="own-addresses">
        {addresses.value.map((ip) => (
          <option key={ip} value={ip} />
        ))}
      </datalist>
      <Answer />
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly list?: string;
  readonly required?: boolean;
}

const Field = ({ label, ...attributes }: FieldProps): JSX.Element => (
  <label>
    <span class="label">{label}</span>
    <input type="text" autocomplete="off" autocapitalize="off" spellcheck={false} {...attributes} />
  </label>
);

function Answer(): JSX.Element | null {
  const { store } = usePage();
  const explanation = store.explanation.value;
  if (explanation === undefined) return null;
  if (explanation === 'loading') return <p class="dim">Asking…</p>;
  return explanation.ok ? <Steps answer={explanation.value} /> : <Failure problem={explanation.problem} />;
}

function Steps({ answer }: { readonly answer: ExplainAnswer }): JSX.Element {
  const { steps, others } = relevantSteps(answer);
  const arrives = answer.verdict.kind === 'routed' || answer.verdict.kind === 'delivered';
  return (
    <div class="answer" role="status">
      <p class="verdict">
        <Mark state={arrives ? 'good' : 'bad'} />
        {answer.text}
      </p>
      <ol class="steps">
        {steps.map((step) => (
          <li
            key={`${step.priority} ${step.rule}`}
            class={step.outcome === 'decides' ? 'decides' : undefined}
          >
            <code>
              {step.priority}: {step.rule}
            </code>
            <span>{stepText(step)}</span>
          </li>
        ))}
      </ol>
      {others > 0 && (
        <p class="dim">{others === 1 ? '1 rule is' : `${others} rules are`} about other packets.</p>
      )}
      {answer.remarks.map((remark) => (
        <p key={remark} class="caution">
          {remark}
        </p>
      ))}
    </div>
  );
}
