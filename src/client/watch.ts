/**
 * The stream as an async iterable that outlives its connections: it resumes by the last id, waits between attempts, and
 * reports each loss. It never ends by itself, except where the server refuses the request for good.
 */
import { backoffDelay, type RetryLimits } from './backoff.ts';
import { type RequestProblem, refused, unreachable } from './problem.ts';
import { StreamParser } from './stream-parser.ts';
import type { Transport } from './transport.ts';
import type { StreamMessage, StreamQuery } from './types.ts';
import { encodeQuery, type QueryValues } from './url.ts';

/** Time and chance, from outside. */
export interface WatchClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). */
  chance(): number;
}

export interface WatchOptions {
  readonly transport: Transport;
  readonly clock: WatchClock;
  /** Ends the iteration. */
  readonly signal: AbortSignal;
  readonly query?: StreamQuery;
  /** `<epoch>.<seq>`: continue after this record. */
  readonly lastId?: string;
  readonly backoff?: RetryLimits;
  /** A stream without a byte for this long is dead; the server sends a bookmark every 15 s. */
  readonly silenceMs?: number;
}

/** What a watcher hears besides the server's messages. */
export type ConnectionMessage =
  /** The request was answered; `resumed`: after an id, so that records continue where they ended. */
  | { readonly type: 'connected'; readonly resumed: boolean }
  /** The connection is gone or could not be made; the next attempt is in `retryMs`. */
  | { readonly type: 'disconnected'; readonly problem: RequestProblem; readonly retryMs: number }
  /** The server will not answer this request, now or later (400, 401, 403, 404): the iteration ends. */
  | { readonly type: 'refused'; readonly problem: RequestProblem };

/** `lastId`: where to resume once this message has been dealt with. */
export type WatchMessage = (StreamMessage | ConnectionMessage) & { readonly lastId?: string };

const DEFAULT_BACKOFF: RetryLimits = { initialMs: 2000, maxMs: 30_000 };
const DEFAULT_SILENCE_MS = 40_000;
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 405]);

/** Messages until `signal` is aborted. Breaking out of the loop closes the connection. */
export async function* watch(options: WatchOptions): AsyncGenerator<WatchMessage, void, undefined> {
  const parser = new StreamParser(options.lastId);
  let failures = 0;
  while (!options.signal.aborted) {
    const attempt = { problem: closed as RequestProblem, greeted: false };
    yield* connection(options, parser, attempt);
    if (options.signal.aborted) return;
    const { problem } = attempt;
    if (problem.status !== null && FINAL_STATUSES.has(problem.status)) {
      yield { type: 'refused', problem };
      return;
    }
    failures = attempt.greeted ? 1 : failures + 1;
    const retryMs = waitFor(failures, problem, parser.retryMs, options);
    yield tagged({ type: 'disconnected', problem, retryMs }, parser);
    await options.clock.delay(retryMs, options.signal);
  }
}

const closed: RequestProblem = {
  kind: 'unreachable',
  status: null,
  error: { code: 'STREAM_CLOSED', message: 'the server closed the stream', details: null },
};

function waitFor(
  failures: number,
  problem: RequestProblem,
  asked: number | undefined,
  { backoff = DEFAULT_BACKOFF, clock }: WatchOptions,
): number {
  const initialMs = Math.min(asked ?? backoff.initialMs, backoff.maxMs);
  return backoffDelay(failures, { ...backoff, initialMs }, clock.chance(), problem.retryAfterMs);
}

const tagged = (message: ConnectionMessage, { lastId }: StreamParser): WatchMessage =>
  lastId === undefined ? message : { ...message, lastId };

interface Attempt {
  problem: RequestProblem;
  /** The server has said hello. */
  greeted: boolean;
}

/** One connection, from the request to its end; why it ended is in `attempt`. */
async function* connection(
  options: WatchOptions,
  parser: StreamParser,
  attempt: Attempt,
): AsyncGenerator<WatchMessage, void, undefined> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  options.signal.addEventListener('abort', stop);
  const guard = new SilenceGuard(options, abort);
  try {
    parser.reset();
    const response = await options.transport(streamPath(options, parser), request(parser, abort.signal));
    guard.heard();
    if (!response.ok || response.body === null) {
      attempt.problem = refused(response.status, await response.text(), response.headers.get('retry-after'));
      return;
    }
    yield tagged({ type: 'connected', resumed: parser.lastId !== undefined }, parser);
    yield* messages(response.body, parser, guard, attempt);
  } catch (thrown) {
    attempt.problem = guard.expired ? silent : unreachable(thrown);
  } finally {
    guard.end();
    options.signal.removeEventListener('abort', stop);
    abort.abort();
  }
}

async function* messages(
  body: ReadableStream<Uint8Array>,
  parser: StreamParser,
  guard: SilenceGuard,
  attempt: Attempt,
): AsyncGenerator<WatchMessage, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    guard.heard();
    const fed = parser.feed(decoder.decode(chunk.value, { stream: true }));
    for (const message of fed.messages) {
      if (message.type === 'hello') attempt.greeted = true;
      yield message;
    }
    if (fed.problem !== undefined) {
      attempt.problem = { ...closed, kind: 'malformed', error: { ...closed.error, message: fed.problem } };
      return;
    }
  }
}

function streamPath({ query = {} }: WatchOptions, { lastId }: StreamParser): string {
  const { snapshot, ...rest } = query;
  const wanted = lastId === undefined ? { ...rest, snapshot } : { ...rest, since: undefined };
  return `/api/v1/events/stream${encodeQuery(wanted as QueryValues)}`;
}

function request({ lastId }: StreamParser, signal: AbortSignal): Parameters<Transport>[1] {
  const resume = lastId === undefined ? {} : { 'last-event-id': lastId };
  return { signal, headers: { accept: 'text/event-stream', ...resume } };
}

const silent: RequestProblem = {
  kind: 'unreachable',
  status: null,
  error: { code: 'STREAM_SILENT', message: 'the server has sent nothing for too long', details: null },
};

/** Aborts a connection that has gone silent: a peer that lost power sends no FIN. */
class SilenceGuard {
  expired = false;
  readonly #clock: WatchClock;
  readonly #limit: number;
  readonly #abort: AbortController;
  readonly #ended = new AbortController();
  #last: number;

  constructor({ clock, silenceMs = DEFAULT_SILENCE_MS }: WatchOptions, abort: AbortController) {
    this.#clock = clock;
    this.#limit = silenceMs;
    this.#abort = abort;
    this.#last = clock.now();
    void this.#watch();
  }

  heard(): void {
    this.#last = this.#clock.now();
  }

  end(): void {
    this.#ended.abort();
  }

  async #watch(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const left = this.#last + this.#limit - this.#clock.now();
      if (left <= 0) {
        this.expired = true;
        this.#abort.abort();
        return;
      }
      await this.#clock.delay(left, this.#ended.signal);
    }
  }
}
