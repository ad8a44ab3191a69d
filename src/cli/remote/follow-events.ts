/** `netevd events --follow`: the stream, through restarts of the daemon. */
import type { RequestProblem } from '../../client/problem.ts';
import type { Hello } from '../../client/types.ts';
import { cursorOf, parseCursor } from '../../client/url.ts';
import { type WatchMessage, type WatchOptions, watch } from '../../client/watch.ts';
import { ExitCode } from '../../exit-code.ts';
import { endpointText } from './endpoint.ts';
import type { EventPrinter } from './event-printer.ts';
import { type EventsOptions, newestRecords, selection } from './events-command.ts';
import { type Connection, failRequest, type Session } from './session.ts';

/** The first attempt after a loss is soon: a restart takes less than a second. */
const backoff = { initialMs: 250, maxMs: 10_000 };

/**
 * Prints records until the user ends it, which is exit code 0. A daemon that cannot be reached at the start is a
 * failure; one that goes away later is waited for.
 */
export async function followEvents(
  session: Session,
  connection: Connection,
  options: EventsOptions,
  printer: EventPrinter,
): Promise<number> {
  const earlier = await printEarlier(session, connection, options, printer);
  if ('exitCode' in earlier) return earlier.exitCode;
  printer.follow();
  const abort = new AbortController();
  session.world.onInterrupt(() => abort.abort());
  const follower = new Follower(session, connection, printer);
  const { lastId } = earlier;
  const since = lastId === undefined && options.since !== undefined ? { since: options.since } : {};
  const messages: WatchOptions = {
    transport: connection.transport,
    clock: session.world.clock,
    signal: abort.signal,
    query: { ...selection(options), ...since },
    backoff,
    ...(lastId === undefined ? {} : { lastId }),
  };
  for await (const message of watch(messages)) {
    const exitCode = follower.take(message);
    if (exitCode !== undefined) return exitCode;
  }
  return ExitCode.ok;
}

/** With `--tail`: the newest records, and where the stream continues. */
async function printEarlier(
  session: Session,
  connection: Connection,
  options: EventsOptions,
  printer: EventPrinter,
): Promise<{ readonly lastId?: string } | { readonly exitCode: number }> {
  if (options.tail === undefined) return {};
  const newest = await newestRecords(session, connection, options, options.tail);
  if (!newest.ok) return { exitCode: failRequest(session, connection.endpoint, newest.problem) };
  for (const record of newest.value.records) printer.record(record);
  const last = newest.value.records.at(-1);
  return last === undefined ? {} : { lastId: cursorOf(last.id) };
}

/** What the messages of one stream mean for the user. */
class Follower {
  readonly #session: Session;
  readonly #connection: Connection;
  readonly #printer: EventPrinter;
  #wasConnected = false;
  /** When the connection was lost; undefined while it exists, and after its return is reported. */
  #lostAt: number | undefined;
  /** The daemon said goodbye, or was away. */
  #wasAway = false;
  #lastId: string | undefined;

  constructor(session: Session, connection: Connection, printer: EventPrinter) {
    this.#session = session;
    this.#connection = connection;
    this.#printer = printer;
  }

  /** The exit code if the command ends. */
  take(message: WatchMessage): number | undefined {
    const exitCode = this.#handle(message);
    this.#lastId = message.lastId ?? this.#lastId;
    return exitCode;
  }

  #handle(message: WatchMessage): number | undefined {
    switch (message.type) {
      case 'record':
        this.#reportReturn(true);
        this.#printer.record(message.record);
        return undefined;
      case 'gap':
        this.#reportReturn(false);
        this.#printer.gap(message);
        return undefined;
      case 'snapshot':
        this.#printer.snapshot(message);
        return undefined;
      case 'hello':
        this.#wasConnected = true;
        if (hasEverything(message, this.#lastId)) this.#reportReturn(true);
        return undefined;
      case 'bookmark':
        this.#reportReturn(true);
        return undefined;
      case 'bye':
        this.#wasAway ||= message.reason === 'stopping';
        return undefined;
      case 'refused':
        return failRequest(this.#session, this.#connection.endpoint, message.problem);
      case 'disconnected':
        return this.#lose(message.problem);
      case 'connected':
        return undefined;
    }
  }

  #lose(problem: RequestProblem): number | undefined {
    const { endpoint } = this.#connection;
    if (!this.#wasConnected) return failRequest(this.#session, endpoint, problem);
    this.#wasAway ||= ['ECONNREFUSED', 'ENOENT'].includes(problem.error.code);
    if (this.#lostAt !== undefined) return undefined;
    this.#lostAt = this.#session.world.clock.now();
    this.#printer.remark(`── connection to ${endpointText(endpoint)} lost; waiting for the daemon ──`);
    return undefined;
  }

  /** Reports that the connection is back, as soon as it is known whether records are missing. */
  #reportReturn(isComplete: boolean): void {
    if (this.#lostAt === undefined) return;
    const seconds = ((this.#session.world.clock.now() - this.#lostAt) / 1000).toFixed(1);
    const what = this.#wasAway ? 'daemon restarted; connected again' : 'connected again';
    this.#lostAt = undefined;
    this.#wasAway = false;
    this.#printer.remark(`── ${what} after ${seconds} s${isComplete ? ', nothing missed' : ''} ──`);
  }
}

/** Whether the server still has all that follows `lastId`. In another epoch only its next message shows that. */
function hasEverything({ epoch, oldest }: Hello, lastId: string | undefined): boolean {
  const last = lastId === undefined ? undefined : parseCursor(lastId);
  return last !== undefined && last.epoch === epoch && (oldest === null || oldest <= last.seq + 1);
}
