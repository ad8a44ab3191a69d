import { beforeEach, describe, expect, test } from 'bun:test';
import type { EnginePolicy } from '../core/engine-options.ts';
import type { HookRunOrder } from '../core/hooks/hook-order.ts';
import type { Fact } from '../core/model/fact.ts';
import { ifIndex, seq } from '../core/model/ids.ts';
import { LinkFlag, OperStatus } from '../core/model/kernel-objects.ts';
import type { ResolverOutcome } from '../core/resolver/call.ts';
import type { RoutingOutcome } from '../core/routing/plan/routing-effect.ts';
import { sampleEpoch } from '../testing/collecting-engine.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { samplePolicy } from '../testing/routing-bench.ts';
import { sampleEnginePolicy } from '../testing/sample-policy.ts';
import { sampleAddress, sampleLease, sampleLinkObject, sampleRoute } from '../testing/sample-state.ts';
import { type EffectHandlers, Loop } from './loop.ts';

const up = sampleLinkObject();
const down = sampleLinkObject({ flags: LinkFlag.up, operStatus: OperStatus.down });
const read: Fact = {
  kind: 'kernelRead',
  snapshot: { links: [up], drivers: new Map(), addresses: [], routes: [], rules: [] },
};
const seen = (link: typeof up): Fact => ({ kind: 'linkObserved', link });

/** Records its calls, and answers when the test says so. */
class Handlers implements EffectHandlers {
  readonly notes: string[] = [];
  readonly running: { readonly order: HookRunOrder; end(): void }[] = [];
  readonly changing: { answer(outcomes: readonly RoutingOutcome[]): void }[] = [];
  readonly calling: { answer(outcomes: readonly ResolverOutcome[]): void }[] = [];
  onRead: () => void = () => undefined;

  readonly publish: EffectHandlers['publish'] = ({ activity }) => {
    this.notes.push(activity.kind);
  };
  readonly runHooks: EffectHandlers['runHooks'] = ({ order }, outcomes) => {
    this.notes.push(`run ${order.event.directory}`);
    const end = (): void => outcomes.hooksFinished(order.lane, { link: order.event.link, rejected: [] });
    this.running.push({ order, end });
  };
  readonly readNetworkd: EffectHandlers['readNetworkd'] = () => {
    this.notes.push('read networkd');
  };
  readonly readKernel: EffectHandlers['readKernel'] = () => {
    this.notes.push('read');
    this.onRead();
  };
  readonly changeRouting: EffectHandlers['changeRouting'] = (_, outcomes) => {
    this.notes.push('change');
    this.changing.push({ answer: (ended) => outcomes.routingFinished(ended) });
  };
  readonly callResolver: EffectHandlers['callResolver'] = (_, outcomes) => {
    this.notes.push('call');
    this.calling.push({ answer: (ended) => outcomes.resolverFinished(ended) });
  };
  take(): string[] {
    return this.notes.splice(0);
  }
}

let clock: ManualClock;
let handlers: Handlers;
let loop: Loop;
const begin = (over: Partial<EnginePolicy> = {}): void => {
  clock = new ManualClock();
  handlers = new Handlers();
  loop = new Loop({
    engine: { policy: sampleEnginePolicy(over), epoch: sampleEpoch, lastSeq: seq(0) },
    clock,
    handlers,
    pollHookDirectories: () => undefined,
    stepEnded: () => void handlers.notes.push('stepEnded'),
  });
};
beforeEach(() => begin());

describe('Loop: a step', () => {
  test('a step carries out its effects in order and then ends', () => {
    loop.start();
    expect(handlers.take()).toEqual(['read', 'stepEnded']);
    loop.observe([read]);
    expect(handlers.take()).toEqual(['finding', 'run carrier', 'stepEnded']);
  });

  test('a step that is requested during another one waits for its end', () => {
    handlers.onRead = () => {
      loop.observe([read]);
      handlers.notes.push('asked');
    };
    loop.start();
    expect(handlers.take()).toEqual(['read', 'asked', 'finding', 'run carrier', 'stepEnded']);
  });

  test('a failed step does not prevent an orderly end of the loop', () => {
    handlers.onRead = () => {
      throw new Error('a bug');
    };
    expect(() => loop.start()).toThrow('a bug');
    handlers.onRead = () => undefined;
    loop.observe([read]);
    expect(handlers.take()).toContain('finding');
  });
});

