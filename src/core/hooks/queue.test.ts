import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { ip, sampleEvent, sampleRoute } from '../../testing/sample-state.ts';
import type { NetworkEvent } from '../model/event.ts';
import type { HookDirectory } from '../model/event-table.ts';
import { generation, type Instant, ifIndex, instant, millis, seq } from '../model/ids.ts';
import { valuesOf } from './merge-events.ts';
import { HookQueue, type HookQueueLimits, laneOf, type QueuedEvent } from './queue.ts';

const limits: HookQueueLimits = { debounce: millis(50), maxParallel: 4, queueLimit: 256 };
let counter = 0;
const event = (directory: HookDirectory, value = '', index = 2, gen = 0): NetworkEvent => {
  const link = { index: ifIndex(index), generation: generation(gen), name: `eth${index}` };
  const base = { directory, name: directory, seq: seq(++counter), link };
  if (directory === 'routes') {
    const route = sampleRoute({ destination: ip(value), prefixLength: 24 });
    return sampleEvent({ ...base, name: 'new', routesDelta: [{ action: 'new', route }] });
  }
  if (!directory.startsWith('address')) return sampleEvent(base);
  return sampleEvent({ ...base, changedAddresses: [ip(value)] });
};
const hostEvent = (): NetworkEvent => {
  const { link: _link, ...rest } = sampleEvent({ directory: 'manager', seq: seq(++counter) });
  return rest;
};
const at = (ms: number): Instant => instant(ms);
/** What an event says: `address-added 10.0.0.1,10.0.0.2`. */
const say = ({ event: { directory, changedAddresses, routesDelta } }: QueuedEvent<unknown>): string =>
  [directory, (changedAddresses ?? routesDelta?.map((delta) => delta.route.destination) ?? []).join(',')]
    .join(' ')
    .trim();

/** Runs everything, one lane at a time, as time passes; what ran, in order. */
function runAll(queue: HookQueue<unknown>, from: number): string[] {
  const ran: string[] = [];
  let now = at(from);
  for (let step = 0; step < 10_000; step++) {
    const taken = queue.takeReady(now);
    for (const item of taken) ran.push(say(item));
    for (const item of taken) queue.finished(item.lane);
    if (taken.length > 0) continue;
    const wake = queue.nextWakeAt();
    if (wake === undefined) return ran;
    now = wake;
  }
  throw new Error('the queue never came to rest');
}
const feed = (
  rows: readonly (readonly [ms: number, directory: HookDirectory, value?: string])[],
  over: Partial<HookQueueLimits> = {},
): HookQueue<string> => {
  const queue = new HookQueue<string>({ ...limits, ...over });
  for (const [ms, directory, value = ''] of rows) queue.enqueue(event(directory, value), value, at(ms));
  return queue;
};

