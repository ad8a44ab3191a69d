/** What the user can do on the page. */
import type { ApiClient } from '../../client/api-client.ts';
import type { HookRunDetails, NetevdRecord } from '../../client/types.ts';
import { cursorOf } from '../../client/url.ts';
import type { Feed } from '../feed/feed.ts';
import type { Loaded, Store } from '../feed/store.ts';
import type { Filters } from '../model/filters.ts';
import { releaseRows } from '../model/timeline.ts';
import { formatUrlState } from '../model/url-state.ts';

/** Where the tab keeps the token: gone with the tab. */
const TOKEN_KEY = 'netevd.token';

export class Actions {
  readonly #store: Store;
  readonly #client: ApiClient;
  readonly #feed: Feed;

  constructor(store: Store, client: ApiClient, feed: Feed) {
    this.#store = store;
    this.#client = client;
    this.#feed = feed;
  }

  setFilters(filters: Partial<Filters>): void {
    this.#store.filters.value = { ...this.#store.filters.value, ...filters };
    this.#writeUrl();
    void this.#feed.loader.loadTimeline();
  }

  /** Opens the row of this record, or closes it. */
  toggleRecord(id: string): void {
    const cursor = cursorOf(id);
    const { openRecord } = this.#store;
    openRecord.value = openRecord.value === cursor ? undefined : cursor;
    this.#writeUrl();
  }

  closeRecord(): void {
    this.#store.openRecord.value = undefined;
    this.#writeUrl();
  }

  /** Opens a record from elsewhere on the page and brings it into sight. */
  async showRecord(id: string): Promise<void> {
    this.#store.openRecord.value = cursorOf(id);
    this.#writeUrl();
    await this.#feed.loader.loadOpenRecord();
    document.querySelector<HTMLElement>(`[data-record="${CSS.escape(id)}"]`)?.focus();
  }

  /** Filters the timeline by one link, or removes that filter. */
  showLink(name: string): void {
    const { filters } = this.#store;
    this.setFilters({ link: filters.value.link === name ? '' : name });
    document.getElementById('timeline-title')?.scrollIntoView({ block: 'start' });
  }

  releaseRows(): void {
    this.#store.timeline.value = releaseRows(this.#store.timeline.value);
  }

  loadOlder(): void {
    void this.#feed.loader.loadOlder();
  }

  loadConsequences(id: string): Promise<readonly NetevdRecord[]> {
    return this.#feed.loader.loadConsequences(id);
  }

  async loadOutput(id: string): Promise<void> {
    this.#setOutput(id, 'loading');
    this.#setOutput(
      id,
      await this.#client.get('/api/v1/hooks/runs/{id}', { parameters: { id: cursorOf(id) } }),
    );
  }

  async loadConfig(): Promise<void> {
    this.#store.config.value = 'loading';
    this.#store.config.value = await this.#client.get('/api/v1/config');
  }

  async explain(src: string, dst: string, iif: string): Promise<void> {
    this.#store.explanation.value = 'loading';
    const query = iif === '' ? { src, dst } : { src, dst, iif };
    this.#store.explanation.value = await this.#client.get('/api/v1/routing/explain', { query });
  }

  /** Uses `token` from now on, and asks again for what was refused without it. */
  setToken(token: string): void {
    this.#store.token.value = token === '' ? undefined : token;
    if (token === '') sessionStorage.removeItem(TOKEN_KEY);
    else sessionStorage.setItem(TOKEN_KEY, token);
    for (const [id, output] of this.#store.outputs.value) {
      if (output !== 'loading' && output?.ok === false) void this.loadOutput(id);
    }
    const { config, connection } = this.#store;
    if (config.value !== 'loading' && config.value?.ok === false) void this.loadConfig();
    if (connection.value.kind === 'refused') this.#feed.restart();
  }

  /** The token that an earlier page of this tab was given. */
  restoreToken(): void {
    this.#store.token.value = sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  }

  retryNow(): void {
    this.#feed.retryNow();
  }

  #setOutput(id: string, output: Loaded<HookRunDetails>): void {
    this.#store.outputs.value = new Map(this.#store.outputs.value).set(id, output);
  }

  #writeUrl(): void {
    const { filters, openRecord } = this.#store;
    const hash = formatUrlState({ filters: filters.value, record: openRecord.value });
    history.replaceState(null, '', hash === '' ? location.pathname : hash);
  }
}
