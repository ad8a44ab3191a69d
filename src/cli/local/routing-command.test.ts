import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyState } from '../../core/model/empty-state.ts';
import { ifIndex, tableId } from '../../core/model/ids.ts';
import { LinkFlag } from '../../core/model/kernel-objects.ts';
import type { ActiveLease } from '../../core/model/state.ts';
import { reduce } from '../../core/reduce/reduce.ts';
import type { FakeKernel } from '../../testing/fake-kernel.ts';
import { RoutingBench } from '../../testing/routing-bench.ts';
import { routeOf } from '../../testing/routing-text.ts';
import { sampleLease } from '../../testing/sample-state.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';
import { type ExplainOptions, runExplainCommand } from './explain-command.ts';
import { runRoutingCommand } from './routing-command.ts';
import type { NetworkdStatus, RoutingCommandParts } from './routing-command-parts.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netevd-cli-routing-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const quietNetworkd: NetworkdStatus = {
  rules: true,
  routes: true,
  nextHops: true,
  files: [],
  unreadable: [],
  isRunning: false,
};

interface Scene {
  readonly leases?: readonly ActiveLease[];
  readonly networkd?: Partial<NetworkdStatus>;
}

function partsOf(kernel: FakeKernel, { leases = [], networkd = {} }: Scene = {}): RoutingCommandParts {
  return {
    dumpKernel: () => Promise.resolve(kernel.snapshot()),
    readGateways: () => reduce(emptyState('auto'), { kind: 'leasesRead', active: leases }),
    readNetworkd: () => ({ ...quietNetworkd, ...networkd }),
    uid: 0,
  };
}

function captureIo(): { io: CommandIo; out: () => string; err: () => string } {
  const out: string[] = [];
  const err: string[] = [];
  const io: CommandIo = {
    stdout: { write: (text) => void out.push(text) },
    stderr: { write: (text) => void err.push(text) },
    isTerminal: false,
    env: {},
  };
  return { io, out: () => out.join(''), err: () => err.join('') };
}

/** eth1 with index 3, an address and, after `reconcile`, all its rules and routes. */
function uplink(): RoutingBench {
  const bench = new RoutingBench();
  bench.kernel.addLink('eth0');
  const eth1 = bench.kernel.addLink('eth1');
  bench.kernel.addAddress({ link: eth1, address: '10.0.0.5', prefixLength: 24 });
  return bench;
}

let files = 0;
async function show(
  kernel: FakeKernel,
  { text = 'routing: { policy_rules: eth1 }', format = 'text' as OutputFormat, scene = {} as Scene } = {},
): Promise<{ code: number; out: string; err: string }> {
  const config = join(scratch, `${files++}.yaml`);
  writeFileSync(config, text);
  const { io, out, err } = captureIo();
  const code = await runRoutingCommand({ config, format }, io, partsOf(kernel, scene));
  return { code, out: out(), err: err() };
}

