/** What broke, and when: the first thing on the page. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { HostProblem } from '../../../client/types.ts';
import { lossReason } from '../../model/connection.ts';
import { formatAge } from '../../model/time.ts';
import { usePage } from '../context.ts';
import { Remedy, Section, SeverityMark } from './parts.tsx';
import { TokenPrompt } from './token-prompt.tsx';

/** More problems than this are shown when asked for: the links must not be out of reach. */
const FIRST_PROBLEMS = 10;

export function Broken(): JSX.Element {
  const { store } = usePage();
  const problems = store.problems.value;
  const showsAll = useSignal(false);
  const shown = showsAll.value ? problems : problems.slice(0, FIRST_PROBLEMS);
  const isReady = store.status.value !== undefined;
  return (
    <Section id="broke" title="What broke">
      <ConnectionProblem />
      <ul class="problems" aria-live="polite">
        {shown.map((problem) => (
          <ProblemItem key={problem.id} problem={problem} />
        ))}
      </ul>
      {shown.length < problems.length && (
        <button type="button" class="more" onClick={() => (showsAll.value = true)}>
          Show all {problems.length} problems
        </button>
      )}
      {isReady && problems.length === 0 && <Calm />}
    </Section>
  );
}

function Calm(): JSX.Element {
  const { store, second } = usePage();
  const last = store.status.value?.last_event ?? null;
  const ago = last === null ? undefined : formatAge(second.value - Date.parse(last));
  return (
    <p class="calm">
      Nothing wrong. {ago === undefined ? 'Nothing has changed yet.' : `Last change ${ago} ago.`}
    </p>
  );
}

/** The time of day is announced; how long ago that was would be announced again and again. */
function ProblemItem({ problem }: { readonly problem: HostProblem }): JSX.Element {
  const { actions, time, halfMinute } = usePage();
  const { link, what, since, remedy, severity, caused_by: cause } = problem;
  const at = Date.parse(since);
  return (
    <li class={`problem ${severity}`}>
      <SeverityMark severity="error" />
      <div>
        <p class="what">
          {link !== null && <strong>{link} </strong>}
          {what}
        </p>
        <p class="since">
          <time dateTime={since}>since {time.moment(at, halfMinute.value)}</time>
          <span aria-hidden="true"> · {formatAge(halfMinute.value - at)}</span>
          {cause !== null && (
            <button type="button" class="link" onClick={() => void actions.showRecord(cause)}>
              show cause
            </button>
          )}
        </p>
        {remedy !== null && <Remedy label="try" text={remedy} />}
      </div>
    </li>
  );
}

function ConnectionProblem(): JSX.Element | null {
  const { store, actions, time } = usePage();
  const connection = store.connection.value;
  if (connection.kind === 'refused') {
    return connection.problem.status === 401 ? (
      <TokenPrompt reason="This daemon answers only with its API token." />
    ) : (
      <p class="outage" role="alert">
        The daemon refuses to answer: {connection.problem.error.message}
      </p>
    );
  }
  const reason = lossReason(connection);
  if (reason === undefined || connection.kind !== 'lost') return null;
  const host = store.status.value?.hostname ?? 'the daemon';
  return (
    <div class="outage" role="alert">
      <p>
        <strong>
          Disconnected from {host} since {time.minute(connection.since)}.
        </strong>{' '}
        {reason} {store.status.value !== undefined && 'Everything on this page is the last known state.'}
      </p>
      <button type="button" onClick={() => actions.retryNow()}>
        Try now
      </button>
    </div>
  );
}
