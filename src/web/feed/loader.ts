/** What is loaded with GET: at the start, and again after records that do not say it themselves. */
import type { ApiClient } from '../../client/api-client.ts';
import type { RequestProblem, Result } from '../../client/problem.ts';
import type { EventsAnswer } from '../../client/types.ts';
import { cursorOf, parseCursor } from '../../client/url.ts';
import { filterQuery } from '../model/filters.ts';
import { MAX_RUNS } from '../model/hooks.ts';
import { linksOf, withLink, withoutLink } from '../model/links.ts';
import { STRIP_HOURS, stripOf } from '../model/strip.ts';
import { appendOlder, emptyTimeline, recordRow, startTimeline } from '../model/timeline.ts';
import type { Store } from './store.ts';
import { Throttle, type ThrottleClock } from './throttle.ts';

/** Rows of the timeline that one request asks for. */
const PAGE_ROWS = 100;
/** Up to so many links are loaded one by one; more of them all at once. */
const LINKS_ONE_BY_ONE = 8;

/** Least time between two loads, in milliseconds. */
const INTERVALS = { status: 1000, links: 1000, routing: 3000, hooks: 3000 };

export class Loader {
  readonly status: Throttle;
  readonly routing: Throttle;
  readonly hooks: Throttle;
  readonly #links: Throttle;
  readonly #store: Store;
  readonly #client: ApiClient;
  readonly #touched = new Set<string>();
  /** Counts the lists that were asked for: an answer to an older question is thrown away. */
  #timelineTurn = 0;