describe('Loop: hooks', () => {
  beforeEach(() => {
    loop.start();
    loop.observe([read]);
    handlers.take();
  });

  test('the loop does not wait for hooks, and their end is a step', async () => {
    loop.observe([seen(down)]);
    expect(handlers.take()).toEqual(['finding', 'run manager', 'stepEnded']);
    handlers.running[0]?.end();
    await Promise.resolve();
    await Promise.resolve();
    expect(handlers.take()).toEqual(['run no-carrier', 'stepEnded']);
  });

  test('no hook starts after the hooks are stopped, and events are still recorded', async () => {
    loop.pauseHooks();
    loop.observe([seen(down)]);
    handlers.running[0]?.end();
    await Promise.resolve();
    await Promise.resolve();
    expect(handlers.take()).toEqual(['finding', 'stepEnded', 'stepEnded']);
  });
});

describe('Loop: time', () => {
  test('the loop wakes the engine once at the requested time, and not before', () => {
    loop.start();
    loop.observe([read]);
    handlers.take();
    loop.observe([{ kind: 'routesInvalidated', family: 4, cause: 'ambiguous-message' }]);
    expect(handlers.take()).toEqual(['stepEnded']);
    clock.advance(9);
    expect(handlers.take()).toEqual([]);
    clock.advance(1);
    expect(handlers.take()).toEqual(['read', 'stepEnded']);
  });

  test('an earlier wake-up replaces a later one', () => {
    loop.start();
    loop.observe([read]);
    loop.observe([{ kind: 'addressObserved', address: sampleAddress('192.0.2.1') }]);
    const { waiting } = clock;
    loop.observe([{ kind: 'addressObserved', address: sampleAddress('192.0.2.2') }]);
    expect(clock.waiting).toBe(waiting);
  });

  test('a loop that has ended ignores wake-ups', () => {
    loop.start();
    loop.observe([read]);
    loop.observe([{ kind: 'routesInvalidated', family: 4, cause: 'ambiguous-message' }]);
    handlers.take();
    loop[Symbol.dispose]();
    clock.advance(1000);
    loop.observe([seen(down)]);
    expect(handlers.take()).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});

describe('Loop: waiting for a condition', () => {
  test('a condition that holds already resolves at once', async () => {
    await loop.until(() => true);
  });

  test('a condition is checked after each step', async () => {
    let isOver = false;
    const waiting = loop
      .until(() => loop.isReady)
      .then(() => {
        isOver = true;
      });
    loop.start();
    await Promise.resolve();
    expect(isOver).toBe(false);
    loop.observe([read]);
    await waiting;
    expect(isOver).toBe(true);
  });
});

test('each outcome of a change of routing is a separate step', async () => {
  begin({ routing: samplePolicy({ links: ['eth0'] }) });
  loop.start();
  const way = { ifindex: ifIndex(2), weight: 1, flags: 0 };
  const network = sampleRoute({
    destination: sampleAddress('192.168.1.0').address,
    prefixLength: 24,
    nextHops: [way],
  });
  const addresses = [sampleAddress('192.168.1.100')];
  loop.observe([
    {
      ...read,
      snapshot: { links: [up], drivers: new Map(), addresses, routes: [sampleRoute(), network], rules: [] },
    },
  ]);
  expect(handlers.take()).toContain('change');
  expect(loop.isRoutingIdle).toBe(false);
  handlers.changing[0]?.answer([]);
  await Promise.resolve();
  await Promise.resolve();
  expect(handlers.take()).toContain('stepEnded');
});

test('each outcome of name resolution, and the return of a service, is a separate step', () => {
  begin({ resolver: { useDns: true, useDomain: false, useHostname: false, isMonitored: () => true } });
  loop.start();
  const addresses = [sampleAddress('192.168.1.100')];
  loop.observe([
    { kind: 'leasesRead', active: [sampleLease()] },
    { ...read, snapshot: { links: [up], drivers: new Map(), addresses, routes: [], rules: [] } },
  ]);
  expect(handlers.take()).toContain('call');
  handlers.calling[0]?.answer([]);
  expect(handlers.take()).toEqual(['stepEnded']);
  loop.resolverReturned('resolve1');
  expect(handlers.take()).toEqual(['stepEnded']);
});
