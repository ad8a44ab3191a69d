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
/** An event as text: `address-added 10.0.0.1,10.0.0.2`. */
const eventText = ({ event: { directory, changedAddresses, routesDelta } }: QueuedEvent<unknown>): string =>
  [directory, (changedAddresses ?? routesDelta?.map((delta) => delta.route.destination) ?? []).join(',')]
    .join(' ')
    .trim();

/**
 * Advances the time until every event has run, one lane at a time. Returns the events in the order of their
 * runs.
 */
function runAll(queue: HookQueue<unknown>, from: number): string[] {
  const ran: string[] = [];
  let now = at(from);
  for (let step = 0; step < 10_000; step++) {
    const taken = queue.takeReady(now);
    for (const item of taken) ran.push(eventText(item));
    for (const item of taken) queue.finished(item.lane);
    if (taken.length > 0) continue;
    const wake = queue.nextWakeAt();
    if (wake === undefined) return ran;
    now = wake;
  }
  throw new Error('the queue does not become idle');
}
const feed = (
  rows: readonly (readonly [ms: number, directory: HookDirectory, value?: string])[],
  over: Partial<HookQueueLimits> = {},
): HookQueue<string> => {
  const queue = new HookQueue<string>({ ...limits, ...over });
  for (const [ms, directory, value = ''] of rows) queue.enqueue(event(directory, value), value, at(ms));
  return queue;
};

describe('HookQueue: one lane', () => {
  const rows: readonly [name: string, rows: Parameters<typeof feed>[0], ran: readonly string[]][] = [
    [
      'states run in order',
      [
        [0, 'no-carrier'],
        [0, 'carrier'],
        [0, 'routable'],
      ],
      ['no-carrier', 'carrier', 'routable'],
    ],
    [
      'addresses within the debounce run as one event',
      [
        [0, 'address-added', '10.0.0.1'],
        [10, 'address-added', '10.0.0.2'],
        [49, 'address-added', '10.0.0.3'],
      ],
      ['address-added 10.0.0.1,10.0.0.2,10.0.0.3'],
    ],
    [
      'the debounce starts with the first event and is not extended',
      [
        [0, 'address-added', '10.0.0.1'],
        [40, 'address-added', '10.0.0.2'],
        [60, 'address-added', '10.0.0.3'],
      ],
      ['address-added 10.0.0.1,10.0.0.2', 'address-added 10.0.0.3'],
    ],
    [
      'events merge across events about other values',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'routes', '10.0.0.0'],
        [2, 'address-added', '10.0.0.2'],
        [3, 'routes', '10.1.0.0'],
      ],
      ['address-added 10.0.0.1,10.0.0.2', 'routes 10.0.0.0,10.1.0.0'],
    ],
    [
      'a value does not overtake an earlier event about itself',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'address-removed', '10.0.0.1'],
        [2, 'address-added', '10.0.0.1'],
      ],
      ['address-added 10.0.0.1', 'address-removed 10.0.0.1', 'address-added 10.0.0.1'],
    ],
    [
      'another value merges into an earlier event of its kind',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'address-removed', '10.0.0.1'],
        [2, 'address-added', '10.0.0.2'],
      ],
      ['address-added 10.0.0.1,10.0.0.2', 'address-removed 10.0.0.1'],
    ],
    [
      'a merged event contains a repeated value once',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'address-added', '10.0.0.1'],
      ],
      ['address-added 10.0.0.1'],
    ],
    [
      'events do not merge across a state',
      [
        [0, 'address-added', '10.0.0.1'],
        [1, 'routable'],
        [2, 'address-added', '10.0.0.2'],
      ],
      ['address-added 10.0.0.1', 'routable', 'address-added 10.0.0.2'],
    ],
    [
      'states do not merge',
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

  test('an address event runs exactly when the debounce ends', () => {
    const queue = feed([[0, 'address-added', '10.0.0.1']]);
    expect(queue.takeReady(at(49))).toEqual([]);
    expect(queue.nextWakeAt()).toBe(at(50));
    expect(queue.takeReady(at(50)).map(eventText)).toEqual(['address-added 10.0.0.1']);
  });

  test('a state ends the debounce of the events before it', () => {
    const queue = feed([
      [0, 'address-added', '10.0.0.1'],
      [1, 'no-carrier'],
    ]);
    const [first] = queue.takeReady(at(1));
    expect(first && eventText(first)).toBe('address-added 10.0.0.1');
    queue.finished('2.0');
    expect(queue.takeReady(at(1)).map(eventText)).toEqual(['no-carrier']);
  });

  test('events run at once and unmerged with a debounce of 0', () => {
    const queue = feed(
      [
        [0, 'address-added', '10.0.0.1'],
        [0, 'address-added', '10.0.0.2'],
      ],
      { debounce: millis(0) },
    );
    expect(runAll(queue, 0)).toEqual(['address-added 10.0.0.1', 'address-added 10.0.0.2']);
  });

  test('a lane runs one event at a time', () => {
    const queue = feed([
      [0, 'carrier'],
      [0, 'routable'],
    ]);
    expect(queue.takeReady(at(0)).map(eventText)).toEqual(['carrier']);
    expect(queue.takeReady(at(0))).toEqual([]);
    queue.finished('2.0');
    expect(queue.takeReady(at(0)).map(eventText)).toEqual(['routable']);
  });

  test('a merged event has the id of the first event, the payload of the last, and lists all', () => {
    const queue = new HookQueue<string>(limits);
    const [first, second] = [event('address-added', '10.0.0.1'), event('address-added', '10.0.0.2')];
    queue.enqueue(first, 'old', at(0));
    expect(queue.enqueue(second, 'new', at(1))).toEqual({ mergedInto: first.id });
    const [item] = queue.takeReady(at(50));
    expect([item?.event.id, item?.event.seq, item?.payload]).toEqual([first.id, first.seq, 'new']);
    expect(item?.covers).toEqual([first, second]);
  });

  test('events with different flags or names are not merged', () => {
    const queue = new HookQueue<string>(limits);
    queue.enqueue(event('address-added', '10.0.0.1'), '', at(0));
    expect(queue.enqueue({ ...event('address-added', '10.0.0.2'), resync: true }, '', at(0))).toEqual({});
    const route = event('routes', '10.0.0.0');
    queue.enqueue(route, '', at(0));
    expect(queue.enqueue({ ...event('routes', '10.1.0.0'), name: 'del' }, '', at(0))).toEqual({});
  });
});

