/**
 * The fake kernel of the planner's tests against the real one: the same happenings, the same answers to the same requests, the
 * same routes and rules in the end.
 */
import { afterEach, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { readKernelState } from '../../src/cli/local/kernel-state.ts';
import { ifIndex, tableId } from '../../src/core/model/ids.ts';
import type { RouteObject, RuleObject } from '../../src/core/model/kernel-objects.ts';
import { isWaiting } from '../../src/core/routing/plan/retry.ts';
import type { RoutingEffect, RoutingResult } from '../../src/core/routing/plan/routing-effect.ts';
import { RouteRunner } from '../../src/effects/routes/route-runner.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { loadNative } from '../../src/platform/native.ts';
import { FakeKernel } from '../../src/testing/fake-kernel.ts';
import { routeLine, routeOf, ruleLine } from '../../src/testing/routing-text.ts';
import { insideNamespace, ip } from './in-namespace.ts';
import { openChannel } from './routing-harness.ts';

type Happening =
  | { readonly kind: 'up' | 'down'; readonly link: 0 | 1 }
  | { readonly kind: 'addressAdded' | 'addressRemoved'; readonly link: 0 | 1; readonly address: string }
  | { readonly kind: 'renamed'; readonly link: 0 | 1 }
  | { readonly kind: 'removed'; readonly link: 0 | 1 }
  | { readonly kind: 'effect'; readonly effect: RoutingEffect };

const indexes = [ifIndex(101), ifIndex(102)] as const;
const addresses = ['10.0.0.5', '10.0.1.5', '2001:db8:1::5', '2001:db8:2::5'] as const;

const routes: readonly RouteObject[] = [0, 1].flatMap((link) => {
  const dev = indexes[link as 0 | 1];
  return [
    routeOf({ to: '10.0.0.0/24', dev, table: 300, protocol: 157 }),
    routeOf({ to: '10.0.0.0/24', dev, table: 300, protocol: 4 }),
    routeOf({ via: '10.0.0.1', dev, table: 300, protocol: 157 }),
    routeOf({ via: '10.0.0.2', dev, table: 300, protocol: 157 }),
    routeOf({ via: '10.0.0.1', dev, table: 300, protocol: 157, metric: 7 }),
    routeOf({ via: '10.9.9.9', dev, table: 300, protocol: 157, onlink: true, metric: 8 }),
    routeOf({ via: '10.0.1.1', dev, metric: 100 }),
    { ...routeOf({ to: '2001:db8:1::/64', dev, table: 300, protocol: 157 }), priority: 256 },
    { ...routeOf({ to: '::/0', via: '2001:db8:1::1', dev, table: 300, protocol: 157 }), priority: 1024 },
    { ...routeOf({ to: '::/0', via: '2001:db8:1::2', dev, table: 300, protocol: 157 }), priority: 1024 },
    routeOf({ to: '::/0', via: 'fe80::1', dev, metric: 1100 }),
  ];
});
const exceptions: readonly RouteObject[] = [
  { ...routeOf({ to: '10.0.0.128/25', table: 300, protocol: 157, type: 9 }), scope: 0 },
];

const rules: readonly RuleObject[] = [157, 4].flatMap((protocol) =>
  addresses.flatMap((text) => {
    const family = text.includes(':') ? 6 : 4;
    const prefix = { address: text as never, length: family === 4 ? 32 : 128 };
    const base = { family, table: tableId(300), action: 1, protocol, tos: 0, flags: 0 } as const;
    return [
      { ...base, priority: 30_000, source: prefix, suppressPrefixLength: 0 },
      { ...base, priority: 30_002, source: prefix },
      { ...base, priority: 30_003, destination: prefix },
    ];
  }),
);

const link = fc.constantFrom(0 as const, 1 as const);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('up' as const, 'down' as const), link }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('addressAdded' as const, 'addressAdded' as const, 'addressRemoved' as const),
      link,
      address: fc.constantFrom(...addresses),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('renamed' as const, 'removed' as const), link }),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom('addRoute' as const, 'addRoute' as const, 'removeRoute' as const),
        fc.constantFrom(...routes, ...exceptions),
      )
      .map(([kind, route]): Happening => ({ kind: 'effect', effect: { kind, route } })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('addRule' as const, 'addRule' as const, 'removeRule' as const),
        fc.constantFrom(...rules),
      )
      .map(([kind, rule]): Happening => ({ kind: 'effect', effect: { kind, rule } })),
  },
);

