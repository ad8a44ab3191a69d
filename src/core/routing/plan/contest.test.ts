import { describe, expect, test } from 'bun:test';
import { RoutingBench } from '../../../testing/routing-bench.ts';
import { ownLines, routeOf } from '../../../testing/routing-text.ts';
import { isOwn } from '../piece.ts';
import { contestDelay } from './contest.ts';

function benchWithEth1(): { bench: RoutingBench; eth1: ReturnType<RoutingBench['kernel']['addLink']> } {
  const bench = new RoutingBench();
  bench.kernel.addLink('eth0');
  const eth1 = bench.kernel.addLink('eth1');
  bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
  bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }));
  bench.reconcile();
  bench.advance(1000);
  bench.takeDone();
  return { bench, eth1 };
}

function purge(bench: RoutingBench): void {
  bench.kernel.rules = bench.kernel.rules.filter((rule) => !isOwn(rule));
}

/** Returns the time until everything is restored. */
function timeToRestore(bench: RoutingBench, whole: readonly string[]): number {
  const from = bench.now;
  bench.reconcile();
  for (let i = 0; i < 200_000 && ownLines(bench.kernel).length !== whole.length; i++) bench.advance(1);
  expect(ownLines(bench.kernel)).toEqual([...whole]);
  return bench.now - from;
}

describe('contests', () => {
  test('deleted rules are restored at once the first time', () => {
    const { bench } = benchWithEth1();
    const whole = ownLines(bench.kernel);
    purge(bench);
    expect(timeToRestore(bench, whole)).toBe(0);
    expect(bench.notices).toMatchObject([{ kind: 'deleted', link: 'eth1', persistent: false }]);
  });

  test('a restoration names the link that it repairs, and no other change does', () => {
    const { bench, eth1 } = benchWithEth1();
    purge(bench);
    bench.reconcile();
    const restored = bench.takeDone();
    expect(restored.length).toBeGreaterThan(0);
    expect(new Set(restored.map(({ repairs }) => repairs))).toEqual(new Set([eth1]));
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.6', prefixLength: 24 });
    bench.reconcile();
    expect(new Set(bench.takeDone().map(({ repairs }) => repairs))).toEqual(new Set([undefined]));
  });

  test('only the deleted rule or route is restored', () => {
    const { bench } = benchWithEth1();
    const [rule] = bench.kernel.rules.filter(isOwn);
    bench.kernel.rules = bench.kernel.rules.filter((one) => one !== rule);
    bench.reconcile();
    expect(bench.takeDone().map(({ kind }) => kind)).toEqual(['addRule']);
    bench.kernel.routes = bench.kernel.routes.filter((route) => !isOwn(route) || route.prefixLength > 0);
    bench.reconcile();
    expect(bench.takeDone().map(({ kind }) => kind)).toEqual(['addRoute']);
  });

  test('repeated deletions are restored with growing delays and cause one warning', () => {
    const { bench } = benchWithEth1();
    const whole = ownLines(bench.kernel);
    const times = Array.from({ length: 9 }, () => {
      purge(bench);
      const time = timeToRestore(bench, whole);
      bench.advance(10);
      return time;
    });
    expect(times).toEqual([0, 20, 50, 100, 200, 500, 1000, 2000, 4000]);
    expect(bench.notices.map((notice) => notice.kind === 'deleted' && notice.persistent)).toEqual([
      false,
      true,
    ]);
  });

  test('rules of a new address are added at once during a contest', () => {
    const { bench, eth1 } = benchWithEth1();
    for (let i = 0; i < 8; i++) {
      purge(bench);
      bench.reconcile();
      bench.advance(contestDelay(i + 1) + 1);
    }
    purge(bench);
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.6', prefixLength: 24 });
    bench.reconcile();
    const lines = ownLines(bench.kernel);
    expect(lines.some((line) => line.includes('from 10.0.0.6 '))).toBe(true);
    expect(lines.some((line) => line.includes('from 10.0.0.5 '))).toBe(false);
  });

  test('a contest is over after a quiet minute', () => {
    const { bench } = benchWithEth1();
    const whole = ownLines(bench.kernel);
    for (let i = 0; i < 6; i++) {
      purge(bench);
      timeToRestore(bench, whole);
      bench.advance(10);
    }
    bench.advance(61_000);
    purge(bench);
    expect(timeToRestore(bench, whole)).toBe(0);
  });

  test('routes that the kernel removes with the link or its address do not count as deletions', () => {
    const { bench, eth1 } = benchWithEth1();
    for (let i = 0; i < 10; i++) {
      bench.kernel.setUp(eth1, false);
      bench.reconcile();
      bench.kernel.setUp(eth1, true);
      bench.reconcile();
      bench.kernel.removeAddress(eth1, '10.0.0.5');
      bench.kernel.addAddress({ link: eth1, address: '10.0.0.9', prefixLength: 24 });
      bench.reconcile();
      bench.kernel.removeAddress(eth1, '10.0.0.9');
      bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
      bench.reconcile();
    }
    expect(bench.notices).toEqual([]);
  });

  test('removals by netevd do not count as deletions', () => {
    const { bench } = benchWithEth1();
    bench.policy = { ...bench.policy, links: [] };
    bench.reconcile();
    bench.policy = { ...bench.policy, links: ['eth1'] };
    bench.reconcile();
    expect(bench.notices).toEqual([]);
  });
});
