/**
 * Keeps the store true: the stream brings what happens, and what a record does not say by itself is read again. Knows
 * neither the document nor a clock of its own.
 */
import { batch } from '@preact/signals';
import type { ApiClient } from '../../client/api-client.ts';
import type { NetevdRecord } from '../../client/types.ts';
import { type WatchClock, type WatchMessage, watch } from '../../client/watch.ts';
import { pausedAfter } from '../model/connection.ts';
import { touchedLink } from '../model/links.ts';
import { foldMessage } from './fold.ts';
import { Readings } from './readings.ts';
import type { RereadClock } from './reread.ts';
import type { Store } from './store.ts';

export interface FeedClock extends WatchClock, RereadClock {
  /** The wall clock, in milliseconds since 1970. */
  wall(): number;
  /** Calls `run` before the next frame is drawn, or soon where none is. */
  nextFrame(run: () => void): void;
}

/** A page in front of somebody does not wait half a minute for a daemon that is back. */
const BACKOFF = { initialMs: 1000, maxMs: 5000 };

export class Feed {
  readonly readings: Readings;
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
    this.readings = new Readings(store, client, clock);
  }

  /** Opens the stream, or does nothing where it is open. */
  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  /** Closes the stream because nobody looks; `start` resumes it. */
  pause(): void {
    this.#end();
    this.#store.connection.value = pausedAfter(this.#store.connection.value);
  }

  /** Begins again, for instance with a new token. */
  restart(): void {
    this.#end();
    this.start();
  }

  /** Does not wait any longer for the next attempt. */
  retryNow(): void {
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  #end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
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

  /** Attempts end early when somebody asks for it. */
  #watchClock(): WatchClock {
    const { now, chance, delay } = this.#clock;
    return { now, chance, delay: (ms, signal) => delay(ms, AbortSignal.any([signal, this.#hurry.signal])) };
  }

  /** All that came since the last frame, drawn once. */
  #flush(): void {
    const messages = this.#pending;
    this.#pending = [];
    batch(() => {
      for (const message of messages) {
        foldMessage(this.#store, message, this.#clock.wall());
        if (message.lastId !== undefined) this.#lastId = message.lastId;
        this.#reread(message);
      }
    });
  }

  #reread(message: WatchMessage): void {
    switch (message.type) {
      case 'connected':
        if (message.resumed) this.readings.refresh();
        else {
          this.readings.restart();
          void this.readings.readTimeline();
        }
        return;
      case 'gap':
        this.readings.restart();
        return;
      case 'bookmark':
        this.readings.status.ask();
        return;
      case 'record':
        this.#rereadFor(message.record);
        return;
      default:
    }
  }

  #rereadFor(record: NetevdRecord): void {
    this.readings.status.ask();
    const link = touchedLink(record);
    if (link !== undefined) this.readings.askLink(link.name);
    if (record.kind === 'repair' || record.kind === 'config' || link !== undefined)
      this.readings.routing.ask();
    if (record.kind === 'config') this.readings.hooks.ask();
  }
}
