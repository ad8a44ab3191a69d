/**
 * Keeps the store true: the stream brings what happens, and what a record does not say by itself is loaded again. Knows
 * neither the document nor a clock of its own.
 */
import { batch } from '@preact/signals';
import type { ApiClient } from '../../client/api-client.ts';
import type { NetevdRecord } from '../../client/types.ts';
import { type WatchClock, type WatchMessage, watch } from '../../client/watch.ts';
import { pausedAfter } from '../model/connection.ts';
import { touchedLink } from '../model/links.ts';
import { foldMessage } from './fold.ts';
import { Loader } from './loader.ts';
import type { Store } from './store.ts';
import type { ThrottleClock } from './throttle.ts';

export interface FeedClock extends WatchClock, ThrottleClock {
  /** The wall clock, in milliseconds since 1970. */
  wall(): number;
  /** Calls `run` before the next frame is drawn, or soon where none is. */
  nextFrame(run: () => void): void;
}

/** A visible page notices within 5 s that the daemon is back. */
const BACKOFF = { initialMs: 1000, maxMs: 5000 };

export class Feed {
  readonly loader: Loader;
  readonly #store: Store;
  readonly #client: ApiClient;
  readonly #clock: FeedClock;
  #stop: AbortController | undefined;
  /** Ends the wait for the next attempt. */
  #hurry = new AbortController();
  #lastId: string | undefined;
  #pending: WatchMessage[] = [];

  constructor(store: Store, client: ApiClient, clock: FeedClock) {
    this.#store = store;
    this.#client = client;
    this.#clock = clock;
    this.loader = new Loader(store, client, clock);
  }

  /** Opens the stream; does nothing if it is open. */
  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  /** Closes the stream of a hidden tab; `start` resumes it. */
  pause(): void {
    this.#end();
    this.#store.connection.value = pausedAfter(this.#store.connection.value);
  }

  /** Begins again, for instance with a new token. */
  restart(): void {
    this.#end();
    this.start();
  }

  /** Starts the next attempt now. */
  retryNow(): void {
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    // Messages that are not drawn yet come again: the stream resumes after the last drawn one.
    this.#pending = [];
  }

  async #run(signal: AbortSignal): Promise<void> {
    const options = {
      transport: this.#client.transport,
      clock: this.#watchClock(),
      signal,
      backoff: BACKOFF,
    };
    const resume = this.#lastId === undefined ? {} : { lastId: this.#lastId };
    for await (const message of watch({ ...options, query: { snapshot: 1 }, ...resume })) {
      if (signal.aborted) return;
      if (this.#pending.push(message) === 1) this.#clock.nextFrame(() => this.#flush());
    }
  }

  /** The wait for the next attempt ends early on request. */
  #watchClock(): WatchClock {
    const { now, chance, delay } = this.#clock;
    return { now, chance, delay: (ms, signal) => delay(ms, eitherOf(signal, this.#hurry.signal)) };
  }

  /** All that came since the last frame, drawn once. */
  #flush(): void {
    const messages = this.#pending;
    this.#pending = [];
    batch(() => {
      for (const message of messages) {
        foldMessage(this.#store, message, this.#clock.wall());
        if (message.lastId !== undefined) this.#lastId = message.lastId;
        this.#refresh(message);
      }
    });
  }

  #refresh(message: WatchMessage): void {
    switch (message.type) {
      case 'connected':
        if (message.resumed) this.loader.refresh();
        else {
          this.loader.reload();
          void this.loader.loadTimeline();
        }
        return;
      case 'gap':
        this.loader.reload();
        return;
      case 'bookmark':
        this.loader.status.request();
        return;
      case 'record':
        this.#refreshFor(message.record);
        return;
      default:
    }
  }

  #refreshFor(record: NetevdRecord): void {
    this.loader.status.request();
    const link = touchedLink(record);
    if (link !== undefined) this.loader.requestLink(link.name);
    if (record.kind === 'repair' || record.kind === 'config' || link !== undefined)
      this.loader.routing.request();
    if (record.kind === 'config') this.loader.hooks.request();
  }
}

/** Aborted as soon as one of them is. AbortSignal.any is missing in browsers of 2023. */
function eitherOf(a: AbortSignal, b: AbortSignal): AbortSignal {
  const either = new AbortController();
  for (const signal of [a, b]) {
    if (signal.aborted) either.abort();
    signal.addEventListener('abort', () => either.abort(), { once: true, signal: either.signal });
  }
  return either.signal;
}
