import { describe, expect, test } from 'bun:test';
import type { WatchMessage } from '../../client/watch.ts';
import {
  sampleEvent,
  sampleIso,
  sampleLink,
  sampleRunRecord,
  sampleStatus,
  sampleTime,
} from '../../testing/api-samples.ts';
import { foldMessage } from './fold.ts';
import { Store } from './store.ts';

const now = sampleTime(100);
/** The server's clock is 5 s ahead. */
const hello: WatchMessage = {
  type: 'hello',
  epoch: 'e',
  hostname: 'gw1',
  version: '0',
  time: sampleIso(105),
  oldest: 1,
  head: 9,
};
const snapshot: WatchMessage = {
  type: 'snapshot',
  seq: 9,
  status: sampleStatus(),
  interfaces: [sampleLink(1), sampleLink(2)],
};
const record = (seq: number): WatchMessage => ({ type: 'record', record: sampleEvent(seq) });

function storeAfter(...messages: readonly WatchMessage[]): Store {
  const store = new Store(now);
  for (const message of messages) foldMessage(store, message, now);
  return store;
}
const keys = (store: Store): readonly string[] => store.timeline.value.rows.map(({ key }) => key);

describe('a message', () => {
  test('of any kind makes the page live, and brings the server’s clock', () => {
    const store = storeAfter(hello);
    expect(store.connection.value).toEqual({ kind: 'live', heardAt: now });
    expect(store.clockOffset.value).toBe(5000);
  });

  test('with the state replaces what the page knows', () => {
    const store = storeAfter(hello, snapshot);
    expect(store.status.value?.hostname).toBe('gw1');
    expect([...store.links.value.keys()]).toEqual([1, 2]);
  });

  test('with a record changes link, strip and timeline', () => {
    const store = storeAfter(hello, snapshot, record(10));
    expect(store.links.value.get(2)?.state).toBe('no-carrier');
    expect(store.strips.value.get(2)?.segments.at(-1)?.state).toBe('no-carrier');
    expect(keys(store)).toEqual(['e/10']);
  });

  test('with a record that the state already contains changes only the timeline', () => {
    const store = storeAfter(hello, snapshot, record(8));
    expect(store.links.value.get(2)?.state).toBe('routable');
    expect(keys(store)).toEqual(['e/8']);
  });

  test('with a run adds it to the runs', () => {
    const store = storeAfter(hello, { type: 'record', record: sampleRunRecord(10) });
    expect(store.runs.value.map(({ id }) => id)).toEqual(['e/10']);
  });

  test('with a record that the filters exclude does not change the timeline', () => {
    const store = storeAfter(hello, snapshot);
    store.filters.value = { link: 'eth1', kind: '', failures: false };
    foldMessage(store, record(10), now);
    expect(keys(store)).toEqual([]);
    expect(store.links.value.get(2)?.state).toBe('no-carrier');
  });

  test('with a gap puts it into the timeline', () => {
    const gap = { type: 'gap', cause: 'expired', from: 'e.2', to: 'e.5', oldest: 6, lost: 4 } as const;
    const [row] = storeAfter(hello, gap).timeline.value.rows;
    expect(row).toMatchObject({ kind: 'gap', at: now + 5000 });
  });
});

describe('a loss', () => {
  const problem = {
    kind: 'unreachable',
    status: null,
    error: { code: 'X', message: '', details: null },
  } as const;
  const lost: WatchMessage = { type: 'disconnected', problem, retryMs: 1000 };

  test('leaves the last known state', () => {
    const store = storeAfter(hello, snapshot, lost);
    expect(store.connection.value.kind).toBe('lost');
    expect(store.links.value.size).toBe(2);
  });

  test('that is over is a line of the timeline', () => {
    const store = storeAfter(hello, snapshot, lost);
    foldMessage(store, hello, now + 1200);
    expect(store.timeline.value.rows[0]).toMatchObject({ kind: 'reconnected', afterMs: 1200 });
  });
});

describe('while the user reads', () => {
  const reading: readonly (readonly [string, (store: Store) => void])[] = [
    [
      'the list has the focus',
      (store) => {
        store.hasFocus.value = true;
      },
    ],
    [
      'its top is out of sight',
      (store) => {
        store.isScrolled.value = true;
      },
    ],
    [
      'a row is open',
      (store) => {
        store.openRecord.value = 'e.1';
      },
    ],
  ];
  for (const [why, read] of reading) {
    test(`because ${why}, rows are held back, and the links are not`, () => {
      const store = storeAfter(hello, snapshot);
      read(store);
      foldMessage(store, record(10), now);
      expect(keys(store)).toEqual([]);
      expect(store.timeline.value.held).toHaveLength(1);
      expect(store.links.value.get(2)?.state).toBe('no-carrier');
    });
  }
});