describe('HookQueue: several lanes', () => {
  test('a busy link does not delay other links or the host', () => {
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

  test('a link that reuses an index has its own lane', () => {
    const queue = new HookQueue<string>(limits);
    queue.enqueue(event('link-removed', '', 2, 0), '', at(0));
    queue.enqueue(event('link-added', '', 2, 1), '', at(0));
    // It has the name of the first, and so it waits for it.
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.0']);
    queue.finished('2.0');
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.1']);
  });

  test('at most maxParallel lanes run, in turn', () => {
    const queue = new HookQueue<string>({ ...limits, maxParallel: 2 });
    for (const index of [2, 2, 3, 4]) queue.enqueue(event('carrier', '', index), '', at(0));
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.0', '3.0']);
    queue.finished('2.0');
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['4.0']);
    queue.finished('3.0');
    expect(queue.takeReady(at(0)).map((item) => item.lane)).toEqual(['2.0']);
  });

  test('finishing a lane that does not run has no effect', () => {
    const queue = feed([[0, 'carrier']]);
    queue.finished('2.0');
    queue.finished('9.9');
    expect(queue.running).toBe(0);
    expect(queue.takeReady(at(0)).length).toBe(1);
  });
});

describe('HookQueue: limit', () => {
  test('a full lane supersedes the oldest event of the same kind and returns it', () => {
    const queue = new HookQueue<string>({ ...limits, queueLimit: 3 });
    const first = event('carrier');
    for (const it of [event('no-carrier'), first, event('no-carrier')])
      expect(queue.enqueue(it, '', at(0))).toEqual({});
    const { superseded } = queue.enqueue(event('carrier'), '', at(0));
    expect(superseded?.event.id).toBe(first.id);
    expect(runAll(queue, 0)).toEqual(['no-carrier', 'no-carrier', 'carrier']);
  });

  test('a full lane without an event of the same kind supersedes the oldest event', () => {
    const queue = new HookQueue<string>({ ...limits, queueLimit: 2 });
    const oldest = event('carrier');
    queue.enqueue(oldest, '', at(0));
    queue.enqueue(event('routable'), '', at(0));
    expect(queue.enqueue(event('link-removed'), '', at(0)).superseded?.event.id).toBe(oldest.id);
  });

  test('a merged event counts once towards the limit', () => {
    const queue = new HookQueue<string>({ ...limits, queueLimit: 1 });
    for (let i = 0; i < 100; i++)
      expect(queue.enqueue(event('address-added', `10.0.0.${i}`), '', at(0)).superseded).toBeUndefined();
    expect(queue.waiting).toBe(1);
  });

  test('the size of one merged event is limited', () => {
    const queue = new HookQueue<string>(limits);
    for (let i = 0; i < 5000; i++)
      queue.enqueue(event('address-added', `10.0.${i >> 8}.${i & 255}`), '', at(0));
    expect(queue.waiting).toBe(2);
  });

  test('new limits drop no event and end every debounce', () => {
    const queue = feed([
      [0, 'address-added', '10.0.0.1'],
      [0, 'address-removed', '10.0.0.2'],
    ]);
    queue.configure({ ...limits, queueLimit: 1 });
    expect(queue.nextWakeAt()).toBeUndefined();
    expect(runAll(queue, 0)).toEqual(['address-added 10.0.0.1', 'address-removed 10.0.0.2']);
  });

  test('draining returns all waiting events in order and leaves the running ones', () => {
    const queue = feed([
      [0, 'carrier'],
      [0, 'degraded'],
      [0, 'routable'],
    ]);
    queue.takeReady(at(0));
    expect(queue.drain().map(eventText)).toEqual(['degraded', 'routable']);
    expect([queue.waiting, queue.running, queue.isIdle]).toEqual([0, 1, false]);
    queue.finished('2.0');
    expect(queue.isIdle).toBe(true);
  });
});

/** A random step: an event arrives, time passes, or hooks end. */
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

/** Plays the steps, then lets all hooks end. Returns what happened. */
function play(given: readonly Step[], over: Partial<HookQueueLimits>): Outcome {
  const queue = new HookQueue<number>({ ...limits, ...over });
  const outcome: Outcome = { enqueued: [], ran: [], superseded: [], mostRunning: 0, mostWaiting: 0 };
  const running: QueuedEvent<number>[] = [];
  let now = 0;
  const start = (): void => {
    const taken = queue.takeReady(at(now));
    outcome.ran.push(...taken);
    running.push(...taken);
    outcome.mostRunning = Math.max(outcome.mostRunning, queue.running);
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
      outcome.enqueued.push(it);
      const { superseded } = queue.enqueue(it, now, at(now));
      if (superseded !== undefined) outcome.superseded.push(superseded);
      outcome.mostWaiting = Math.max(
        outcome.mostWaiting,
        ...[1, 2, 3].map((i) => [...queue.pending()].filter((item) => item.lane === `${i}.0`).length),
      );
    }
    start();
  }
  while (!queue.isIdle) {
    if (running.length === 0) now = Number(queue.nextWakeAt() ?? Number.NaN);
    if (Number.isNaN(now)) throw new Error('the queue has waiting events but no wake time');
    end(0);
    start();
  }
  return outcome;
}
interface Outcome {
  readonly enqueued: NetworkEvent[];
  readonly ran: QueuedEvent<number>[];
  readonly superseded: QueuedEvent<number>[];
  mostRunning: number;
  mostWaiting: number;
}

