/**
 * Captures test/fixtures/managers: `bun test/lab/capture-managers.ts DIRECTORY`, as root. What networkd and
 * NetworkManager answer on the bus, and the signals that they send while links come, get leases and go.
 */
import { mkdir } from 'node:fs/promises';
import { Lab } from './lab.ts';
import type { LabProcess } from './lab-process.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: capture-managers.ts DIRECTORY');

const NETWORKD = 'org.freedesktop.network1';
const NETWORKD_PATH = '/org/freedesktop/network1';
const NM = 'org.freedesktop.NetworkManager';
const NM_PATH = '/org/freedesktop/NetworkManager';
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const BARRIER = 'org.example.Barrier';
const DEADLINE_MS = 30_000;

await using lab = await Lab.boot({ name: 'capture-managers' });
await lab.write(
  '/etc/systemd/network/05-ndv6.network',
  `[Match]
Name=ndv6
[Network]
Address=192.0.2.2/24
Address=2001:db8:1::2/64
Gateway=192.0.2.1
Gateway=2001:db8:1::1
DNS=192.0.2.53
DNS=2001:db8:1::53
DNS=203.0.113.5:5353#dns.example
Domains=example.com ~route.example
NTP=ntp.example 192.0.2.123
LinkLocalAddressing=ipv6
IPv6AcceptRA=no
`,
);
await lab.ok(['networkctl', 'reload']);

const monitor = await lab.spawn([
  'busctl',
  '--json=short',
  `--match=type='signal',sender='${NETWORKD}'`,
  `--match=type='signal',sender='${NM}'`,
  `--match=type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'`,
  `--match=type='signal',interface='${BARRIER}'`,
  'monitor',
]);
await lab.until('busctl to listen', () => monitor.stderr.includes('Monitoring'), DEADLINE_MS);
const signals: string[] = [];

