import { describe, expect, test } from 'bun:test';
import { RoutingBench } from '../../../testing/routing-bench.ts';
import { ownLines, routeOf } from '../../../testing/routing-text.ts';
import type { RoutingResult } from './routing-effect.ts';

/** Returns a bench whose kernel refuses additions of rules or routes with `code` while `refusing` is true. */
function refusingBench(what: 'addRule' | 'addRoute', code: string) {
  const bench = new RoutingBench();
  bench.kernel.addLink('eth0');
  const eth1 = bench.kernel.addLink('eth1');
  bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
  bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: eth1, metric: 7 }));
  const control = { refusing: true, attempts: 0 };
  const apply = bench.kernel.apply.bind(bench.kernel);
  bench.kernel.apply = (effect): RoutingResult => {
    if (effect.kind !== what || !control.refusing) return apply(effect);
    control.attempts++;
    return { kind: 'failed', code, text: 'because' };
  };
  return { bench, eth1, control };
}

describe('refused effects', () => {
  test('a refused effect is retried with growing delays', () => {
    const { bench, control } = refusingBench('addRoute', 'ENETUNREACH');
    bench.reconcile();
    bench.advance(60_000);
    expect(control.attempts).toBeGreaterThan(10);
    expect(control.attempts).toBeLessThan(40);
    control.refusing = false;
    bench.advance(60_000);
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
  });

  test('a refused effect does not prevent the others', () => {
    const { bench } = refusingBench('addRoute', 'ENETUNREACH');
    bench.reconcile();
    expect(ownLines(bench.kernel)).toHaveLength(4);
  });

  test('a refused effect is retried at once when its link changes', () => {
    const { bench, eth1, control } = refusingBench('addRoute', 'ENETDOWN');
    bench.reconcile();
    bench.advance(30_000);
    control.refusing = false;
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.6', prefixLength: 24 });
    bench.reconcile();
    expect(ownLines(bench.kernel)).toContain('203: default via 10.0.0.1 dev eth1');
  });

  test.each(['ENETDOWN', 'ENODEV', 'ENETUNREACH', 'EHOSTUNREACH'])(
    '%s means waiting and causes no notice',
    (code) => {
      const { bench } = refusingBench('addRoute', code);
      bench.reconcile();
      bench.advance(300_000);
      expect(bench.notices).toEqual([]);
    },
  );

  test('a missing privilege causes one notice and one attempt a minute', () => {
    const { bench, control } = refusingBench('addRule', 'EPERM');
    bench.reconcile();
    bench.advance(120_000);
    expect(bench.notices).toMatchObject([
      { kind: 'refused', failure: { code: 'EPERM', text: 'because', effect: { kind: 'addRule' } } },
    ]);
    expect(control.attempts).toBe(4 * 3);
  });

  test('an unknown error causes a notice after several attempts', () => {
    const { bench } = refusingBench('addRule', 'EINVAL');
    bench.reconcile();
    expect(bench.notices).toEqual([]);
    bench.advance(10_000);
    expect(bench.notices).toHaveLength(1);
  });
});

describe('acknowledgements', () => {
  test('EEXIST counts as success until the kernel shows otherwise', () => {
    const { bench, control } = refusingBench('addRule', 'EEXIST');
    bench.reconcile();
    expect(control.attempts).toBe(4);
    bench.advance(199);
    expect(control.attempts).toBe(4);
    control.refusing = false;
    bench.advance(1000);
    expect(ownLines(bench.kernel)).toHaveLength(6);
  });

  test.each([
    ['removeRule', 'ENOENT'],
    ['removeRoute', 'ESRCH'],
  ] as const)('%s: %s', (kind, code) => {
    const bench = new RoutingBench();
    const eth1 = bench.kernel.addLink('eth1');
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.reconcile();
    const apply = bench.kernel.apply.bind(bench.kernel);
    bench.kernel.apply = (effect) => {
      const result = apply(effect);
      return effect.kind === kind ? { kind: 'failed', code } : result;
    };
    bench.policy = { ...bench.policy, links: [] };
    bench.reconcile();
    expect(ownLines(bench.kernel)).toEqual([]);
    expect(bench.notices).toEqual([]);
  });

  test('an acknowledged effect is not sent again before its notification arrives', () => {
    const bench = new RoutingBench();
    const eth1 = bench.kernel.addLink('eth1');
    bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
    bench.read();
    bench.step();
    expect(bench.step()).toEqual([]);
    expect(bench.takeDone()).toHaveLength(5);
  });
});
