/** Whether what the page shows is true now, and since when it is not. Pure. */
import type { RequestProblem } from '../../client/problem.ts';
import type { WatchMessage } from '../../client/watch.ts';
import { formatAge, type LocalTime } from './time.ts';

/** Times are of the browser's clock, in milliseconds. */
export type Connection =
  | { readonly kind: 'connecting'; readonly since: number }
  | { readonly kind: 'live'; readonly heardAt: number }
  /** `since`: when the last message came; what is shown is as old as that. */
  | {
      readonly kind: 'lost';
      readonly since: number;
      readonly retryAt: number;
      readonly problem: RequestProblem;
    }
  /** Closed because the tab is hidden. */
  | { readonly kind: 'paused'; readonly since: number }
  | { readonly kind: 'refused'; readonly since: number; readonly problem: RequestProblem };

/** The connection after `message`, which came at `now`. */
export function foldConnection(connection: Connection, message: WatchMessage, now: number): Connection {
  switch (message.type) {
    case 'disconnected': {
      const { problem, retryMs } = message;
      return { kind: 'lost', since: lastHeard(connection), retryAt: now + retryMs, problem };
    }
    case 'refused':
      return { kind: 'refused', since: lastHeard(connection), problem: message.problem };
    case 'connected':
      return connection;
    default:
      return { kind: 'live', heardAt: now };
  }
}

const lastHeard = (connection: Connection): number =>
  connection.kind === 'live' ? connection.heardAt : connection.since;

/** The same connection, closed on purpose. */
export const pausedAfter = (connection: Connection): Connection =>
  connection.kind === 'refused' ? connection : { kind: 'paused', since: lastHeard(connection) };

export interface ConnectionText {
  /** `live`, `disconnected` … */
  readonly word: string;
  readonly detail: string;
  /** What is shown is the last known state. */
  readonly stale: boolean;
}

/** What the top bar says. `hasState`: there is something on the page already. */
export function connectionText(
  connection: Connection,
  now: number,
  time: LocalTime,
  hasState: boolean,
): ConnectionText {
  switch (connection.kind) {
    case 'live':
      return { word: 'live', detail: `${formatAge(now - connection.heardAt)} ago`, stale: false };
    case 'connecting':
      return { word: 'connecting', detail: '', stale: hasState };
    case 'paused':
      return { word: 'paused', detail: `since ${time.minute(connection.since)}`, stale: hasState };
    case 'refused':
      return { word: 'refused', detail: connection.problem.error.message, stale: hasState };
    case 'lost':
      return { word: 'disconnected', detail: lostDetail(connection.since, time, hasState), stale: hasState };
  }
}

const lostDetail = (since: number, time: LocalTime, hasState: boolean): string =>
  hasState ? `since ${time.minute(since)}, last known state` : `no answer since ${time.minute(since)}`;

/** Why the connection is gone, in one sentence; undefined if it is not. */
export function lossReason(connection: Connection): string | undefined {
  if (connection.kind !== 'lost') return undefined;
  switch (connection.problem.error.code) {
    case 'STREAM_CLOSED':
      return 'The daemon closed the connection: it may be restarting.';
    case 'STREAM_SILENT':
      return 'Nothing has come from the daemon for 40 s.';
    default:
      return connection.problem.status === null
        ? 'The daemon does not answer: it may be stopped, or the network to it is down.'
        : connection.problem.error.message;
  }
}