describe('a lane', () => {
  const rows: readonly [name: string, rows: Parameters<typeof feed>[0], ran: readonly string[]][] = [
    [
      'runs in order',
      [
        [0, 'no-carrier'],
        [0, 'carrier'],
        [0, 'routable'],
      ],
      ['no-carrier', 'carrier', 'routable'],
    ],
    [
      'tells addresses of one burst together',
      [
        [0, 'address-added', '10.0.0.1'],
        [10, 'address-added', '10.0.0.2'],
        [49, 'address-added', '10.0.0.3'],
      ],
      ['address-added 10.0.0.1,10.0.0.2,10.0.0.3'],
    ],
    [
      'begins anew after the window, which does not move',
      [
        [0, 'address-added', '10.0.0.1'],
        [40, 'address-added', '10.0.0.2'],
        [60, 'address-added', '10.0.0.3'],
      ],
      ['address-added 10.0.0.1,10.0.0.2', 'address-added 10.0.0.3'],
    ],
    [
      'merges across events about other values',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'routes', '10.0.0.0'],
        [2, 'address-added', '10.0.0.2'],
        [3, 'routes', '10.1.0.0'],
      ],
      ['address-added 10.0.0.1,10.0.0.2', 'routes 10.0.0.0,10.1.0.0'],
    ],
    [
      'lets no value overtake an event about itself',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'address-removed', '10.0.0.1'],
        [2, 'address-added', '10.0.0.1'],
      ],
      ['address-added 10.0.0.1', 'address-removed 10.0.0.1', 'address-added 10.0.0.1'],
    ],
    [
      'still merges what is not in the way',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'address-removed', '10.0.0.1'],
        [2, 'address-added', '10.0.0.2'],
      ],
      ['address-added 10.0.0.1,10.0.0.2', 'address-removed 10.0.0.1'],
    ],
    [
      'names a value once that came twice',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'address-added', '10.0.0.1'],
      ],
      ['address-added 10.0.0.1'],
    ],
    [
      'merges nothing across a state',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'routable'],
        [2, 'address-added', '10.0.0.2'],
      ],
      ['address-added 10.0.0.1', 'routable', 'address-added 10.0.0.2'],
    ],
    [
      'never merges states',
      [
        [0, 'carrier'],
        [1, 'carrier'],
      ],
      ['carrier', 'carrier'],
    ],
  ];
  test.each(rows)('%s', (_name, given, ran) => {
    expect(runAll(feed(given), 100)).toEqual([...ran]);
  });

  test('waits for the burst to end, and no longer', () => {
    const queue = feed([[0, 'address-added', '10.0.0.1']]);
    expect(queue.takeReady(at(49))).toEqual([]);
    expect(queue.nextWakeAt()).toBe(at(50));
    expect(queue.takeReady(at(50)).map(say)).toEqual(['address-added 10.0.0.1']);
  });

  test('a state makes what waits before it run at once', () => {
    const queue = feed([
      [0, 'address-added', '10.0.0.1'],
      [1, 'no-carrier'],
    ]);
    const [first] = queue.takeReady(at(1));
    expect(first && say(first)).toBe('address-added 10.0.0.1');
    queue.finished('2.0');
    expect(queue.takeReady(at(1)).map(say)).toEqual(['no-carrier']);
  });

  test('does not wait where the debounce is nought', () => {
    const queue = feed(
      [
        [0, 'address-added', '10.0.0.1'],
        [0, 'address-added', '10.0.0.2'],
      ],
      { debounce: millis(0) },
    );
    expect(runAll(queue, 0)).toEqual(['address-added 10.0.0.1', 'address-added 10.0.0.2']);
  });

  test('runs one at a time', () => {
    const queue = feed([
      [0, 'carrier'],
      [0, 'routable'],
    ]);
    expect(queue.takeReady(at(0)).map(say)).toEqual(['carrier']);
    expect(queue.takeReady(at(0))).toEqual([]);
    queue.finished('2.0');
    expect(queue.takeReady(at(0)).map(say)).toEqual(['routable']);
  });

  test('a merged event has the identity of its first, the payload of its last, and knows all', () => {
    const queue = new HookQueue<string>(limits);
    const [first, second] = [event('address-added', '10.0.0.1'), event('address-added', '10.0.0.2')];
    queue.enqueue(first, 'old', at(0));
    expect(queue.enqueue(second, 'new', at(1))).toEqual({ mergedInto: first.id });
    const [item] = queue.takeReady(at(50));
    expect([item?.event.id, item?.event.seq, item?.payload]).toEqual([first.id, first.seq, 'new']);
    expect(item?.covers).toEqual([first, second]);
  });

  test('events that a script can tell apart are not merged', () => {
    const queue = new HookQueue<string>(limits);
    queue.enqueue(event('address-added', '10.0.0.1'), '', at(0));
    expect(queue.enqueue({ ...event('address-added', '10.0.0.2'), resync: true }, '', at(0))).toEqual({});
    const route = event('routes', '10.0.0.0');
    queue.enqueue(route, '', at(0));
    expect(queue.enqueue({ ...event('routes', '10.1.0.0'), name: 'del' }, '', at(0))).toEqual({});
  });
});