/** As the planner understands it: which of the reasons to wait comes first is the kernel's own affair. */
function answerOf(result: RoutingResult | undefined): string {
  if (result?.kind !== 'failed') return result?.kind ?? 'none';
  return isWaiting(result.code) ? 'wait' : result.code;
}

/** Both kernels, kept in step. */
class Pair implements AsyncDisposable {
  readonly fake = new FakeKernel();
  readonly #runner = new RouteRunner({ openChannel, clock: new SystemClock() });

  constructor() {
    for (const [i, index] of indexes.entries()) {
      ip(`link add p${i} index ${index} type ifb`);
      this.fake.addLink(`p${i}`, { index, flags: 0 });
    }
  }

  async happen(what: Happening): Promise<void> {
    if (what.kind === 'effect') {
      const [outcome] = await this.#runner.run([what.effect]);
      const faked = this.fake.apply(what.effect);
      expect({ what, answer: answerOf(outcome?.result) }).toEqual({ what, answer: answerOf(faked) });
      return;
    }
    const index = indexes[what.link];
    const name = this.fake.links.get(index)?.name;
    if (name === undefined) return;
    switch (what.kind) {
      case 'up':
      case 'down':
        ip(`link set ${name} ${what.kind}`);
        this.fake.setUp(index, what.kind === 'up');
        break;
      case 'renamed':
        ip(`link set ${name} name ${name}x`);
        this.fake.renameLink(index, `${name}x`);
        break;
      case 'removed':
        ip(`link delete ${name}`);
        this.fake.removeLink(index);
        break;
      default:
        this.#changeAddress(what.kind, name, what.address, what.link);
    }
  }

  #changeAddress(kind: 'addressAdded' | 'addressRemoved', name: string, address: string, which: 0 | 1): void {
    const index = indexes[which];
    const prefixLength = address.includes(':') ? 64 : 24;
    const held = this.fake.addresses.some((one) => one.ifindex === index && one.address === address);
    if (held === (kind === 'addressAdded')) return;
    if (kind === 'addressAdded') {
      ip(`address add ${address}/${prefixLength} dev ${name}${prefixLength === 64 ? ' nodad' : ''}`);
      this.fake.addAddress({ link: index, address, prefixLength });
    } else {
      ip(`address delete ${address}/${prefixLength} dev ${name}`);
      this.fake.removeAddress(index, address);
    }
  }

  async compare(): Promise<void> {
    const state = await readKernelState(loadNative(), new SystemClock());
    const real = [...state.kernel.routes.values()].flat();
    const lines = (list: readonly RouteObject[]): string[] =>
      list
        .filter((route) => !route.destination.startsWith('fe80') && !route.destination.startsWith('ff00'))
        .map((route) => `${routeLine(this.fake, route)} ${route.protocol}`)
        .sort(byText);
    expect(lines(real)).toEqual(lines(this.fake.routes));
    const realRules = [...state.kernel.rules.values()].flatMap(({ rule, count }) =>
      Array.from({ length: count }, () => rule),
    );
    const words = (list: readonly RuleObject[]): string[] =>
      list.map((rule) => `${rule.family} ${ruleLine(rule)} ${rule.protocol}`).sort(byText);
    expect(words(realRules)).toEqual(words(this.fake.rules));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runner[Symbol.asyncDispose]();
    clean();
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function clean(): void {
  for (const { ifname } of JSON.parse(ip('-j link show')) as { ifname: string }[]) {
    if (ifname.startsWith('p')) ip(`link delete ${ifname}`);
  }
  for (const family of [4, 6]) {
    ip(`-${family} rule flush`);
    ip(`-${family} rule add priority 32766 lookup main protocol kernel`);
    if (family === 4) ip('rule add priority 32767 lookup default protocol kernel');
    // Fails where there is no such table.
    spawnSync('ip', [`-${family}`, 'route', 'flush', 'table', '300']);
  }
}

if (insideNamespace(import.meta.path)) {
  afterEach(clean);

  test('the fake kernel answers and behaves as the real one', async () => {
    clean();
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 25, minLength: 5 }), async (happenings) => {
        await using pair = new Pair();
        for (const one of happenings) await pair.happen(one);
        await pair.compare();
      }),
      { numRuns: 60 },
    );
  }, 120_000);
}
