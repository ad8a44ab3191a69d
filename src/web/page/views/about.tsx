/** About the daemon: versions, sources, history, and the configuration with where each value comes from. */
import type { JSX } from 'preact';
import type { ConfigAnswer, ConfigValue, Json, Status } from '../../../client/types.ts';
import type { StateClass } from '../../model/link-state.ts';
import { formatAge } from '../../model/time.ts';
import { usePage } from '../context.ts';
import { openHelp } from '../help-dialog.ts';
import { Failure, Mark, Section } from './parts.tsx';
import { TokenPrompt } from './token-prompt.tsx';

export function About(): JSX.Element {
  const { store } = usePage();
  const status = store.status.value;
  return (
    <Section id="about" title="About">
      {status !== undefined && <Facts status={status} />}
      <Configuration />
      <p class="links">
        <a href="/metrics">metrics</a> <a href="/openapi.json">API description</a>{' '}
        <a href="/health">health</a>{' '}
        <button type="button" class="link" onClick={openHelp}>
          keys
        </button>
      </p>
    </Section>
  );
}

function Facts({ status }: { readonly status: Status }): JSX.Element {
  const { halfMinute, time } = usePage();
  const { history } = status;
  const since =
    history.oldest_at === null
      ? ''
      : `, kept since ${time.moment(Date.parse(history.oldest_at), halfMinute.value)}`;
  const place =
    history.path === null ? 'only in memory' : `${history.path}, ${formatSize(history.size_bytes)}`;
  return (
    <dl class="values">
      <div>
        <dt>netevd</dt>
        <dd>
          {status.version}, up {formatAge(halfMinute.value - Date.parse(status.started_at))}, pid {status.pid}
          {status.dry_run && ', dry run'}
        </dd>
      </div>
      <div>
        <dt>sources</dt>
        <dd>
          <Sources status={status} />
        </dd>
      </div>
      <div>
        <dt>history</dt>
        <dd>
          {history.head_seq === null ? 'no record yet' : `#${history.head_seq}${since}`}
          <br />
          <span class="dim">{history.error ?? place}</span>
        </dd>
      </div>
      <div>
        <dt>times</dt>
        <dd>in the time zone of this browser ({Intl.DateTimeFormat().resolvedOptions().timeZone})</dd>
      </div>
    </dl>
  );
}

const sourceClasses: Readonly<Record<string, StateClass>> = {
  current: 'good',
  reading: 'partial',
  stale: 'bad',
};

const Sources = ({ status }: { readonly status: Status }): JSX.Element => (
  <ul class="sources">
    {Object.entries(status.sources).map(([name, { state }]) => (
      <li key={name}>
        <Mark state={sourceClasses[state] ?? 'off'} />
        {name}: {state}
      </li>
    ))}
  </ul>
);

const formatSize = (bytes: number): string =>
  bytes < 1_048_576 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;

function Configuration(): JSX.Element {
  const { store, actions } = usePage();
  const config = store.config.value;
  const open = (event: Event): void => {
    if ((event.currentTarget as HTMLDetailsElement).open && config === undefined) void actions.loadConfig();
  };
  return (
    <details class="folded" onToggle={open}>
      <summary>configuration</summary>
      {config === 'loading' && <p class="dim">Loading…</p>}
      {config !== undefined && config !== 'loading' && config.ok && <ConfigTable config={config.value} />}
      {config !== undefined &&
        config !== 'loading' &&
        !config.ok &&
        (config.problem.status === 401 ? (
          <TokenPrompt reason="The configuration is secret." />
        ) : (
          <Failure problem={config.problem} />
        ))}
    </details>
  );
}

/** Configured values first: they explain what differs from other hosts. */
function ConfigTable({ config }: { readonly config: ConfigAnswer }): JSX.Element {
  const chosen = config.values.filter(({ origin }) => origin.kind !== 'default');
  const defaults = config.values.filter(({ origin }) => origin.kind === 'default');
  return (
    <>
      <p class="dim">{config.file ?? 'There is no file; all values are defaults.'}</p>
      <Values values={chosen} />
      <details class="folded">
        <summary>{defaults.length} defaults</summary>
        <Values values={defaults} />
      </details>
    </>
  );
}

const Values = ({ values }: { readonly values: readonly ConfigValue[] }): JSX.Element => (
  <dl class="config">
    {values.map((value) => (
      <div key={value.key}>
        <dt>{value.key}</dt>
        <dd>
          <code>{valueText(value.value)}</code>
          <span class="dim"> {originText(value)}</span>
        </dd>
      </div>
    ))}
  </dl>
);

/** A list of plain values is read more easily without its brackets. */
function valueText(value: Json): string {
  if (typeof value === 'string') return value;
  const isPlain = Array.isArray(value) && value.length > 0 && value.every((part) => typeof part !== 'object');
  return isPlain ? value.join(', ') : JSON.stringify(value);
}

function originText({ origin }: ConfigValue): string {
  switch (origin.kind) {
    case 'file':
      return `line ${origin.line}`;
    case 'environment':
      return origin.variable;
    case 'option':
      return origin.option;
    case 'default':
      return '';
  }
}