describe('lanes beside each other', () => {
  test('a link that is busy delays no other, and the host has a lane of its own', () => {
    const queue = new HookQueue<string>(limits);
    for (const it of [
      event('carrier', '', 2),
      event('routable', '', 2),
      event('carrier', '', 3),
      hostEvent(),
    ])
      queue.enqueue(it, '', at(0));
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.0', '3.0', 'host']);
    expect(queue.running).toBe(3);
    expect(queue.waiting).toBe(1);
  });

  test('a link that took over an index has its own lane', () => {
    const queue = new HookQueue<string>(limits);
    queue.enqueue(event('link-removed', '', 2, 0), '', at(0));
    queue.enqueue(event('link-added', '', 2, 1), '', at(0));
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.0', '2.1']);
  });

  test('no more lanes run than may, and each comes in its turn', () => {
    const queue = new HookQueue<string>({ ...limits, maxParallel: 2 });
    for (const index of [2, 2, 3, 4]) queue.enqueue(event('carrier', '', index), '', at(0));
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.0', '3.0']);
    queue.finished('2.0');
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['4.0']);
    queue.finished('3.0');
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.0']);
  });

  test('finishing what does not run changes nothing', () => {
    const queue = feed([[0, 'carrier']]);
    queue.finished('2.0');
    queue.finished('9.9');
    expect(queue.running).toBe(0);
    expect(queue.takeReady(at(0)).length).toBe(1);
  });
});

describe('the bound', () => {
  test('past it the oldest of the same kind gives way and is handed back', () => {
    const queue = new HookQueue<string>({ ...limits, queueLimit: 3 });
    const first = event('carrier');
    for (const it of [event('no-carrier'), first, event('no-carrier')])
      expect(queue.enqueue(it, '', at(0))).toEqual({});
    const { superseded } = queue.enqueue(event('carrier'), '', at(0));
    expect(superseded?.event.id).toBe(first.id);
    expect(runAll(queue, 0)).toEqual(['no-carrier', 'no-carrier', 'carrier']);
  });

  test('where none of its kind waits, the oldest of all gives way', () => {
    const queue = new HookQueue<string>({ ...limits, queueLimit: 2 });
    const oldest = event('carrier');
    queue.enqueue(oldest, '', at(0));
    queue.enqueue(event('routable'), '', at(0));
    expect(queue.enqueue(event('link-removed'), '', at(0)).superseded?.event.id).toBe(oldest.id);
  });

  test('a burst that is merged takes one place', () => {
    const queue = new HookQueue<string>({ ...limits, queueLimit: 1 });
    for (let i = 0; i < 100; i++)
      expect(queue.enqueue(event('address-added', `10.0.0.${i}`), '', at(0)).superseded).toBeUndefined();
    expect(queue.waiting).toBe(1);
  });

  test('one merged event does not grow without end', () => {
    const queue = new HookQueue<string>(limits);
    for (let i = 0; i < 5000; i++)
      queue.enqueue(event('address-added', `10.0.${i >> 8}.${i & 255}`), '', at(0));
    expect(queue.waiting).toBe(2);
  });

  test('new limits drop nothing and end every wait', () => {
    const queue = feed([
      [0, 'address-added', '10.0.0.1'],
      [0, 'address-removed', '10.0.0.2'],
    ]);
    queue.configure({ ...limits, queueLimit: 1 });
    expect(queue.nextWakeAt()).toBeUndefined();
    expect(runAll(queue, 0)).toEqual(['address-added 10.0.0.1', 'address-removed 10.0.0.2']);
  });

  test('draining hands everything back in order and leaves what runs', () => {
    const queue = feed([
      [0, 'carrier'],
      [0, 'degraded'],
      [0, 'routable'],
    ]);
    queue.takeReady(at(0));
    expect(queue.drain().map(say)).toEqual(['degraded', 'routable']);
    expect([queue.waiting, queue.running, queue.isIdle]).toEqual([0, 1, false]);
    queue.finished('2.0');
    expect(queue.isIdle).toBe(true);
  });
});

/** What a random day looks like: events come, time passes, hooks end. */
type Step =
  | {
      readonly kind: 'event';
      readonly directory: HookDirectory;
      readonly index: number;
      readonly value: number;
    }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'end'; readonly which: number };
