/** The folded state beside the kernel's own: whatever is done to links, addresses, routes and rules, they end up equal. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test';
import { spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { LinkFlag } from '../../src/core/model/kernel-objects.ts';
import type { State } from '../../src/core/model/state.ts';
import { applyChange, canonical, project } from '../../src/testing/projection.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace, ip, ipBatch } from './in-namespace.ts';
import { linesOfIp, linesOfState } from './ip-json.ts';
import { LiveKernel, readOnce } from './live-kernel.ts';
import { random, randomCommand, randomRouteCommand } from './random-commands.ts';

/** Runs commands one after another, whatever becomes of each; those that begin with -6 by `ip -6`, as a batch must be. */
function ipForce(commands: readonly string[]): void {
  for (let at = 0; at < commands.length; ) {
    const isIpv6 = commands[at]?.startsWith('-6 ') === true;
    const end = commands.findIndex((command, i) => i > at && command.startsWith('-6 ') !== isIpv6);
    const group = commands.slice(at, end < 0 ? undefined : end);
    const input = `${group.map((command) => command.replace(/^-6 /, '')).join('\n')}\n`;
    spawnSync('ip', [...(isIpv6 ? ['-6'] : []), '-force', '-batch', '-'], { input });
    at += group.length;
  }
}

/** Removes what tests have left behind. */
function tidy(): void {
  for (const line of ip('-br link').split('\n')) {
    const name = line.split(/[\s@]/)[0];
    if (name !== undefined && name !== '' && name !== 'lo') spawnSync('ip', ['link', 'del', name]);
  }
  for (const family of ['-4', '-6']) {
    for (const table of ['main', '100', '101', '102'])
      spawnSync('ip', [family, 'route', 'flush', 'table', table]);
    // `ip route add local` goes there where no table is named, and keeps addresses local that are gone.
    spawnSync('ip', [family, 'route', 'flush', 'table', 'local', 'proto', 'boot']);
    for (const line of ip(`${family} rule`).split('\n')) {
      const preference = /^(\d+):/.exec(line)?.[1];
      if (preference !== undefined && !['0', '32766', '32767'].includes(preference)) {
        spawnSync('ip', [family, 'rule', 'del', 'pref', preference]);
      }
    }
  }
  spawnSync('ip', ['nexthop', 'flush']);
}

/**
 * Everything that a state says of the kernel, but for what counts or runs down by itself, and for the lower device: of a
 * veth pair, the kernel does not tell the first that its peer has come.
 */
function contents(state: State): readonly string[] {
  const { kernel } = state;
  const lifetime = (seconds: number): string => (seconds === 0xffff_ffff ? 'for ever' : 'a while');
  const lines = [...kernel.links.values()].flatMap(({ object, driver, addresses, ...link }) => {
    const { statistics: _statistics, lower: _lower, lowerNamespaceId: _namespace, ...still } = object;
    const held = [...addresses.values()].map(({ validLifetime, preferredLifetime, ...address }) =>
      canonical({ ...address, valid: lifetime(validLifetime), preferred: lifetime(preferredLifetime) }),
    );
    const { carrierState, addressState, operational, tally } = link;
    return [canonical({ still, driver, carrierState, addressState, operational, tally }), ...held];
  });
  const routes = [...kernel.routes.values()].flat().map(canonical);
  const rules = [...kernel.rules.values()].map(canonical);
  return [...lines, ...routes, ...rules].sort((a, b) => (a < b ? -1 : 1));
}

async function expectSameAsIp(live: LiveKernel, context: string): Promise<void> {
  const isSame = (): boolean => Bun.deepEquals(linesOfIp(), linesOfState(live.state));
  await waitUntil(`the same as ip after ${context}`, () => live.isSynced && isSame()).catch(() => undefined);
  expect({ context, lines: linesOfState(live.state) }).toEqual({ context, lines: linesOfIp() });
}

/** Compared with a reading of its own; again where the kernel has gone on meanwhile, as with duplicate address detection. */
async function expectSameAsRead(live: LiveKernel): Promise<void> {
  let read: readonly string[] = [];
  const isSame = async (): Promise<boolean> => {
    read = contents(await readOnce());
    return Bun.deepEquals(contents(live.state), read);
  };
  await waitUntil('the same as a reading', isSame).catch(() => undefined);
  expect(contents(live.state)).toEqual(read);
}

