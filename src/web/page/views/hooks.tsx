/** Hooks: what does not run and how to change that, and what ran. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { HookRunSummary, HooksAnswer } from '../../../client/types.ts';
import { countRunnable, hasFailed, refusedHooks, runName, runText } from '../../model/hooks.ts';
import { usePage } from '../context.ts';
import { Failure, Mark, Remedy, Section } from './parts.tsx';
import { RunOutput } from './run-output.tsx';

/** Runs that are shown at first. */
const FIRST_RUNS = 8;

export function Hooks(): JSX.Element {
  const { store } = usePage();
  const hooks = store.hooks.value;
  return (
    <Section id="hooks" title="Hooks" aside={<Counts />}>
      {hooks !== undefined && hooks !== 'loading' && hooks.ok && <Refused hooks={hooks.value} />}
      {hooks !== undefined && hooks !== 'loading' && !hooks.ok && <Failure problem={hooks.problem} />}
      <Runs />
    </Section>
  );
}

function Counts(): JSX.Element | null {
  const { store } = usePage();
  const counts = store.status.value?.hooks;
  if (counts === undefined) return null;
  const { ran_24h: ran, failed_24h: failed, queued, running } = counts;
  const busy = queued + running === 0 ? '' : ` · ${running} running, ${queued} waiting`;
  return <span class="aside">{`${ran} ran, ${failed} failed in 24 h${busy}`}</span>;
}

function Refused({ hooks }: { readonly hooks: HooksAnswer }): JSX.Element | null {
  const refused = refusedHooks(hooks);
  if (refused.length === 0 && countRunnable(hooks) === 0) {
    return <p class="empty">No hook is installed in {hooks.directory}.</p>;
  }
  if (refused.length === 0) return null;
  return (
    <ul class="refused">
      {refused.map(({ name, reason, remedy }) => (
        <li key={name}>
          <p>
            <Mark state="bad" />
            <strong>{name}</strong> does not run
          </p>
          <p class="dim">{reason}</p>
          {remedy !== null && <Remedy text={remedy} />}
        </li>
      ))}
    </ul>
  );
}

function Runs(): JSX.Element | null {
  const { store } = usePage();
  const showsAll = useSignal(false);
  const runs = store.runs.value;
  const shown = showsAll.value ? runs : runs.slice(0, FIRST_RUNS);
  return (
    <>
      <h3 class="sub">Latest runs</h3>
      {runs.length === 0 && <p class="empty">No hook has run yet.</p>}
      <ul class="runs">
        {shown.map((run) => (
          <Run key={run.id} run={run} />
        ))}
      </ul>
      {shown.length < runs.length && (
        <button type="button" class="more" onClick={() => (showsAll.value = true)}>
          Show {runs.length - shown.length} more
        </button>
      )}
    </>
  );
}

function Run({ run }: { readonly run: HookRunSummary }): JSX.Element {
  const { time, halfMinute } = usePage();
  const isOpen = useSignal(false);
  const failed = hasFailed(run);
  return (
    <li>
      <details
        class={failed ? 'run failed' : 'run'}
        onToggle={(event) => (isOpen.value = event.currentTarget.open)}
      >
        <summary>
          <Mark state={failed ? 'bad' : 'good'} />
          <span class="name">{runName(run)}</span>
          <span class="where">{run.link ?? 'host'}</span>
          <span class="result">{runText(run)}</span>
          <time class="at" dateTime={run.started_at}>
            {time.moment(Date.parse(run.started_at), halfMinute.value)}
          </time>
        </summary>
        {isOpen.value && (
          <div class="opened">
            {run.reason !== null && <p>{run.reason}</p>}
            {run.remedy !== null && <Remedy text={run.remedy} />}
            <RunOutput id={run.id} />
          </div>
        )}
      </details>
    </li>
  );
}