const directories: readonly HookDirectory[] = [
  'carrier',
  'no-carrier',
  'routable',
  'address-added',
  'address-removed',
  'routes',
  'mtu',
];
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('event' as const),
        directory: fc.constantFrom(...directories),
        index: fc.integer({ min: 1, max: 3 }),
        value: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 40 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(3) }) },
  ),
  { maxLength: 80 },
);

/** Plays the steps, lets everything end, and notes what happened. */
function play(given: readonly Step[], over: Partial<HookQueueLimits>): Day {
  const queue = new HookQueue<number>({ ...limits, ...over });
  const day: Day = { came: [], ran: [], superseded: [], mostRunning: 0, mostWaiting: 0 };
  const running: QueuedEvent<number>[] = [];
  let now = 0;
  const start = (): void => {
    const taken = queue.takeReady(at(now));
    day.ran.push(...taken);
    running.push(...taken);
    day.mostRunning = Math.max(day.mostRunning, queue.running);
  };
  const end = (which: number): void => {
    const [ended] = running.splice(which % Math.max(running.length, 1), 1);
    if (ended !== undefined) queue.finished(ended.lane);
  };
  for (const step of given) {
    if (step.kind === 'time') now += step.ms;
    else if (step.kind === 'end') end(step.which);
    else {
      const it = event(step.directory, `10.0.${step.value}.0`, step.index);
      day.came.push(it);
      const { superseded } = queue.enqueue(it, now, at(now));
      if (superseded !== undefined) day.superseded.push(superseded);
      day.mostWaiting = Math.max(
        day.mostWaiting,
        ...[1, 2, 3].map((i) => [...queue.pending()].filter((item) => item.lane === `${i}.0`).length),
      );
    }
    start();
  }
  while (!queue.isIdle) {
    if (running.length === 0) now = Number(queue.nextWakeAt() ?? Number.NaN);
    if (Number.isNaN(now)) throw new Error('events wait and nothing will wake the queue');
    end(0);
    start();
  }
  return day;
}
interface Day {
  readonly came: NetworkEvent[];
  readonly ran: QueuedEvent<number>[];
  readonly superseded: QueuedEvent<number>[];
  mostRunning: number;
  mostWaiting: number;
}

describe('whatever comes', () => {
  test('every event runs once, or is superseded and said to be', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (given, queueLimit) => {
        const day = play(given, { queueLimit });
        const ended = [...day.ran, ...day.superseded].flatMap((item) => item.covers.map((it) => it.seq));
        expect(ended.toSorted((a, b) => a - b)).toEqual(day.came.map((it) => it.seq));
      }),
    );
  });

  test('no value is lost in merging', () => {
    fc.assert(
      fc.property(steps, (given) => {
        for (const { event: told, covers } of play(given, {}).ran) {
          expect(new Set(valuesOf(told))).toEqual(new Set(covers.flatMap(valuesOf)));
        }
      }),
    );
  });

  test('events about the same value, and states with everything, keep their order', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const day = play(given, {});
        const position = new Map(day.ran.flatMap((item, i) => item.covers.map((it) => [it.seq, i] as const)));
        for (const [i, earlier] of day.came.entries()) {
          for (const later of day.came.slice(i + 1)) {
            if (laneOf(later) !== laneOf(earlier)) continue;
            const values = new Set(valuesOf(earlier));
            const bound =
              values.size === 0 ||
              valuesOf(later).length === 0 ||
              valuesOf(later).some((value) => values.has(value));
            if (bound)
              expect(position.get(earlier.seq) ?? -1).toBeLessThanOrEqual(position.get(later.seq) ?? -1);
          }
        }
      }),
    );
  });

  test('the bounds hold', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        (given, queueLimit, maxParallel) => {
          const day = play(given, { queueLimit, maxParallel });
          expect(day.mostWaiting).toBeLessThanOrEqual(queueLimit);
          expect(day.mostRunning).toBeLessThanOrEqual(maxParallel);
        },
      ),
    );
  });
});