describe('netevd routing', () => {
  test('shows the rules and routes of a link', async () => {
    const bench = uplink();
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: ifIndex(3), metric: 7, protocol: 16 }));
    bench.reconcile();
    expect((await show(bench.kernel)).out).toBe(
      [
        'eth1 (index 3), table 203: active',
        '  IPv4: active',
        '    addresses  10.0.0.5',
        '    gateway    10.0.0.1 (route of the main table (proto dhcp))',
        '    rules    ✔ 30000: from 10.0.0.5 lookup 203 suppress_prefixlength 7',
        '             ✔ 30001: from 10.0.0.5 lookup main suppress_prefixlength 7',
        '             ✔ 30002: from 10.0.0.5 lookup 203',
        '             ✔ 30003: from all to 10.0.0.5 lookup 203',
        '    routes   ✔ 10.0.0.0/24 dev eth1',
        '             ✔ default via 10.0.0.1 dev eth1',
        '',
      ].join('\n'),
    );
  });

  test.each<[string, (bench: RoutingBench) => void, string]>([
    ['missing for a link without its rules', () => undefined, 'missing'],
    ['waiting without a gateway', (bench) => bench.reconcile(), 'waiting for gateway'],
    [
      'waiting without an address',
      (bench) => bench.kernel.removeAddress(ifIndex(3), '10.0.0.5'),
      'waiting for address',
    ],
    [
      'down for a link that is down',
      (bench) => {
        bench.reconcile();
        bench.kernel.setUp(ifIndex(3), false);
      },
      'down',
    ],
    [
      'conflict for a table in use',
      (bench) => bench.kernel.addRoute(routeOf({ via: '10.0.0.9', dev: ifIndex(3), table: 203 })),
      'conflict',
    ],
    ['absent for a link that does not exist', (bench) => bench.kernel.removeLink(ifIndex(3)), 'absent'],
  ])('reports the state %s', async (_, prepare, state) => {
    const bench = uplink();
    prepare(bench);
    const { out, code } = await show(bench.kernel, { format: 'json' });
    expect(JSON.parse(out).links).toMatchObject([{ link: 'eth1', state }]);
    expect(code).toBe(0);
  });

  test('takes the gateway from a lease and names its source', async () => {
    const bench = uplink();
    const leases = [sampleLease({ interfaceName: 'eth1', gateways: ['10.0.0.77' as never] })];
    const { out } = await show(bench.kernel, { scene: { leases } });
    expect(out).toContain('10.0.0.77 (lease of dhclient)');
  });

  test('names what diverts packets, its owner and the fix', async () => {
    const bench = uplink();
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: ifIndex(3), metric: 7 }));
    bench.kernel.addRoute(routeOf({ via: '10.8.0.1', dev: ifIndex(2), table: 3, onlink: true }));
    const [model] = bench.kernel.rules;
    if (model === undefined) throw new Error('no rule');
    const source = { address: '10.0.0.5' as never, length: 32 };
    bench.kernel.addRule({ ...model, priority: 1536, table: tableId(3), source, protocol: 0 });
    bench.reconcile();
    const { out } = await show(bench.kernel);
    expect(out).toContain('eth1 (index 3), table 203: diverted');
    expect(out).toContain('10.0.0.5: diverted by rule 1536 (from 10.0.0.5 lookup 3) of AWS VPC CNI');
    expect(out).toContain(
      'fix: remove it, or give it a priority after 30003, or set routing.rule_priority to 1532',
    );
    const { out: json } = await show(bench.kernel, { format: 'json' });
    expect(JSON.parse(json).links[0].families[0].paths).toMatchObject([
      {
        address: '10.0.0.5',
        active: false,
        diverted_by: 'rule 1536 (from 10.0.0.5 lookup 3) of AWS VPC CNI',
      },
    ]);
  });

  test('lists what an earlier configuration left', async () => {
    const bench = uplink();
    bench.reconcile();
    const { out } = await show(bench.kernel, { text: 'routing: { policy_rules: [] }' });
    expect(out).toContain('no link has its own routing table');
    expect(out).toContain('rule 30002: from 10.0.0.5 lookup 203');
    expect(out).toContain('route 10.0.0.0/24 dev eth1 table 203');
  });

  test('advises about networkd only if it runs and deletes rules or routes', async () => {
    const bench = uplink();
    const lines = ['ManageForeignRoutingPolicyRules=no', 'ManageForeignRoutes=no'];
    const running = (await show(bench.kernel, { scene: { networkd: { isRunning: true } } })).out;
    for (const line of lines) expect(running).toContain(line);
    const spared = { isRunning: true, rules: false, routes: false };
    expect((await show(bench.kernel, { scene: { networkd: spared } })).out).not.toContain('networkd');
    expect((await show(bench.kernel)).out).not.toContain('networkd');
  });

  test('prints one line for each family as a table', async () => {
    const bench = uplink();
    bench.reconcile();
    const lines = (await show(bench.kernel, { format: 'table' })).out.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/\s{2,}/))).toEqual([
      ['LINK', 'TABLE', 'FAMILY', 'STATE', 'ADDRESSES', 'GATEWAY', 'FROM', 'RULES', 'ROUTES'],
      ['eth1', '203', 'IPv4', 'waiting for gateway', '10.0.0.5', '-', '-', '4/4', '1/1'],
    ]);
  });

  test('exits with 78 for an invalid configuration', async () => {
    const { code, err, out } = await show(uplink().kernel, { text: 'routing: { policy_rule: eth1 }' });
    expect(code).toBe(78);
    expect(err).toContain('policy_rules');
    expect(out).toBe('');
  });
});