await step(
  'add nd0: networkd gets a lease',
  ['labnet', 'add', 'nd0', '1'],
  async () => await setup('nd0', 'configured'),
);
await step(
  'add ndv6: networkd, static, both families',
  ['labnet', 'add', 'ndv6', '2', 'none'],
  async () => await setup('ndv6', 'configured'),
);
await step(
  'add xx0: no manager manages it',
  ['labnet', 'add', 'xx0', '3', 'static'],
  async () => await setup('xx0', 'unmanaged'),
);
await step(
  'pull the cable of nd0',
  ['labnet', 'carrier', 'nd0', 'off'],
  async () => await setup('nd0', 'no-carrier'),
);
await step(
  'plug it in again',
  ['labnet', 'carrier', 'nd0', 'on'],
  async () => await setup('nd0', 'routable'),
);
await step('add nm0', ['labnet', 'add', 'nm0', '4'], async () => await device('nm0', 'disconnected'));
const connection = ['ipv4.method', 'auto', 'ipv6.method', 'link-local', 'connection.autoconnect', 'no'];
await lab.ok([
  'nmcli',
  'connection',
  'add',
  'type',
  'ethernet',
  'ifname',
  'nm0',
  'con-name',
  'lab',
  ...connection,
]);
await step(
  'nmcli connection up',
  ['nmcli', '--wait', '20', 'connection', 'up', 'lab'],
  async () => await device('nm0', 'connected'),
);
await save('networkd-manager-describe.json', await describe(NETWORKD_PATH, 'Manager'));
await save(
  'networkd-manager-properties.json',
  await properties(NETWORKD, NETWORKD_PATH, `${NETWORKD}.Manager`),
);
for (const [name, index] of [
  ['nd0', 1001],
  ['ndv6', 1002],
  ['xx0', 1003],
] as const) {
  const path = `${NETWORKD_PATH}/link/_3${index}`;
  await save(`networkd-link-describe-${name}.json`, await describe(path, 'Link'));
  await save(`networkd-link-properties-${name}.json`, await properties(NETWORKD, path, `${NETWORKD}.Link`));
}
await save(
  'networkd-list-links.json',
  await busctl(['call', NETWORKD, NETWORKD_PATH, `${NETWORKD}.Manager`, 'ListLinks']),
);
await save('networkmanager-properties.json', await properties(NM, NM_PATH, NM));
const found = await busctl(['call', NM, NM_PATH, NM, 'GetDeviceByIpIface', 's', 'nm0']);
const [devicePath] = (JSON.parse(found) as { data: string[] }).data;
await save(
  'networkmanager-device-properties-nm0.json',
  await properties(NM, devicePath ?? '', `${NM}.Device`),
);
await save(
  'networkmanager-managed-objects.json',
  await busctl(['call', NM, '/org/freedesktop', 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects']),
);
await step(
  'pull the cable of nm0',
  ['labnet', 'carrier', 'nm0', 'off'],
  async () => await device('nm0', 'unavailable'),
);
await step(
  'plug it in again',
  ['labnet', 'carrier', 'nm0', 'on'],
  async () => await device('nm0', 'disconnected'),
);
await step(
  'nmcli connection up',
  ['nmcli', '--wait', '20', 'connection', 'up', 'lab'],
  async () => await device('nm0', 'connected'),
);
await step(
  'nmcli device disconnect',
  ['nmcli', 'device', 'disconnect', 'nm0'],
  async () => await device('nm0', 'disconnected'),
);
await step(
  'restart networkd',
  ['systemctl', 'restart', 'systemd-networkd'],
  async () => await setup('nd0', 'configured'),
);
await step(
  'restart NetworkManager',
  ['systemctl', 'restart', 'NetworkManager'],
  async () => await device('nm0', 'disconnected'),
);
await step(
  'put ndv6 into a bridge',
  ['sh', '-c', 'ip link add br0 type bridge; ip link set br0 up; ip link set ndv6 master br0'],
  async () => await setup('ndv6', 'routable'),
);
await step(
  'release it',
  ['ip', 'link', 'set', 'ndv6', 'nomaster'],
  async () => await setup('ndv6', 'configuring'),
);
await step(
  'delete nd0',
  ['labnet', 'del', 'nd0'],
  async () => !(await lab.ok(['networkctl', 'list', '--no-legend'])).includes('nd0'),
);
await save('signals.jsonl', signals.join(''));
await save('versions.txt', await lab.ok(['dpkg-query', '-W', 'systemd', 'network-manager', 'dbus']));

/** Makes a change, waits until it has come about, and notes the signals that were sent meanwhile. */
async function step(what: string, command: readonly string[], done: () => Promise<boolean>): Promise<void> {
  await lab.ok(command);
  await lab.until(what, done, DEADLINE_MS);
  // a signal of our own ends the step: what was sent before it is in the monitor's output
  await barrier(monitor);
  signals.push(`${JSON.stringify({ step: what })}\n`, ...taken(monitor));
}

async function barrier(listener: LabProcess): Promise<void> {
  const mark = `barrier-${signals.length}`;
  await lab.ok(['busctl', 'emit', '/org/example', BARRIER, 'Passed', 's', mark]);
  await lab.until('the monitor to catch up', () => listener.stdout.includes(mark), DEADLINE_MS);
}

/** The monitor's lines, without the barrier's and the comings and goings of unnamed clients. */
function taken(listener: LabProcess): string[] {
  const lines = listener
    .take()
    .stdout.split('\n')
    .filter((line) => line !== '');
  return lines.flatMap((line) => {
    const { path, interface: from, member, sender, payload } = JSON.parse(line) as Record<string, unknown>;
    if (from === BARRIER) return [];
    const names = (payload as { data: unknown[] }).data;
    if (
      member === 'NameOwnerChanged' &&
      !/^org\.freedesktop\.(network1|NetworkManager)$/.test(String(names[0]))
    )
      return [];
    return [`${JSON.stringify({ sender, path, interface: from, member, payload })}\n`];
  });
}

async function setup(name: string, word: string): Promise<boolean> {
  const { stdout } = await lab.run(['networkctl', 'list', '--no-legend', name]);
  return stdout.trim().split(/\s+/).includes(word);
}

async function device(name: string, state: string): Promise<boolean> {
  const { stdout } = await lab.run(['nmcli', '--terse', '--fields', 'DEVICE,STATE', 'device']);
  return stdout.split('\n').includes(`${name}:${state}`);
}

async function busctl(args: readonly string[]): Promise<string> {
  return await lab.ok(['busctl', '--json=pretty', ...args]);
}

async function properties(service: string, path: string, of: string): Promise<string> {
  return await busctl(['call', service, path, PROPERTIES, 'GetAll', 's', of]);
}

/** The JSON text that Describe returns, as it is. */
async function describe(path: string, of: 'Manager' | 'Link'): Promise<string> {
  const [text] = (
    JSON.parse(await busctl(['call', NETWORKD, path, `${NETWORKD}.${of}`, 'Describe'])) as { data: string[] }
  ).data;
  return `${text}\n`;
}

async function save(name: string, text: string): Promise<void> {
  await mkdir(String(directory), { recursive: true });
  await Bun.write(`${directory}/${name}`, text);
}
