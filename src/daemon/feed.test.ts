import { expect, test } from 'bun:test';
import type { Activity } from '../core/activity.ts';
import { seq, timestamp } from '../core/model/ids.ts';
import type { ActivityGap, ActivityObserver } from '../ports/activity-observer.ts';
import { Feed } from './feed.ts';

const ready: Activity = { kind: 'lifecycle', seq: seq(1), at: timestamp(0), phase: 'ready' };
const stopping: Activity = { kind: 'lifecycle', seq: seq(2), at: timestamp(0), phase: 'stopping' };

/** Records the kinds and phases of its activities. */
function observer(over: Partial<ActivityObserver> = {}): ActivityObserver & { readonly seen: string[] } {
  const seen: string[] = [];
  const note = (activity: Activity | ActivityGap): void => {
    seen.push('phase' in activity ? activity.phase : activity.kind);
  };
  return { name: 'test', queueLimit: 10, observe: note, seen, ...over };
}

test('an activity is delivered after the code that published it has returned', async () => {
  const feed = new Feed();
  const log = observer();
  feed.subscribe(log);
  feed.publish(ready);
  feed.publish(stopping);
  expect(log.seen).toEqual([]);
  await Promise.resolve();
  expect(log.seen).toEqual(['ready', 'stopping']);
});

test('every observer sees the same order', () => {
  const feed = new Feed();
  const observers = [observer(), observer()];
  for (const each of observers) feed.subscribe(each);
  for (const activity of [ready, stopping, ready]) feed.publish(activity);
  feed.flush();
  expect(observers.map(({ seen }) => seen)).toEqual([
    ['ready', 'stopping', 'ready'],
    ['ready', 'stopping', 'ready'],
  ]);
});

test('an observer that is disposed of sees nothing more', () => {
  const feed = new Feed();
  const log = observer();
  const subscription = feed.subscribe(log);
  feed.publish(ready);
  subscription[Symbol.dispose]();
  feed.flush();
  expect(log.seen).toEqual([]);
});

test('a slow observer gets one counted gap for what exceeds its queue, and others lose nothing', async () => {
  const feed = new Feed();
  const { promise, resolve } = Promise.withResolvers<void>();
  const given: (Activity | ActivityGap)[] = [];
  const observe = (activity: Activity | ActivityGap): Promise<void> => {
    given.push(activity);
    return promise;
  };
  const log = observer();
  feed.subscribe({ name: 'slow', queueLimit: 2, observe });
  feed.subscribe(log);
  for (let i = 0; i < 6; i++) {
    feed.publish(ready);
    feed.flush();
  }
  expect(given).toEqual([ready]);
  resolve();
  await new Promise(setImmediate);
  expect(given).toEqual([ready, ready, ready, { kind: 'gap', lost: 3 }]);
  expect(log.seen).toHaveLength(6);
});

test('after a gap the observer follows again', () => {
  const feed = new Feed();
  const log = observer({ queueLimit: 1 });
  feed.subscribe(log);
  feed.publish(ready);
  feed.publish(ready);
  feed.flush();
  feed.publish(stopping);
  feed.flush();
  expect(log.seen).toEqual(['ready', 'gap', 'stopping']);
});