async function explain(
  kernel: FakeKernel,
  source: string,
  destination: string,
  over: Partial<ExplainOptions> = {},
): Promise<{ code: number; out: string; err: string }> {
  const { io, out, err } = captureIo();
  const options = { source, destination, format: 'text' as const, ...over };
  const code = await runExplainCommand(options, io, partsOf(kernel));
  return { code, out: out(), err: err() };
}

describe('netevd routing explain', () => {
  const routed = (): RoutingBench => {
    const bench = uplink();
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: ifIndex(3), metric: 7 }));
    bench.kernel.addRoute(routeOf({ via: '192.168.1.1', dev: ifIndex(2), onlink: true }));
    bench.reconcile();
    return bench;
  };

  test('shows which rule and which route decide', async () => {
    const { code, out } = await explain(routed().kernel, '10.0.0.5', '203.0.113.9');
    expect(code).toBe(0);
    expect(out.replaceAll(/ +/g, ' ')).toBe(
      [
        '10.0.0.5 → 203.0.113.9, sent by this machine',
        '',
        '0: from all lookup local has no route',
        '30000: from 10.0.0.5 lookup 203 suppress_prefixlength 7 proto netevd too general: default via 10.0.0.1 dev eth1',
        '30001: from 10.0.0.5 lookup main suppress_prefixlength 7 proto netevd too general: default via 192.168.1.1 dev eth0 onlink',
        '30002: from 10.0.0.5 lookup 203 proto netevd decides: default via 10.0.0.1 dev eth1',
        '',
        '→ by eth1, via 10.0.0.1',
        ' from table 203, a route of netevd',
        '',
      ].join('\n'),
    );
  });

  test('prints JSON', async () => {
    const { out } = await explain(routed().kernel, '10.0.0.5', '203.0.113.9', { format: 'json' });
    expect(JSON.parse(out)).toMatchObject({
      packet: { source: '10.0.0.5', destination: '203.0.113.9', iif: null, mark: 0 },
      verdict: {
        kind: 'routed',
        route: { table: 203, protocol: 'netevd' },
        ways: [{ link: 'eth1', gateway: '10.0.0.1' }],
      },
    });
  });

  test('counts rules that do not match, and lists them in the table', async () => {
    const { out } = await explain(routed().kernel, '192.168.1.10', '203.0.113.9');
    expect(out).toContain('(and 4 earlier rules that do not match)');
    expect(out).toContain('note: 192.168.1.10 is not an address of this machine');
    const table = await explain(routed().kernel, '192.168.1.10', '203.0.113.9', { format: 'table' });
    expect(table.out).toContain('not from 192.168.1.10');
  });

  test('exits with 1 for a packet that arrives nowhere', async () => {
    const bench = uplink();
    const { code, out } = await explain(bench.kernel, '10.0.0.5', '203.0.113.9');
    expect(code).toBe(1);
    expect(out).toContain('ENETUNREACH');
    bench.kernel.addRoute(routeOf({ to: '203.0.113.0/24', type: 8 }));
    expect((await explain(bench.kernel, '10.0.0.5', '203.0.113.9')).out).toContain('EACCES');
  });

  test('warns of a link without carrier', async () => {
    const bench = routed();
    const link = bench.kernel.links.get(ifIndex(3));
    if (link !== undefined)
      bench.kernel.links.set(ifIndex(3), { ...link, flags: link.flags & ~LinkFlag.lowerUp });
    expect((await explain(bench.kernel, '10.0.0.5', '203.0.113.9')).out).toContain(
      'note: eth1 has no carrier',
    );
  });

  test.each([
    ['waiting without an address', 'eth0', '203.0.113.9', {}, 'eth0 is not an IP address'],
    ['addresses of two families', '10.0.0.5', '2001:db8::1', {}, 'address families'],
    ['an unknown link', '10.0.0.5', '203.0.113.9', { iif: 'eth7' }, 'eth7'],
    ['an invalid mark', '10.0.0.5', '203.0.113.9', { mark: 'red' }, 'red is not a mark'],
    ['a mark that is too large', '10.0.0.5', '203.0.113.9', { mark: '0x100000000' }, 'is not a mark'],
  ])('exits with 2 for %s', async (_, source, destination, over, message) => {
    const { code, err, out } = await explain(uplink().kernel, source, destination, over);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(out).toBe('');
  });
});
