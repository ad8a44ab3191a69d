import { describe, expect, test } from 'bun:test';
import type { RequestProblem } from '../../client/problem.ts';
import type { WatchMessage } from '../../client/watch.ts';
import { type Connection, connectionText, foldConnection, lossReason, pausedAfter } from './connection.ts';
import { localTime } from './time.ts';

const time = localTime('UTC');
const at = Date.parse('2026-11-28T02:53:00.000Z');
const problem: RequestProblem = {
  kind: 'unreachable',
  status: null,
  error: { code: 'STREAM_CLOSED', message: 'closed', details: null },
};
const connecting: Connection = { kind: 'connecting', since: at };
const live: Connection = { kind: 'live', heardAt: at };
const bookmark: WatchMessage = { type: 'bookmark', time: 't' };
const lost: WatchMessage = { type: 'disconnected', problem, retryMs: 2000 };

describe('the connection', () => {
  test('is live once a message has come, and not when the server has merely answered', () => {
    expect(foldConnection(connecting, { type: 'connected', resumed: false }, at + 5)).toBe(connecting);
    expect(foldConnection(connecting, bookmark, at + 9)).toEqual({ kind: 'live', heardAt: at + 9 });
  });

  test('is lost since the last message, not since the loss was noticed', () => {
    const after = foldConnection(live, lost, at + 40_000);
    expect(after).toEqual({ kind: 'lost', since: at, retryAt: at + 42_000, problem });
  });

  test('stays lost since then while attempts fail', () => {
    const first = foldConnection(live, lost, at + 40_000);
    expect(foldConnection(first, lost, at + 60_000)).toMatchObject({ since: at, retryAt: at + 62_000 });
  });

  test('that is refused does not become paused', () => {
    const refused = foldConnection(live, { type: 'refused', problem }, at);
    expect(pausedAfter(refused)).toBe(refused);
    expect(pausedAfter(live)).toEqual({ kind: 'paused', since: at });
  });
});

describe('what the bar says', () => {
  test('of a live one: how old the last message is', () => {
    expect(connectionText(live, at + 2000, time, true)).toEqual({
      word: 'live',
      detail: '2 s ago',
      stale: false,
    });
  });

  test('of a lost one: since when, and that what is shown is old', () => {
    const connection = foldConnection(live, lost, at);
    expect(connectionText(connection, at, time, true)).toEqual({
      word: 'disconnected',
      detail: 'since 02:53, last known state',
      stale: true,
    });
  });

  test.each([connecting, pausedAfter(live), foldConnection(live, lost, at)])(
    'is honest in %j',
    (connection) => {
      expect(connectionText(connection, at, time, true).stale).toBe(true);
      expect(connectionText(connection, at, time, false).stale).toBe(false);
    },
  );
});

test('a loss has a reason, anything else has none', () => {
  expect(lossReason(live)).toBeUndefined();
  expect(lossReason(foldConnection(live, lost, at))).toBeDefined();
});