  constructor(store: Store, client: ApiClient, clock: ThrottleClock) {
    this.#store = store;
    this.#client = client;
    this.status = new Throttle(clock, INTERVALS.status, () => this.#loadStatus());
    this.routing = new Throttle(clock, INTERVALS.routing, () => this.#loadRouting());
    this.hooks = new Throttle(clock, INTERVALS.hooks, () => this.#loadHooks());
    this.#links = new Throttle(clock, INTERVALS.links, () => this.#loadTouched());
  }

  /** What may have changed while there was no connection, and no record says. */
  refresh(): void {
    this.status.request();
    this.hooks.request();
    this.routing.request();
  }

  /** What records build up, from the start: after a gap they are incomplete. */
  reload(): void {
    this.refresh();
    void this.#loadRuns();
    void this.loadStrips();
  }

  /** This link is another than what is shown. */
  requestLink(name: string): void {
    this.#touched.add(name);
    this.#links.request();
  }

  /** The newest rows that pass the filters, instead of what is there. */
  async loadTimeline(): Promise<void> {
    const turn = ++this.#timelineTurn;
    const store = this.#store;
    store.isTimelineLoading.value = true;
    store.timeline.value = emptyTimeline;
    const query = { ...filterQuery(store.filters.value), limit: PAGE_ROWS };
    const answer = await this.#client.get('/api/v1/events', { query });
    if (turn !== this.#timelineTurn) return;
    this.#takePage(answer, (page) => startTimeline(store.timeline.value, page));
    await this.loadOpenRecord();
  }

  /** The rows before the oldest that is shown. */
  async loadOlder(): Promise<void> {
    const store = this.#store;
    const { older } = store.timeline.value;
    if (older === undefined || store.isTimelineLoading.value) return;
    const turn = ++this.#timelineTurn;
    store.isTimelineLoading.value = true;
    const query = { ...filterQuery(store.filters.value), limit: PAGE_ROWS, until: older };
    const answer = await this.#client.get('/api/v1/events', { query });
    if (turn === this.#timelineTurn)
      this.#takePage(answer, (page) => appendOlder(store.timeline.value, page));
  }

  /** The states of the last day. */
  async loadStrips(): Promise<void> {
    const answer = await this.#client.get('/api/v1/timeline', { query: { hours: STRIP_HOURS } });
    if (!answer.ok) return;
    this.#store.strips.value = new Map(answer.value.links.map((link) => [link.index, stripOf(link)]));
  }

  /** Records that `id` led to, also those that the list does not show. */
  async loadConsequences(id: string): Promise<readonly EventsAnswer['events'][number]['details'][]> {
    const query = { since: cursorOf(id), limit: PAGE_ROWS };
    const answer = await this.#client.get('/api/v1/events', { query });
    if (!answer.ok) return [];
    return answer.value.events.flatMap(({ details }) => (details.caused_by === id ? [details] : []));
  }

  #takePage(answer: Result<EventsAnswer>, take: (page: EventsAnswer) => Store['timeline']['value']): void {
    this.#store.isTimelineLoading.value = false;
    this.#store.timelineProblem.value = answer.ok ? undefined : answer.problem;
    if (answer.ok) this.#store.timeline.value = take(answer.value);
  }

  /** Makes sure that the open record is in the list: one that is older, or that the filters keep out, goes below it. */
  async loadOpenRecord(): Promise<void> {
    const store = this.#store;
    const open = store.openRecord.value === undefined ? undefined : parseCursor(store.openRecord.value);
    if (open === undefined) return;
    const id = `${open.epoch}/${open.seq}`;
    if (store.timeline.value.rows.some(({ key }) => key === id)) return;
    const query = { since: `${open.epoch}.${open.seq - 1}`, limit: 1 };
    const answer = await this.#client.get('/api/v1/events', { query });
    const record = answer.ok ? answer.value.events[0]?.details : undefined;
    if (record === undefined || record.id !== id) return;
    const { rows } = store.timeline.value;
    store.timeline.value = { ...store.timeline.value, rows: [...rows, recordRow(record)] };
  }

  async #loadStatus(): Promise<void> {
    const answer = await this.#client.get('/api/v1/status');
    if (!answer.ok) return;
    const refusedBefore = this.#store.status.value?.hooks.refused;
    this.#store.status.value = answer.value;
    if (refusedBefore !== undefined && refusedBefore !== answer.value.hooks.refused) this.hooks.request();
  }

  async #loadRouting(): Promise<void> {
    const answer = await this.#client.get('/api/v1/routing');
    this.#store.routing.value = keepOnOutage(this.#store.routing.value, answer);
  }

  async #loadHooks(): Promise<void> {
    const answer = await this.#client.get('/api/v1/hooks');
    this.#store.hooks.value = keepOnOutage(this.#store.hooks.value, answer);
  }

  async #loadRuns(): Promise<void> {
    const answer = await this.#client.get('/api/v1/hooks/runs', { query: { limit: MAX_RUNS } });
    if (answer.ok) this.#store.runs.value = answer.value.runs;
  }

  async #loadTouched(): Promise<void> {
    const names = [...this.#touched];
    this.#touched.clear();
    if (names.length > LINKS_ONE_BY_ONE) {
      const answer = await this.#client.get('/api/v1/interfaces');
      if (answer.ok) this.#store.links.value = linksOf(this.#store.links.value, answer.value.interfaces);
      return;
    }
    for (const name of names) await this.#loadLink(name);
  }

  async #loadLink(name: string): Promise<void> {
    const answer = await this.#client.get('/api/v1/interfaces/{name}', { parameters: { name } });
    const { links } = this.#store;
    if (answer.ok) links.value = withLink(links.value, answer.value);
    else if (isGone(answer.problem)) links.value = withoutName(links.value, name);
  }
}

const isGone = ({ status }: RequestProblem): boolean => status === 404;

function withoutName(links: Store['links']['value'], name: string): Store['links']['value'] {
  const gone = [...links.values()].find((link) => link.name === name);
  return gone === undefined ? links : withoutLink(links, gone.index);
}

/** While the server cannot be reached, the last that it said stays. */
const keepOnOutage = <T>(
  before: Result<T> | 'loading' | undefined,
  answer: Result<T>,
): Result<T> | 'loading' | undefined =>
  !answer.ok && answer.problem.kind === 'unreachable' && before !== undefined ? before : answer;
