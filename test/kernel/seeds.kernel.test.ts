/**
 * The scripts and jq lines of the documents that describe netevd, unchanged, run by the real runner about
 * real links. Programs that would leave this namespace (mail, systemctl …) are recorders; `ip` is the real
 * one.
 */
import { beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { readKernelState } from '../../src/cli/local/kernel-state.ts';
import { parseHookDirectory } from '../../src/core/hooks/directories.ts';
import { hookInput } from '../../src/core/hooks/environment.ts';
import type { HookRun } from '../../src/core/hooks/hook-run.ts';
import type { NetworkEvent } from '../../src/core/model/event.ts';
import { eventId, millis, seq, timestamp } from '../../src/core/model/ids.ts';
import type { State } from '../../src/core/model/state.ts';
import type { Source } from '../../src/core/model/vocabulary.ts';
import { HookRunner } from '../../src/effects/hooks/hook-runner.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { readLinkStatistics } from '../../src/platform/link-statistics.ts';
import { loadNative } from '../../src/platform/native.ts';
import { NativeProcessSpawner } from '../../src/platform/process-spawner.ts';
import { RunnerClient } from '../../src/platform/runner-client.ts';
import { ProcRunningProcesses } from '../../src/platform/running-processes.ts';
import { hookTrust, ownIdentity } from '../../src/platform/trust/trusted-owners.ts';
import { sampleLease, sampleNetworkdLink } from '../../src/testing/sample-state.ts';
import { insideNamespace, ip } from './in-namespace.ts';

import { ownScratch, type Recorded, recordedWorld } from './recorded-world.ts';
import { type SeedScript, seedJqFilters, seedScripts } from './seed-scripts.ts';

const has = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
const missing = ['bash', 'jq'].filter((program) => !has(program));

if (insideNamespace(import.meta.path)) {
  const scratch = ownScratch();
  const native = loadNative();
  const clock = new SystemClock();
  const recorders = ['notify-send', 'systemctl', 'logger', 'mail', 'nmcli', 'curl', 'iptables', 'sleep'];
  const world = recordedWorld(scratch, recorders, ['/usr/local/bin/update-vpn-routes.sh']);

  ip('link add eth0 type veth peer name far0');
  ip('link set far0 up');
  ip('link set eth0 mtu 9000 up');
  ip('addr add 192.168.1.100/24 brd + dev eth0');
  ip('addr add 2001:db8::100/64 dev eth0 nodad');
  ip('route add default via 192.168.1.1 dev eth0');
  ip('link add wg0 type veth peer name far1');
  ip('link set far1 up');
  ip('link set wg0 up');

  /** The kernel's word, and what a manager and a lease would add to it. */
  const machine = async (): Promise<State> => {
    const state = await readKernelState(native, clock);
    const eth0 = [...state.links.values()].find(({ name }) => name === 'eth0');
    if (eth0 === undefined) throw new Error('there is no eth0');
    const networkd = { ...state.networkd, links: state.networkd.links.set(eth0.index, sampleNetworkdLink()) };
    return {
      ...state,
      networkd,
      leases: { ...state.leases, active: state.leases.active.set('eth0/4', sampleLease()) },
    };
  };
  const about = (name: string, place: string, state: State, source: Source): NetworkEvent => {
    const status = [...state.links.values()].find((link) => link.name === name);
    const directory = parseHookDirectory(place.slice(0, place.indexOf('/')));
    if (status === undefined || directory === undefined) throw new Error(`${name} ${place}`);
    const { index, generation } = status;
    const event = { id: eventId('e-1'), seq: seq(1), at: timestamp(Date.now()), directory, name: directory };
    return {
      ...event,
      link: { index, generation, name },
      source,
      state: directory,
      initial: false,
      resync: false,
    };
  };
  const surroundings = { home: '/', user: 'netevd', lang: 'C.UTF-8', emitJson: true };

  interface Played {
    readonly run: HookRun;
    readonly calls: readonly Recorded[];
  }
  /** Puts the script in its place and has it run. */
  async function play(script: SeedScript, name: string, source: Source): Promise<Played> {
    const base = mkdtempSync(join(scratch, 'hooks-'));
    mkdirSync(join(base, script.place, '..'), { recursive: true, mode: 0o755 });
    writeFileSync(join(base, script.place), script.text, { mode: 0o755 });
    const journal = {
      starting: () => undefined,
      started: () => undefined,
      withdrawn: () => undefined,
      finished: () => undefined,
    };
    const statistics = (
      index: Parameters<typeof readLinkStatistics>[1],
    ): ReturnType<typeof readLinkStatistics> => readLinkStatistics(native, index);
    const processes = new ProcRunningProcesses(clock);
    const shortageListener = { onShortage: () => undefined, onShortageOver: () => undefined };
    const spawner = new NativeProcessSpawner(native);
    const delegate = new RunnerClient(clock);
    const parts = { spawner, clock, journal, processes, statistics, shortageListener, delegate };
    const settings = {
      directory: base,
      timeout: millis(20_000),
      killGrace: millis(1000),
      outputLimit: 65_536,
    };
    const runner = new HookRunner(parts, {
      ...settings,
      trust: hookTrust(ownIdentity()),
      context: surroundings,
      filters: [],
    });
    const state = await machine();
    const event = about(name, script.place, state, source);
    const { runs } = await runner.run({ subject: { event, state }, onRun: () => undefined });
    const [run] = runs;
    if (run === undefined) throw new Error(`${script.place} did not run`);
    return { run, calls: world.take() };
  }

  const scripts = seedScripts();
  const script = (place: string, document = 'S0'): SeedScript => {
    const found = scripts.find((one) => one.place === place && one.document === document);
    if (found === undefined) throw new Error(`${document} has no ${place}`);
    return found;
  };
  /** `logger -t netevd …` as one line each. */
  const lines = (calls: readonly Recorded[]): string[] =>
    calls.map(({ program, args }) => [program, ...args].join(' '));
  const eth0 = (): { ifindex: number; mtu: number } => JSON.parse(ip('-j link show dev eth0'))[0];
  const fine: HookRun['outcome'] = { kind: 'exited', code: 0 };

  beforeEach(() => void world.take());

  describe.skipIf(missing.length > 0)('each script of the documents', () => {
    const played = new Set<string>();
    const playing = (place: string, name: string, source: Source, document = 'S0'): Promise<Played> => {
      played.add(`${document} ${place}`);
      return play(script(place, document), name, source);
    };

    test('S0 example 1, with networkd: says that the link is routable', async () => {
      const { run, calls } = await playing('routable.d/01-notify.sh', 'eth0', 'systemd-networkd');
      expect(run.stderr).toBe('');
      expect(run.outcome).toEqual(fine);
      expect(run.stdout).toBe(
        `Interface eth0 (${eth0().ifindex}) is now routable\nIP Addresses: 192.168.1.100 2001:db8::100\n`,
      );
      expect(lines(calls)).toEqual([
        'notify-send Network Ready Interface eth0 is now routable with IPs: 192.168.1.100 2001:db8::100',
        'systemctl start myapp.service',
      ]);
      expect(readFileSync('/etc/resolv.conf.d/custom', 'utf8')).toBe('nameserver 192.168.1.53 9.9.9.9\n');
    });

    test('S0 example 1, with NetworkManager: updates the VPN', async () => {
      const { run, calls } = await playing('activated.d/01-network-ready.sh', 'eth0', 'NetworkManager');
      expect(run.outcome).toEqual(fine);
      expect(lines(calls)).toEqual([
        'logger -t netevd Interface eth0 activated with state: activated',
        'update-vpn-routes.sh eth0',
      ]);
    });

    test('S0 example 1, with dhclient: has the lease', async () => {
      const { run } = await playing('routable.d/01-dhcp-lease.sh', 'eth0', 'dhclient');
      expect(run.outcome).toEqual(fine);
      expect(run.stdout).toBe(
        'Got DHCP lease for eth0: 192.168.1.100\nGateway: 192.168.1.1\nDNS: 192.168.1.53 9.9.9.9\n',
      );
    });

    test('S0 example 3: mails that the carrier is lost', async () => {
      const { run, calls } = await playing('no-carrier.d/01-alert.sh', 'eth0', 'kernel');
      expect(run.outcome).toEqual(fine);
      const [mail] = calls;
      expect(mail?.args).toEqual(['-s', `Network Alert: Link Down on ${hostname()}`, 'admin@example.com']);
      expect(mail?.input).toMatch(/^Interface eth0 lost carrier at .+/);
      expect(lines(calls.slice(1))).toEqual(['logger -t netevd -p daemon.warning Link eth0 carrier lost']);
    });

    test('S0 example 3: connects the Wi-Fi again', async () => {
      const { run, calls } = await playing('disconnected.d/01-wifi-reconnect.sh', 'eth0', 'NetworkManager');
      expect(run.outcome).toEqual(fine);
      expect(lines(calls)).toEqual([
        'sleep 5',
        'nmcli device connect eth0',
        'logger -t netevd Attempted to reconnect eth0',
      ]);
    });

    /** What `ip` says where it may not: scripts have no capability, whoever started the daemon. */
    const refused = 'RTNETLINK answers: Operation not permitted\n';

    test('S0 example 4: updates dynamic DNS with the IPv4 address', async () => {
      const { run, calls } = await playing('routable.d/02-update-dns.sh', 'eth0', 'kernel');
      expect(run.outcome).toEqual(fine);
      expect(calls[0]?.args.at(-1)).toBe('{"type":"A","name":"myhost.dyndns.org","content":"192.168.1.100"}');
      expect(lines(calls.slice(1))).toEqual(['logger -t netevd Updated DDNS for eth0: 192.168.1.100']);
    });

    test('S0 example 5: reads the JSON; the MTU is not for a hook to change', async () => {
      const { run, calls } = await playing('routable.d/03-process-json.sh', 'eth0', 'systemd-networkd');
      expect([run.outcome, run.stderr]).toEqual([fine, refused]);
      expect(run.stdout).toStartWith(
        'Interface: eth0\n  MTU: 9000\n  Driver: veth\n  IPv4 State: routable\n  DNS Servers: 192.168.1.53 9.9.9.9 \n',
      );
      expect(run.stdout).toContain('\n  192.168.1.100/24\n');
      expect(run.stdout).toContain('\n  2001:db8::100/64\n');
      expect(lines(calls)).toEqual(['logger -t netevd Adjusted MTU on eth0 to 1500']);
      expect(eth0().mtu).toBe(9000);
    });

    test('S0 example 6: is told of the VPN; the routes are not for a hook to make', async () => {
      const { run, calls } = await playing('routable.d/04-vpn-routes.sh', 'wg0', 'kernel');
      expect([run.outcome, run.stderr]).toEqual([fine, `${refused}${refused}`]);
      expect(ip('route show dev wg0')).toBe('');
      expect(lines(calls)).toEqual([
        'logger -t netevd Added VPN routes for wg0',
        'iptables -A FORWARD -i wg0 -j ACCEPT',
        'iptables -A FORWARD -o wg0 -j ACCEPT',
      ]);
    });

    test('S1, the first hook: logs that the link is routable', async () => {
      const { run, calls } = await playing('routable.d/01-notify.sh', 'eth0', 'kernel', 'S1');
      expect(run.outcome).toEqual(fine);
      expect(lines(calls)).toEqual([
        'logger -t netevd Interface eth0 is routable: 192.168.1.100 2001:db8::100',
      ]);
    });

    test('and there are no others', () => {
      expect(played).toEqual(new Set(scripts.map(({ document, place }) => `${document} ${place}`)));
    });
  });

  describe.skipIf(missing.length > 0)('each jq line of the documents', () => {
    const filters = seedJqFilters();

    test('is one of these', () => {
      expect(filters).toEqual([
        '.MTU',
        '.Driver',
        '.IPv4AddressState',
        '.DNS[]',
        '.Address[] | "  \\(.IP)/\\(.Mask)"',
      ]);
    });

    test.each(filters.map((filter) => [filter]))('%s prints a real value', async (filter) => {
      const state = await machine();
      const input = hookInput({ event: about('eth0', 'routable.d/x', state, 'kernel'), state }, surroundings);
      if (!input.ok) throw new Error(input.problem);
      const { stdout, status } = spawnSync('jq', ['-r', filter], {
        input: input.environment['JSON'] ?? '',
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^(?!.*null).*[a-z0-9]/i);
    });

    test('the keys that a person is told to try scripts with are there', async () => {
      const state = await machine();
      const input = hookInput({ event: about('eth0', 'routable.d/x', state, 'kernel'), state }, surroundings);
      expect(input.ok && JSON.parse(input.json)).toMatchObject({
        Index: eth0().ifindex,
        Name: 'eth0',
        OperState: 'up',
      });
    });
  });
}
