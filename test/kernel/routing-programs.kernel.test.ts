/**
 * Policy routing beside the programs that change rules and routes most: OpenVPN, keepalived and BIRD of Debian, and the
 * commands of wg-quick. Packets decide: an answer from the address of the second uplink leaves by it, whether the other
 * program is there before netevd, comes after it, or comes again. Without the programs (test/kernel/get-programs.sh) their
 * tests are skipped.
 */
import { afterEach, describe, expect, test } from 'bun:test';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { insideNamespace, ip } from './in-namespace.ts';
import { RoutingDaemon } from './routing-harness.ts';
import { differentSubnets, pings, removeUplinks, run } from './uplinks.ts';

const programs = join(import.meta.dir, '../../build/programs');
const libraries = ['usr/lib', 'lib'].flatMap((place) =>
  ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => join(programs, place, machine)),
);

/** Whether the program is there; a tunnel needs a device that not everybody may open. */
const has = (name: string): boolean => existsSync(join(programs, 'usr/sbin', name));
function hasTunnels(): boolean {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const children: ChildProcess[] = [];

/** Starts a program of Debian's, in a namespace or in the host. */
function start(namespace: string | undefined, name: string, words: readonly string[]): ChildProcess {
  const command = [join(programs, 'usr/sbin', name), ...words];
  const [file = '', ...args] =
    namespace === undefined ? command : ['nsenter', `--net=/run/netns/${namespace}`, ...command];
  const child = spawn(file, args, {
    stdio: 'ignore',
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') },
  });
  children.push(child);
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await waitUntil('the end of a program', () => child.exitCode !== null || child.signalCode !== null);
}

interface Neighbour {
  readonly name: string;
  /** Why it cannot be had here. */
  readonly missing?: string;
  /** The addresses of eth1 from which answers must leave by it. */
  readonly addresses: readonly string[];
  /** Makes its rules and routes, and waits for them. */
  up(): Promise<void>;
  down(): Promise<void>;
}

let running: readonly ChildProcess[] = [];
const stopRunning = async (): Promise<void> => {
  for (const child of running) await stop(child);
  running = [];
};
const usual = ['10.1.0.2', '2001:db8:1::2'];
const mainHas = (text: string, family: 4 | 6 = 4): boolean => ip(`-${family} route show`).includes(text);

function openVpn(): Neighbour {
  const common = (key: string): string[] => [
    ...['--secret', key, '--cipher', 'AES-256-CBC', '--proto', 'udp4', '--dev-type', 'tun', '--verb', '0'],
  ];
  return {
    name: 'OpenVPN with redirect-gateway def1',
    ...(has('openvpn') ? {} : { missing: 'openvpn' }),
    ...(hasTunnels() ? {} : { missing: 'a /dev/net/tun that may be opened' }),
    addresses: usual,
    async up() {
      const key = join(mkdtempSync('/run/openvpn-'), 'key');
      const made = start(undefined, 'openvpn', ['--genkey', 'secret', key]);
      await waitUntil('a key', () => made.exitCode !== null);
      const server = ['--dev', 'tun1', '--ifconfig', '10.8.0.1', '10.8.0.2', '--lport', '1194'];
      const client = [
        '--dev',
        'tun0',
        '--ifconfig',
        '10.8.0.2',
        '10.8.0.1',
        '--remote',
        '10.0.0.1',
        '--nobind',
      ];
      running = [
        start('router0', 'openvpn', [...common(key), ...server]),
        start(undefined, 'openvpn', [...common(key), ...client, '--redirect-gateway', 'def1']),
      ];
      await waitUntil('the halves of a default route', () => mainHas('128.0.0.0/1'), 20_000);
    },
    down: stopRunning,
  };
}

function keepalived(): Neighbour {
  const vip = '2001:db8:1::100';
  return {
    name: 'keepalived with an IPv6 service address',
    ...(has('keepalived') ? {} : { missing: 'keepalived' }),
    addresses: [...usual, vip],
    async up() {
      const directory = mkdtempSync('/run/keepalived-');
      const file = join(directory, 'conf');
      const instance = `state MASTER\ninterface eth1\nvirtual_router_id 5\npriority 200\nadvert_int 1`;
      writeFileSync(
        file,
        `vrrp_instance one {\n${instance}\nvirtual_ipaddress {\n${vip}/128 dev eth1\n}\n}\n`,
      );
      const pids = ['--pid', join(directory, 'a'), '--vrrp_pid', join(directory, 'b')];
      running = [start(undefined, 'keepalived', ['--dont-fork', '--vrrp', '-f', file, ...pids])];
      await waitUntil('the address', () => ip('-6 address show dev eth1').includes(vip), 20_000);
    },
    down: stopRunning,
  };
}

function bird(): Neighbour {
  return {
    name: 'BIRD with a default route and a thousand others',
    ...(has('bird') ? {} : { missing: 'bird' }),
    addresses: usual,
    async up() {
      const directory = mkdtempSync('/run/bird-');
      const file = join(directory, 'conf');
      const many = Array.from(
        { length: 1000 },
        (_, i) => `route 172.20.${i >> 8}.${i & 255}/32 via 10.0.0.1;`,
      );
      const halves = ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1'].map(
        (prefix) => `route ${prefix} via 10.0.0.1;`,
      );
      const kernel = 'protocol kernel { ipv4 { export all; }; metric 5; }';
      const fixed = `protocol static { ipv4; ${[...halves, ...many].join('\n')} }`;
      writeFileSync(file, `router id 10.0.0.2;\nprotocol device {}\n${kernel}\n${fixed}\n`);
      running = [start(undefined, 'bird', ['-f', '-c', file, '-s', join(directory, 'socket')])];
      await waitUntil('its routes', () => mainHas('128.0.0.0/1') && mainHas('172.20.3.231'), 20_000);
    },
    down: stopRunning,
  };
}

