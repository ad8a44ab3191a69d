/**
 * The daemon on a machine that does not stand still: random changes in quick succession, purges, crashes. When it has come to
 * rest, a fresh reading finds exactly what ought to be there.
 */
import { afterEach, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { dumpKernel } from '../../src/cli/local/kernel-dump.ts';
import { instant } from '../../src/core/model/ids.ts';
import { emptyRoutingMemory } from '../../src/core/routing/plan/routing-memory.ts';
import { routingStatus } from '../../src/core/routing/report/status.ts';
import { viewOfSnapshot } from '../../src/core/routing/view/from-snapshot.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { samplePolicy } from '../../src/testing/routing-bench.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace } from './in-namespace.ts';
import { openChannel, RoutingDaemon } from './routing-harness.ts';

const policy = samplePolicy({ links: ['eth*', 'wan0'] });
const names = ['eth0', 'eth1', 'wan0', 'lan0'] as const;

const name = fc.constantFrom(...names);
const net = fc.integer({ min: 0, max: 2 });

/** Commands of `ip`; those that cannot be done are passed over. */
const change: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 3, arbitrary: name.map((link) => [`link add ${link} type ifb`, `link set ${link} up`]) },
  { weight: 1, arbitrary: name.map((link) => [`link delete ${link}`]) },
  { weight: 2, arbitrary: name.map((link) => [`link set ${link} down`, `link set ${link} up`]) },
  { weight: 1, arbitrary: name.map((link) => [`link set ${link} down`]) },
  { weight: 1, arbitrary: fc.tuple(name, name).map(([from, to]) => [`link set ${from} name ${to}`]) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(name, net)
      .map(([link, n]) => [`address add 10.${n}.0.${10 + names.indexOf(link)}/24 dev ${link}`]),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(name, net)
      .map(([link, n]) => [`address add 2001:db8:${n}::${10 + names.indexOf(link)}/64 dev ${link} nodad`]),
  },
  { weight: 2, arbitrary: name.map((link) => [`address flush dev ${link}`]) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(name, net, fc.constantFrom('add', 'replace', 'delete'))
      .map(([link, n, verb]) => [
        `route ${verb} default via 10.${n}.0.1 dev ${link} metric ${100 + names.indexOf(link)}`,
      ]),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(name, net, fc.constantFrom('add', 'delete'))
      .map(([link, n, verb]) => [
        `-6 route ${verb} default via 2001:db8:${n}::1 dev ${link} metric ${900 + names.indexOf(link)}`,
      ]),
  },
  { weight: 1, arbitrary: net.map((n) => [`route add 10.${n}.0.128/25 dev lo`]) },
  { weight: 1, arbitrary: net.map((n) => [`route delete 10.${n}.0.128/25`]) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ['rule flush proto 157'],
      ['-6 rule flush proto 157'],
      ['rule delete priority 30001'],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 2, max: 40 }).map((index) => [`route flush table ${200 + index}`]),
  },
  {
    weight: 1,
    arbitrary: name.map((link) => [
      `rule add priority 30002 from 10.0.0.${10 + names.indexOf(link)} lookup 7 protocol static`,
    ]),
  },
);

interface Scene {
  /** Done at once, one burst after the other; after some of them the daemon dies and another takes over. */
  readonly bursts: readonly { readonly commands: readonly (readonly string[])[]; readonly dies: boolean }[];
}

const scene: fc.Arbitrary<Scene> = fc.record({
  bursts: fc.array(
    fc.record({
      commands: fc.array(change, { minLength: 1, maxLength: 12 }),
      dies: fc.nat(5).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 8 },
  ),
});

function clean(): void {
  const words = [
    'rule flush proto 157',
    '-6 rule flush proto 157',
    'rule flush proto static',
    'route flush proto boot',
    ...names.map((link) => `link delete ${link}`),
  ];
  for (const one of words) spawnSync('ip', one.split(' '), { stdio: 'ignore' });
  for (const n of [0, 1, 2]) spawnSync('ip', ['route', 'delete', `10.${n}.0.128/25`], { stdio: 'ignore' });
}

/** What is wrong, by a planner that has just been born. */
async function faults(): Promise<readonly string[]> {
  const snapshot = await dumpKernel(openChannel, new SystemClock());
  const view = viewOfSnapshot(snapshot, policy, new Map());
  // As the daemon does in its first seconds, it keeps a default route for which nobody names a gateway any more.
  const status = routingStatus(view, policy, emptyRoutingMemory, instant(0));
  const missing = status.links.flatMap(({ families, name: link }) =>
    families.flatMap(({ rules, routes }) =>
      [...rules, ...routes]
        .filter(({ isPresent }) => !isPresent)
        .map(({ object }) => `${link} lacks ${JSON.stringify(object)}`),
    ),
  );
  return [...missing, ...status.leftovers.map((piece) => `left over: ${JSON.stringify(piece)}`)];
}

if (insideNamespace(import.meta.path)) {
  afterEach(clean);

  test('whatever happens, in the end exactly the wanted set is there', async () => {
    writeFileSync('/proc/sys/net/ipv6/conf/default/accept_dad', '0');
    await fc.assert(
      fc.asyncProperty(scene, async ({ bursts }) => {
        clean();
        let daemon = new RoutingDaemon(policy);
        try {
          await waitUntil('the first reading', () => daemon.isIdle);
          for (const { commands, dies } of bursts) {
            const input = `${commands.flat().join('\n')}\n`;
            spawnSync('ip', ['-force', '-batch', '-'], { input, stdio: ['pipe', 'ignore', 'ignore'] });
            if (dies) {
              await daemon[Symbol.asyncDispose]();
              daemon = new RoutingDaemon(policy);
            } else await new Promise((resolve) => setImmediate(resolve));
          }
          let last: readonly string[] = ['nothing was looked at'];
          const isRight = async (): Promise<boolean> => {
            if (daemon.isIdle) last = await faults();
            return last.length === 0;
          };
          await waitUntil('the wanted set', isRight, 60_000, () => last.join('\n'));
        } finally {
          await daemon[Symbol.asyncDispose]();
        }
      }),
      { numRuns: 60 },
    );
  }, 200_000);
}