if (insideNamespace(import.meta.path)) {
  const elsewhere = spawn('unshare', ['-n', 'sleep', '600']);
  const seed = Number(process.env['NETEVD_SEED'] ?? 1);
  const rounds = Number(process.env['NETEVD_ROUNDS'] ?? 30);
  const networkOf = (process: string): string => readlinkSync(`/proc/${process}/ns/net`);
  beforeAll(async () => {
    await waitUntil('the other network', () => networkOf(String(elsewhere.pid)) !== networkOf('self'));
  });
  afterEach(tidy);
  afterAll(() => {
    elsewhere.kill();
  });

  describe('the folded state', () => {
    test(`equals the kernel's through ${rounds} rounds of random commands (seed ${seed})`, async () => {
      await using live = new LiveKernel();
      await live.synced();
      const known = project((await live.synced()).state);
      live.takeChanges();
      const pick = random(seed);
      for (let round = 0; round < rounds; round++) {
        const commands = Array.from({ length: 1 + pick(25) }, () => randomCommand(pick, elsewhere.pid ?? 0));
        ipForce(commands);
        await expectSameAsIp(live, `round ${round}:\n${commands.join('\n')}`);
        for (const change of live.takeChanges()) applyChange(known, change);
        expect(known.routes).toEqual(project(live.state).routes);
      }
      expect(live.log.lines.filter((line) => line.level === 'error')).toEqual([]);
      await expectSameAsRead(live);
    }, 120_000);

    test(`follows routes and rules by messages alone where nothing is doubted (seed ${seed})`, async () => {
      for (const i of [0, 2, 4]) {
        ipForce([
          `link add v${i} type veth peer name v${i + 1}`,
          `link set v${i} up`,
          `link set v${i + 1} up`,
          `addr add 10.${i / 2}.0.100/24 dev v${i}`,
          `-6 addr add 2001:db8:${i / 2}::100/64 dev v${i} nodad`,
        ]);
      }
      ipForce([1, 2].map((id) => `nexthop add id ${id} via 10.0.0.${id} dev v0`));
      ipForce([4, 5].map((id) => `nexthop add id ${id} via 2001:db8:0::${id} dev v0`));
      await using live = new LiveKernel(8 * 1024 * 1024, false);
      await waitUntil('one reading', () => live.state.kernel.freshness === 'current');
      const pick = random(seed + 2);
      let doubted = 0;
      for (let round = 0; round < 150; round++) {
        const commands = Array.from({ length: 1 + pick(4) }, () => randomRouteCommand(pick));
        ipForce(commands);
        const context = `round ${round}:\n${commands.join('\n')}`;
        const lines = linesOfIp().filter((line) => /^r/.test(line));
        const own = (): readonly string[] => linesOfState(live.state).filter((line) => /^r/.test(line));
        const isDoubted = (): boolean => Object.keys(live.state.kernel.invalidations).length > 0;
        const isTrue = (): boolean => Bun.deepEquals(own(), lines);
        await waitUntil(context, () => isTrue() || isDoubted(), 10_000).catch(() => undefined);
        if (isDoubted()) {
          doubted++;
          live.source.read({ kind: 'everything' });
          await waitUntil('the answer', () => !isDoubted() && isTrue(), 10_000).catch(() => undefined);
        }
        expect({ context, lines: own() }).toEqual({ context, lines });
      }
      expect(doubted).toBeLessThan(50);
    }, 120_000);

    test('is a new link where an index is taken again', async () => {
      await using live = new LiveKernel();
      await live.synced();
      ip('link add again index 500 type bridge');
      ip('link del again');
      ip('link add other index 500 type bridge');
      await waitUntil('the other link', () =>
        live.changes.some((change) => 'link' in change && change.link.name === 'other'),
      );
      const seen = live.changes.flatMap((change) =>
        change.kind === 'linkAppeared' || change.kind === 'linkVanished'
          ? [`${change.kind} ${change.link.name} ${change.link.generation}`]
          : [],
      );
      expect(seen.slice(-3)).toEqual([
        'linkAppeared again 1',
        'linkVanished again 1',
        'linkAppeared other 2',
      ]);
    });

    test('says that a link was moved, and where a renamed one is', async () => {
      await using live = new LiveKernel();
      await live.synced();
      ip('link add v0 type veth peer name v1');
      ip('link set v0 up');
      ip('link set v0 name wan');
      ip(`link set v1 netns ${elsewhere.pid}`);
      await waitUntil('the move', () => live.facts.some((fact) => fact.kind === 'linkVanished'));
      expect(live.facts.find((fact) => fact.kind === 'linkVanished')?.movedTo).toBeNumber();
      expect(
        live.changes.flatMap((change) =>
          change.kind === 'linkRenamed' ? [change.from, change.link.name] : [],
        ),
      ).toEqual(['v0', 'wan']);
      await expectSameAsIp(live, 'the move');
    });

    test('knows the driver of a link from its first message on', async () => {
      ip('link add v0 type veth peer name v1');
      await using live = new LiveKernel();
      await live.synced();
      ip('link add v2 type veth peer name v3');
      await waitUntil('the new links', () => live.state.links.size === 5);
      const drivers = [...live.state.kernel.links.values()].map(({ object, driver }) => [
        object.name,
        driver,
      ]);
      expect(Object.fromEntries(drivers)).toEqual({
        lo: undefined,
        v0: 'veth',
        v1: 'veth',
        v2: 'veth',
        v3: 'veth',
      });
    });

    test('loses the IPv4 routes that the kernel flushes without a word', async () => {
      ipBatch([
        'link add v0 type veth peer name v1',
        'link set v0 up',
        'link set v1 up',
        'addr add 10.0.0.1/24 dev v0',
      ]);
      ipBatch([
        'addr add 10.0.0.9/32 dev v0',
        'route add default via 10.0.0.2 table 100',
        'route add 10.9.0.0/16 via 10.0.0.2 src 10.0.0.9',
      ]);
      await using live = new LiveKernel();
      await live.synced();
      const isThere = (text: string): boolean => linesOfState(live.state).some((line) => line.includes(text));
      expect([isThere('route 4 100'), isThere('10.9.0.0/16')]).toEqual([true, true]);
      ip('addr del 10.0.0.9/32 dev v0');
      await waitUntil('the route of the address', () => !isThere('10.9.0.0/16'));
      ip('link set v0 down');
      await waitUntil('the route of the link', () => !isThere('route 4 100'));
      await expectSameAsIp(live, 'the link went down');
    });

    test('counts an IPv6 address when duplicate detection has passed', async () => {
      ipBatch(['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up']);
      await using live = new LiveKernel();
      await live.synced();
      live.takeChanges();
      const isAppeared = (): boolean =>
        live.changes.some(
          (change) => change.kind === 'addressAppeared' && change.address.address === '2001:db8::1',
        );
      ip('-6 addr add 2001:db8::1/64 dev v0');
      await waitUntil('the tentative address', () =>
        live.facts.some((fact) => fact.kind === 'addressObserved' && fact.address.address === '2001:db8::1'),
      );
      expect(isAppeared()).toBe(false);
      await waitUntil('the address', isAppeared);
    });

    test('never counts an IPv6 address that somebody else has', async () => {
      ipBatch(['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up']);
      ip('-6 addr add 2001:db8::1/64 dev v1 nodad');
      await using live = new LiveKernel();
      await live.synced();
      live.takeChanges();
      ip('-6 addr add 2001:db8::1/64 dev v0');
      const isDuplicate = (): boolean =>
        live.facts.some((fact) => fact.kind === 'addressObserved' && (fact.address.flags & 0x08) !== 0);
      await waitUntil('dadfailed', isDuplicate);
      const index = Number(/^(\d+):/.exec(ip('-o link show v0'))?.[1]);
      const counted = live.changes.filter(
        (change) =>
          change.kind === 'addressAppeared' &&
          change.link.index === index &&
          !change.address.address.startsWith('fe80'),
      );
      expect(counted).toEqual([]);
    });
  });

  describe('an overrun', () => {
    test('is found and repaired, and each difference told once', async () => {
      ipBatch(['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up']);
      await using live = new LiveKernel(4_096);
      await live.synced();
      const known = project(live.state);
      live.takeChanges();
      // The loop is blocked while `ip` runs, so the small buffer runs over.
      ipBatch(Array.from({ length: 3_000 }, (_, i) => `addr add 10.${20 + (i >> 8)}.${i & 255}.1/32 dev v0`));
      ipBatch(Array.from({ length: 1_000 }, (_, i) => `addr del 10.${20 + (i >> 8)}.${i & 255}.1/32 dev v0`));
      await waitUntil('the loss', () => live.facts.some((fact) => fact.kind === 'sourceLostSync'));
      await live.synced();
      await waitUntil(
        '2 000 addresses',
        () => linesOfState(live.state).filter((line) => line.includes(' 10.')).length === 2_000,
      );
      await live.synced();
      for (const change of live.takeChanges()) applyChange(known, change);
      expect(canonical([...known.links])).toEqual(canonical([...project(live.state).links]));
      expect(live.channel?.stats().overruns).toBeGreaterThan(0);
      await expectSameAsRead(live);
    }, 60_000);

    test('under random commands ends in the same state', async () => {
      await using live = new LiveKernel(2_048);
      await live.synced();
      const known = project(live.state);
      live.takeChanges();
      const pick = random(seed + 1);
      const overruns = (): number => live.channel?.stats().overruns ?? 0;
      for (let round = 0; round < 60 && overruns() < 3; round++) {
        ipForce(Array.from({ length: 300 }, () => randomCommand(pick, elsewhere.pid ?? 0)));
        await waitUntil('some of it', () => live.facts.length > 0);
      }
      await live.synced(60_000);
      await expectSameAsIp(live, 'storms');
      for (const change of live.takeChanges()) applyChange(known, change);
      expect(overruns()).toBeGreaterThan(2);
    }, 120_000);
  });

  describe('the socket', () => {
    test('warns where the buffer is not granted', async () => {
      await using live = new LiveKernel(64 * 1024 * 1024);
      await live.synced();
      const { forced } = live.channel?.stats() ?? { forced: false };
      expect(live.log.lines.some((line) => line.level === 'warn')).toBe(!forced);
    });

    test('hears of links that are up', async () => {
      await using live = new LiveKernel();
      await live.synced();
      const lo = [...live.state.kernel.links.values()].find(({ object }) => object.name === 'lo');
      expect((lo?.object.flags ?? 0) & LinkFlag.up).toBe(LinkFlag.up);
    });
  });
}