/** add_default and del_if of wg-quick(8), with a tunnel that is no WireGuard: the rules and routes are the same. */
function wgQuick(): Neighbour {
  const families = [
    [4, '0.0.0.0/0'],
    [6, '::/0'],
  ] as const;
  return {
    name: "wg-quick's commands for AllowedIPs = 0.0.0.0/0, ::/0",
    addresses: usual,
    async up() {
      ip('link add wg0 type ifb');
      ip('link set wg0 up');
      for (const [family, everything] of families) {
        ip(`-${family} route add ${everything} dev wg0 table 51820`);
        ip(`-${family} rule add not fwmark 51820 table 51820`);
        ip(`-${family} rule add table main suppress_prefixlength 0`);
      }
      await waitUntil('its rules', () => ip('-6 rule show').includes('51820'));
    },
    async down() {
      for (const [family] of families) {
        spawnSync('ip', [`-${family}`, 'rule', 'delete', 'table', '51820']);
        spawnSync('ip', [`-${family}`, 'rule', 'delete', 'table', 'main', 'suppress_prefixlength', '0']);
      }
      spawnSync('ip', ['link', 'delete', 'wg0']);
      await waitUntil('no rules', () => !ip('-6 rule show').includes('51820'));
    },
  };
}

/** Two uplinks; netevd is about the second one. */
function configure(): void {
  differentSubnets();
  for (const n of [0, 1]) {
    ip(`address add 10.${n}.0.2/24 dev eth${n}`);
    ip(`address add 2001:db8:${n}::2/64 dev eth${n} nodad`);
    ip(`route add default via 10.${n}.0.1 dev eth${n} metric ${100 * (n + 1)}`);
    ip(`-6 route add default via 2001:db8:${n}::1 dev eth${n} metric ${100 * (n + 1)}`);
  }
  // The tunnels lead nowhere for answers: only by eth1 do they arrive.
  run('router1', ['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter']);
}

if (insideNamespace(import.meta.path)) {
  const daemons: RoutingDaemon[] = [];
  const startNetevd = (): RoutingDaemon => {
    const daemon = new RoutingDaemon({ links: ['eth1'], rulePriority: 'auto' });
    daemons.push(daemon);
    return daemon;
  };
  const stateOf = (daemon: RoutingDaemon): string =>
    daemon.isIdle ? (daemon.loop.snapshot().routing()?.links[0]?.state ?? 'unknown') : 'busy';

  /** The status is `active` with all addresses, and answers from each of them arrive. */
  const expectAnswers = async (daemon: RoutingDaemon, addresses: readonly string[]): Promise<void> => {
    const paths = (): readonly string[] =>
      daemon.loop
        .snapshot()
        .routing()
        ?.links.flatMap(({ families }) => families.flatMap((family) => family.addresses)) ?? [];
    const isRouted = (address: string): boolean => {
      const to = address.includes(':') ? '2001:db8:a1::10' : '203.0.113.10';
      return ip(`-${address.includes(':') ? 6 : 4} route get ${to} from ${address}`).includes(' dev eth1 ');
    };
    await waitUntil(
      'an active link with all addresses, whose packets leave by it',
      () =>
        addresses.every((address) => paths().includes(address) && isRouted(address)) &&
        stateOf(daemon) === 'active',
      15_000,
    );
    for (const address of addresses) {
      expect({ address, answered: await pings('far1', 'any', address, 3) }).toEqual({
        address,
        answered: true,
      });
    }
  };

  afterEach(async () => {
    for (const daemon of daemons.splice(0)) await daemon[Symbol.asyncDispose]();
    await stopRunning();
    for (const child of children.splice(0)) await stop(child);
    await wgQuick().down();
    for (const family of [4, 6]) spawnSync('ip', [`-${family}`, 'route', 'flush', 'table', 'main']);
    removeUplinks();
  });

  describe.each([openVpn(), keepalived(), bird(), wgQuick()])('beside $name', (neighbour) => {
    const { missing, addresses } = neighbour;
    const when = missing === undefined ? '' : ` (skipped: there is no ${missing})`;

    test.skipIf(missing !== undefined)(
      `answers leave by the second uplink: it is there first${when}`,
      async () => {
        configure();
        await neighbour.up();
        await expectAnswers(startNetevd(), addresses);
      },
    );

    test.skipIf(missing !== undefined)(
      `answers leave by the second uplink: it comes later, and again${when}`,
      async () => {
        configure();
        const daemon = startNetevd();
        await expectAnswers(daemon, usual);
        await neighbour.up();
        await expectAnswers(daemon, addresses);
        await neighbour.down();
        await expectAnswers(daemon, usual);
        await neighbour.up();
        await expectAnswers(daemon, addresses);
        expect(daemon.notices.filter(({ kind }) => kind === 'diverted')).toEqual([]);
      },
    );
  });
}
