/**
 * A host with two uplinks, eth0 and eth1, and what is behind them, out of network namespaces. The host is the namespace of
 * the test itself.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { nativeProgram } from '../../src/testing/native-program.ts';
import { ip } from './in-namespace.ts';

const packets = nativeProgram('packets');

/** Where `ip netns` keeps its namespaces: a place of this mount namespace alone. */
function prepareRun(): void {
  if (existsSync('/run/netevd-test')) return;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'none', '/run'], { encoding: 'utf8' });
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`);
  mkdirSync('/run/netevd-test');
}

const at = (namespace: string | undefined, command: readonly string[]): string[] =>
  namespace === undefined ? [...command] : ['nsenter', `--net=/run/netns/${namespace}`, ...command];

/** Runs a command in a namespace, or in the host; throws where it fails. */
export function run(namespace: string | undefined, command: readonly string[]): string {
  const [file = '', ...args] = at(namespace, command);
  const done = spawnSync(file, args, { encoding: 'utf8', timeout: 20_000 });
  if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr.trim()}`);
  return done.stdout;
}

const ipIn = (namespace: string, words: string): string => run(namespace, ['ip', ...words.split(' ')]);

const sysctl = (namespace: string | undefined, path: string, value: string): string =>
  run(namespace, ['sh', '-c', `echo ${value} > /proc/sys/net/${path}`]);

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
}

/** Runs `packets` beside the test: the daemon of the test goes on meanwhile. */
async function runPackets(namespace: string | undefined, words: readonly string[]): Promise<Ended> {
  const [file = '', ...args] = at(namespace, [packets, ...words]);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  return await new Promise((resolve) => {
    child.once('close', (status) => resolve({ status, stdout }));
  });
}

/** Whether `count` pings from one place to an address are all answered. */
export async function pings(
  from: string | undefined,
  source: string,
  to: string,
  count: number = 5,
): Promise<boolean> {
  return (await runPackets(from, ['ping', source, to, String(count)])).status === 0;
}

/** What a TCP server tells when it is asked; undefined where no answer comes. */
export async function asks(
  from: string | undefined,
  source: string,
  to: string,
  port: number,
): Promise<string | undefined> {
  const { status, stdout } = await runPackets(from, ['ask', source, to, String(port)]);
  return status === 0 ? stdout.trim().replace('::ffff:', '') : undefined;
}

/** A TCP server that answers on every address of a place. */
export async function serveTcp(namespace: string | undefined, port: number): Promise<Disposable> {
  const [file = '', ...args] = at(namespace, [packets, 'serve', String(port)]);
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the TCP server has ended')));
  });
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

/** Frames that a link of the host has sent so far. */
export function sent(link: string): number {
  const [entry] = JSON.parse(ip(`-s -j link show dev ${link}`)) as { stats64: { tx: { packets: number } } }[];
  if (entry === undefined) throw new Error(`no link ${link}`);
  return entry.stats64.tx.packets;
}

/** A namespace with lo up that forwards. */
function addNamespace(name: string): void {
  ip(`netns add ${name}`);
  ipIn(name, 'link set lo up');
  sysctl(name, 'ipv4/ip_forward', '1');
  sysctl(name, 'ipv6/conf/all/forwarding', '1');
  // Link-local addresses are usable at once, so that no first packet is lost.
  sysctl(name, 'ipv6/conf/default/accept_dad', '0');
}

/** Two ends with different ifindexes: equal ones make the kernel take a veth for a link without a lower device. */
let index = 1000;
function connect(link: string, namespace: string, peer: string): void {
  ip(`link add ${link} type veth peer name ${peer} index ${index++} netns ${namespace}`);
  ip(`link set ${link} up`);
  ipIn(namespace, `link set ${peer} up`);
}

/** A place behind a router, in which `far` listens at two addresses. */
function addFar(router: string, far: string, v4: string, v6: string): void {
  addNamespace(far);
  ipIn(router, `link add wan type veth peer name uplink index ${index++} netns ${far}`);
  ipIn(router, `address add ${v4}.1/24 dev wan`);
  ipIn(router, `address add ${v6}::1/64 dev wan nodad`);
  ipIn(router, 'link set wan up');
  ipIn(far, `address add ${v4}.10/24 dev uplink`);
  ipIn(far, `address add ${v6}::10/64 dev uplink nodad`);
  ipIn(far, 'link set uplink up');
  ipIn(far, `route add default via ${v4}.1`);
  ipIn(far, `-6 route add default via ${v6}::1`);
}

/** As a host with several links on one segment should be set: each answers for its own addresses alone. */
function prepareHost(): void {
  prepareRun();
  for (const name of ['all', 'default']) {
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, '0');
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/arp_ignore`, '1');
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/arp_announce`, '2');
  }
  writeFileSync('/proc/sys/net/ipv6/conf/all/accept_dad', '0');
  writeFileSync('/proc/sys/net/ipv6/conf/default/accept_dad', '0');
  writeFileSync('/proc/sys/net/ipv4/conf/all/promote_secondaries', '1');
}

/** Different subnets, each with a router and a place behind it: far0 by eth0, far1 by eth1. */
export function differentSubnets(): void {
  prepareHost();
  for (const n of [0, 1]) {
    addNamespace(`router${n}`);
    connect(`eth${n}`, `router${n}`, 'lan');
    ipIn(`router${n}`, `address add 10.${n}.0.1/24 dev lan`);
    ipIn(`router${n}`, `address add 2001:db8:${n}::1/64 dev lan nodad`);
  }
  addFar('router0', 'far0', '198.51.100', '2001:db8:a0');
  addFar('router1', 'far1', '203.0.113', '2001:db8:a1');
}

/** One subnet, in which both uplinks are, with one router and one place behind it. */
export function sameSubnet(): void {
  prepareHost();
  addNamespace('router');
  ipIn('router', 'link add lan type bridge');
  ipIn('router', 'link set lan up');
  ipIn('router', 'address add 192.168.1.1/24 dev lan');
  ipIn('router', 'address add fd00:1::1/64 dev lan nodad');
  for (const n of [0, 1]) {
    connect(`eth${n}`, 'router', `port${n}`);
    ipIn('router', `link set port${n} master lan`);
  }
  addFar('router', 'far', '198.51.100', '2001:db8:a0');
}

/** Everything that either of them has made. */
export function removeUplinks(): void {
  for (const { ifname } of JSON.parse(ip('-j link show')) as { ifname: string }[]) {
    if (ifname.startsWith('eth') || ifname.startsWith('docker')) ip(`link delete ${ifname}`);
  }
  for (const { name } of JSON.parse(ip('-j netns list') || '[]') as { name: string }[])
    ip(`netns delete ${name}`);
  for (const family of [4, 6]) spawnSync('ip', [`-${family}`, 'rule', 'flush', 'proto', '157']);
}
