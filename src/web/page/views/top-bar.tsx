/** The bar at the top: which host, how it is, and whether what follows is true now. */
import type { JSX } from 'preact';
import { connectionText } from '../../model/connection.ts';
import { usePage } from '../context.ts';
import { Mark } from './parts.tsx';

export function TopBar(): JSX.Element {
  const { store } = usePage();
  const status = store.status.value;
  return (
    <header class="bar">
      <h1>{status?.hostname ?? 'netevd'}</h1>
      <Health />
      <ConnectionState />
    </header>
  );
}

function Health(): JSX.Element | null {
  const { store } = usePage();
  if (store.status.value === undefined) return null;
  const count = store.problems.value.length;
  return (
    <button type="button" class={`health ${count === 0 ? 'good' : 'bad'}`} onClick={jump}>
      <Mark state={count === 0 ? 'good' : 'bad'} />
      {count === 0 ? 'healthy' : `${count} problem${count === 1 ? '' : 's'}`}
    </button>
  );
}

function jump(): void {
  window.scrollTo(0, 0);
  document.getElementById('broke-title')?.focus({ preventScroll: true });
}

function ConnectionState(): JSX.Element {
  const { store, second, time } = usePage();
  const now = second.value - store.clockOffset.value;
  const connection = store.connection.value;
  const { word, detail } = connectionText(connection, now, time, store.status.value !== undefined);
  return (
    <p class={`connection ${connection.kind}`}>
      <Mark state={connection.kind === 'live' ? 'good' : connection.kind === 'lost' ? 'bad' : 'off'} />
      <strong>{word}</strong>
      <span class="detail">{detail}</span>
    </p>
  );
}
