import { describe, expect, test } from 'bun:test';
import { sampleEvent } from '../../testing/sample-state.ts';
import type { NetworkEvent } from '../model/event.ts';
import type { HookDirectory } from '../model/event-table.ts';
import { generation, ifIndex, instant, millis, seq } from '../model/ids.ts';
import { NameOrder } from './name-order.ts';
import { HookQueue } from './queue.ts';

describe('NameOrder', () => {
  test('a lane waits for the former bearer of its name, until that one has no event left', () => {
    const order = new NameOrder();
    order.take('tun7', '5.0');
    order.take('tun7', '9.0');
    expect([order.mustWait('5.0'), order.mustWait('9.0')]).toEqual([false, true]);
    expect(order.release('5.0')).toEqual(['9.0']);
    expect(order.mustWait('9.0')).toBe(false);
  });

  test('a name whose bearer has no event left is free', () => {
    const order = new NameOrder();
    order.take('tun7', '5.0');
    order.release('5.0');
    order.take('tun7', '9.0');
    expect(order.mustWait('9.0')).toBe(false);
  });

  test('of two links that swap their names only one waits', () => {
    const order = new NameOrder();
    order.take('eth0', '2.0');
    order.take('eth1', '3.0');
    order.take('eth0', '3.0');
    order.take('eth1', '2.0');
    expect([order.mustWait('2.0'), order.mustWait('3.0')]).toEqual([false, true]);
    order.release('2.0');
    expect(order.mustWait('3.0')).toBe(false);
  });

  test('a circle of three does not wait for itself', () => {
    const order = new NameOrder();
    for (const [name, lane] of [
      ['a', '1.0'],
      ['b', '2.0'],
      ['c', '3.0'],
      ['a', '2.0'],
      ['b', '3.0'],
      ['c', '1.0'],
    ] as const) {
      order.take(name, lane);
    }
    expect(['1.0', '2.0', '3.0'].filter((lane) => !order.mustWait(lane))).toEqual(['1.0']);
  });
});

let counter = 0;
const event = (directory: HookDirectory, name: string, index: number): NetworkEvent => {
  const link = { index: ifIndex(index), generation: generation(0), name };
  return sampleEvent({ directory, name: directory, seq: seq(++counter), link });
};

describe('HookQueue: links that had one name one after the other', () => {
  const started = (): HookQueue<string> => {
    const queue = new HookQueue<string>({ debounce: millis(0), maxParallel: 4, queueLimit: 256 });
    const enqueue = (directory: HookDirectory, name: string, index: number): void => {
      queue.enqueue(event(directory, name, index), '', instant(0));
    };
    enqueue('routable', 'tun7', 5);
    enqueue('link-removed', 'tun7', 5);
    enqueue('link-added', 'tun7', 9);
    enqueue('link-added', 'eth0', 2);
    return queue;
  };
  const take = (queue: HookQueue<string>): string[] =>
    queue.takeReady(instant(0)).map(({ lane, event: { directory } }) => `${lane} ${directory}`);

  test('the new bearer waits for the whole lane of the former one, others do not', () => {
    const queue = started();
    expect(take(queue)).toEqual(['5.0 routable', '2.0 link-added']);
    queue.finished('5.0');
    expect(take(queue)).toEqual(['5.0 link-removed']);
    expect(take(queue)).toEqual([]);
    queue.finished('5.0');
    expect(take(queue)).toEqual(['9.0 link-added']);
  });

  test('a drained queue blocks nobody', () => {
    const queue = started();
    queue.drain();
    queue.enqueue(event('link-added', 'tun7', 9), '', instant(1));
    expect(take(queue)).toEqual(['9.0 link-added']);
  });
});