describe('HookQueue: random steps', () => {
  test('every event runs once or is returned as superseded', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (given, queueLimit) => {
        const outcome = play(given, { queueLimit });
        const ended = [...outcome.ran, ...outcome.superseded].flatMap((item) =>
          item.covers.map((it) => it.seq),
        );
        expect(ended.toSorted((a, b) => a - b)).toEqual(outcome.enqueued.map((it) => it.seq));
      }),
    );
  });

  test('merging loses no value', () => {
    fc.assert(
      fc.property(steps, (given) => {
        for (const { event: merged, covers } of play(given, {}).ran) {
          expect(new Set(valuesOf(merged))).toEqual(new Set(covers.flatMap(valuesOf)));
        }
      }),
    );
  });

  test('events about the same value run in order, and so do states and all other events', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const outcome = play(given, {});
        const position = new Map(
          outcome.ran.flatMap((item, i) => item.covers.map((it) => [it.seq, i] as const)),
        );
        for (const [i, earlier] of outcome.enqueued.entries()) {
          for (const later of outcome.enqueued.slice(i + 1)) {
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

  test('no more events wait or run than the limits allow', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 3 }),
        (given, queueLimit, maxParallel) => {
          const outcome = play(given, { queueLimit, maxParallel });
          expect(outcome.mostWaiting).toBeLessThanOrEqual(queueLimit);
          expect(outcome.mostRunning).toBeLessThanOrEqual(maxParallel);
        },
      ),
    );
  });
});
