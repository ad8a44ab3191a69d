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
import type { NetworkdReport, RoutingCommandParts } from './routing-command-parts.ts';

const scratch = mkdtempSync(join(tmpdir(), 'netevd-cli-routing-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const quietNetworkd: NetworkdReport = {
  rules: true,
  routes: true,
  nextHops: true,
  files: [],
  unreadable: [],
  isRunning: false,
};

interface Scene {
  readonly leases?: readonly ActiveLease[];
  readonly networkd?: Partial<NetworkdReport>;
}

function worldOf(kernel: FakeKernel, { leases = [], networkd = {} }: Scene = {}): RoutingCommandParts {
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

/** eth1 with index 3, an address and, after `reconcile`, everything that it ought to have. */
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
  const code = await runRoutingCommand({ config, format }, io, worldOf(kernel, scene));
  return { code, out: out(), err: err() };
}

describe('netevd routing', () => {
  test('shows what a link has', async () => {
    const bench = uplink();
    bench.kernel.addRoute(routeOf({ via: '10.0.0.1', dev: ifIndex(3), metric: 7, protocol: 16 }));
    bench.reconcile();
    expect((await show(bench.kernel)).out).toBe(
      [
        'eth1 (index 3), table 203: active',
        '  IPv4: active',
        '    addresses  10.0.0.5',
        '    gateway    10.0.0.1 (route of the main table (proto dhcp))',
        '    rules    ✔ 30000: from 10.0.0.5 lookup 203 suppress_prefixlength 0',
        '             ✔ 30001: from 10.0.0.5 lookup main suppress_prefixlength 0',
        '             ✔ 30002: from 10.0.0.5 lookup 203',
        '             ✔ 30003: from all to 10.0.0.5 lookup 203',
        '    routes   ✔ 10.0.0.0/24 dev eth1',
        '             ✔ default via 10.0.0.1 dev eth1',
        '',
      ].join('\n'),
    );
  });

  test.each<[string, (bench: RoutingBench) => void, string]>([
    ['nothing of it there', () => undefined, 'missing'],
    ['no gateway', (bench) => bench.reconcile(), 'waiting for gateway'],
    ['no address', (bench) => bench.kernel.removeAddress(ifIndex(3), '10.0.0.5'), 'waiting for address'],
    [
      'the link down',
      (bench) => {
        bench.reconcile();
        bench.kernel.setUp(ifIndex(3), false);
      },
      'down',
    ],
    [
      'a table in use',
      (bench) => bench.kernel.addRoute(routeOf({ via: '10.0.0.9', dev: ifIndex(3), table: 203 })),
      'conflict',
    ],
    ['no such link', (bench) => bench.kernel.removeLink(ifIndex(3)), 'absent'],
  ])('%s', async (_, prepare, state) => {
    const bench = uplink();
    prepare(bench);
    const { out, code } = await show(bench.kernel, { format: 'json' });
    expect(JSON.parse(out).links).toMatchObject([{ link: 'eth1', state }]);
    expect(code).toBe(0);
  });

  test('takes the gateway from a lease, and says so', async () => {
    const bench = uplink();
    const leases = [sampleLease({ interfaceName: 'eth1', gateways: ['10.0.0.77' as never] })];
    const { out } = await show(bench.kernel, { scene: { leases } });
    expect(out).toContain('10.0.0.77 (lease of dhclient)');
  });

  test('says what is in the way, whose it is and what to do', async () => {
    const bench = uplink();
    const [model] = bench.kernel.rules;
    if (model === undefined) throw new Error('no rule');
    const source = { address: '10.0.0.5' as never, length: 32 };
    bench.kernel.addRule({ ...model, priority: 1536, table: tableId(3), source, protocol: 0 });
    bench.reconcile();
    const { out } = await show(bench.kernel);
    expect(out).toContain('eth1 (index 3), table 203: conflict');
    expect(out).toContain(
      "a rule of AWS VPC CNI decides about 10.0.0.5 before ours: '1536: from 10.0.0.5 lookup 3'",
    );
    expect(out).toContain('to mend it: remove it, or set routing.rule_priority below its priority');
  });

  test('names what is left over of an earlier configuration', async () => {
    const bench = uplink();
    bench.reconcile();
    const { out } = await show(bench.kernel, { text: 'routing: { policy_rules: [] }' });
    expect(out).toContain('no link has a table of its own');
    expect(out).toContain('rule 30002: from 10.0.0.5 lookup 203');
    expect(out).toContain('route 10.0.0.0/24 dev eth1 table 203');
  });

  test('advises about networkd where it runs and deletes, and not elsewhere', async () => {
    const bench = uplink();
    const lines = ['ManageForeignRoutingPolicyRules=no', 'ManageForeignRoutes=no'];
    const running = (await show(bench.kernel, { scene: { networkd: { isRunning: true } } })).out;
    for (const line of lines) expect(running).toContain(line);
    const spared = { isRunning: true, rules: false, routes: false };
    expect((await show(bench.kernel, { scene: { networkd: spared } })).out).not.toContain('networkd');
    expect((await show(bench.kernel)).out).not.toContain('networkd');
  });

  test('as a table: one line for each family', async () => {
    const bench = uplink();
    bench.reconcile();
    const lines = (await show(bench.kernel, { format: 'table' })).out.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/\s{2,}/))).toEqual([
      ['LINK', 'TABLE', 'FAMILY', 'STATE', 'ADDRESSES', 'GATEWAY', 'FROM', 'RULES', 'ROUTES'],
      ['eth1', '203', 'IPv4', 'waiting for gateway', '10.0.0.5', '-', '-', '4/4', '1/1'],
    ]);
  });

  test('a broken configuration is exit code 78', async () => {
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
  const code = await runExplainCommand(options, io, worldOf(kernel));
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

  test('says which rule and which route decide', async () => {
    const { code, out } = await explain(routed().kernel, '10.0.0.5', '203.0.113.9');
    expect(code).toBe(0);
    expect(out.replaceAll(/ +/g, ' ')).toBe(
      [
        '10.0.0.5 → 203.0.113.9, sent by this machine',
        '',
        '0: from all lookup local knows no route',
        '30000: from 10.0.0.5 lookup 203 suppress_prefixlength 0 proto netevd too general: default via 10.0.0.1 dev eth1',
        '30001: from 10.0.0.5 lookup main suppress_prefixlength 0 proto netevd too general: default via 192.168.1.1 dev eth0 onlink',
        '30002: from 10.0.0.5 lookup 203 proto netevd decides: default via 10.0.0.1 dev eth1',
        '',
        '→ out by eth1, to the gateway 10.0.0.1',
        ' by table 203, a route of netevd',
        '',
      ].join('\n'),
    );
  });

  test('is a value for programs', async () => {
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

  test('counts rules that are about other packets, and shows them in the table', async () => {
    const { out } = await explain(routed().kernel, '192.168.1.10', '203.0.113.9');
    expect(out).toContain('(and 4 before it that are about other packets)');
    expect(out).toContain('note: 192.168.1.10 is no address of this machine');
    const table = await explain(routed().kernel, '192.168.1.10', '203.0.113.9', { format: 'table' });
    expect(table.out).toContain('not from 192.168.1.10');
  });

  test('a packet that goes nowhere is exit code 1', async () => {
    const bench = uplink();
    const { code, out } = await explain(bench.kernel, '10.0.0.5', '203.0.113.9');
    expect(code).toBe(1);
    expect(out).toContain('no rule leads to a route');
    bench.kernel.addRoute(routeOf({ to: '203.0.113.0/24', type: 8 }));
    expect((await explain(bench.kernel, '10.0.0.5', '203.0.113.9')).out).toContain('EACCES');
  });

  test('of a link without carrier it says so', async () => {
    const bench = routed();
    const link = bench.kernel.links.get(ifIndex(3));
    if (link !== undefined)
      bench.kernel.links.set(ifIndex(3), { ...link, flags: link.flags & ~LinkFlag.lowerUp });
    expect((await explain(bench.kernel, '10.0.0.5', '203.0.113.9')).out).toContain(
      'note: eth1 has no carrier',
    );
  });

  test.each([
    ['no address', 'eth0', '203.0.113.9', {}, 'eth0 is not an IP address'],
    ['two families', '10.0.0.5', '2001:db8::1', {}, 'are not of one family'],
    ['a link that is not there', '10.0.0.5', '203.0.113.9', { iif: 'eth7' }, 'there is no link eth7'],
    ['no mark', '10.0.0.5', '203.0.113.9', { mark: 'red' }, 'red is not a mark'],
    ['a mark that is too large', '10.0.0.5', '203.0.113.9', { mark: '0x100000000' }, 'is not a mark'],
  ])('%s is exit code 2', async (_, source, destination, over, message) => {
    const { code, err, out } = await explain(uplink().kernel, source, destination, over);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(out).toBe('');
  });
});
