/** An open row: what was and what is, what it came from and what it led to, and the record itself. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { HookRunRecord, NetevdRecord } from '../../../client/types.ts';
import { detailsOf } from '../../model/details.ts';
import { formatAge } from '../../model/time.ts';
import { consequencesOf } from '../../model/timeline.ts';
import { usePage } from '../context.ts';
import { SeverityMark } from './parts.tsx';
import { RunOutput } from './run-output.tsx';

export function RecordDetails({ record }: { readonly record: NetevdRecord }): JSX.Element {
  const { actions, time, halfMinute } = usePage();
  const { caused_by: cause } = record;
  const at = Date.parse(record.ts);
  return (
    <div class="opened">
      <p class="dim">
        {time.day(at)}, {time.clock(at)} · {formatAge(halfMinute.value - at)} ago · #{record.seq}
      </p>
      <dl class="values">
        {detailsOf(record).map(({ label, before, after }) => (
          <div key={`${label} ${after}`}>
            <dt>{label}</dt>
            <dd>
              {before !== undefined && (
                <>
                  <span class="before">{before}</span> →{' '}
                </>
              )}
              {after}
            </dd>
          </div>
        ))}
      </dl>
      {cause !== null && (
        <p>
          <button type="button" class="link" onClick={() => void actions.showRecord(cause)}>
            show what caused this
          </button>
        </p>
      )}
      {record.kind === 'hook_run' && <OutputOf record={record} />}
      <Consequences id={record.id} />
      <details class="folded">
        <summary>JSON</summary>
        <pre>{JSON.stringify(record, null, 2)}</pre>
      </details>
    </div>
  );
}

const OutputOf = ({ record }: { readonly record: HookRunRecord }): JSX.Element => (
  <details class="folded">
    <summary>output</summary>
    <RunOutput id={record.run.id} />
  </details>
);

/** What the list has of them at once, and what the server has beyond that. */
function Consequences({ id }: { readonly id: string }): JSX.Element | null {
  const { store, actions } = usePage();
  const read = useSignal<readonly NetevdRecord[]>([]);
  useEffect(() => {
    void actions.loadConsequences(id).then((records) => (read.value = records));
  }, [id, actions, read]);
  const all = useComputed(() => {
    const shown = consequencesOf(store.timeline.value, id);
    const known = new Set(shown.map((record) => record.id));
    return [...shown, ...read.value.filter((record) => !known.has(record.id))].toSorted(
      (a, b) => a.seq - b.seq,
    );
  });
  if (all.value.length === 0) return null;
  return (
    <div class="consequences">
      <h3>Led to</h3>
      <ul>
        {all.value.map((record) => (
          <li key={record.id}>
            <button type="button" class="link" onClick={() => void actions.showRecord(record.id)}>
              <SeverityMark severity={record.severity} />
              {record.message}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
