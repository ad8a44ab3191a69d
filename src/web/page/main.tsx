/** The dashboard's entry: puts its parts together and draws them. */
import { computed, signal } from '@preact/signals';
import { render } from 'preact';
import { ApiClient } from '../../client/api-client.ts';
import { fetchTransport } from '../../client/transport.ts';
import { Feed } from '../feed/feed.ts';
import { Store } from '../feed/store.ts';
import { localTime } from '../model/time.ts';
import { parseUrlState } from '../model/url-state.ts';
import { Actions } from './actions.ts';
import { browserClock } from './browser-clock.ts';
import { Page, type PageContext } from './context.ts';
import { listenToKeys } from './keyboard.ts';
import { followTitle } from './title.ts';
import { App } from './views/app.tsx';
import { followVisibility } from './visibility.ts';

const store = new Store(browserClock.wall());
const client = new ApiClient(
  fetchTransport(
    (url, init) => fetch(url, init),
    '',
    () => store.token.value,
  ),
);
const feed = new Feed(store, client, browserClock);
const actions = new Actions(store, client, feed);

function readUrl(): void {
  const { filters, record } = parseUrlState(location.hash);
  store.filters.value = filters;
  store.openRecord.value = record;
}

/** The server's clock; the ticks stop while the tab is hidden. */
const wall = signal(browserClock.wall());
setInterval(() => {
  if (document.visibilityState === 'visible') wall.value = browserClock.wall();
}, 1000);
const second = computed(() => wall.value + store.clockOffset.value);
const halfMinute = computed(() => Math.floor(second.value / 30_000) * 30_000);

const page: PageContext = { store, actions, time: localTime(), second, halfMinute };
const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element #app');

readUrl();
actions.restoreToken();
window.addEventListener('hashchange', () => {
  readUrl();
  void feed.loader.loadTimeline();
});
render(
  <Page.Provider value={page}>
    <App />
  </Page.Provider>,
  root,
);
followTitle(store);
followVisibility(feed);
listenToKeys(store, actions);
feed.start();
