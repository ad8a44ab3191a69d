/**
 * From systemd-networkd's signal to the first line of a `#!/bin/sh` hook, of netevd and of networkd-dispatcher, in the lab, on the same
 * signals: `networkctl reconfigure` takes a link through `configuring`. `bun test/bench/signal-to-hook.ts [SAMPLES]`, as root.
 * The signal's time is busctl's: a third program that hears it.
 */
import { Lab, PROJECT_INSIDE as project } from '../lab/lab.ts';
import { labAvailable } from '../lab/lab-available.ts';
import { percentile } from './tools.ts';

const available = labAvailable();
if (!available.ok) throw new Error(available.reason);
const samples = Number(process.argv[2] ?? 100);

await using lab = await Lab.boot({ name: 'signal-to-hook' });
const hook = (file: string): string => `#!/bin/sh\ndate +%s%N >>${file}\n`;
await lab.write('/etc/networkd-dispatcher/configuring.d/10-hook', hook('/run/times.dispatcher'), 0o755);
await lab.write('/etc/netevd/configuring.d/10-hook', hook('/run/times.netevd'), 0o755);
await lab.ok(['install', '-m', '666', '/dev/null', '/run/times.netevd']);
await lab.ok(['install', '-m', '666', '/dev/null', '/run/times.dispatcher']);
await lab.ok(['systemd-sysusers', `${project}/packaging/sysusers.d/netevd.conf`]);
await lab.links.add('nd1', 1, 'dhcp');
await lab.ok(['systemctl', 'unmask', 'networkd-dispatcher']);
await lab.ok(['systemctl', 'start', 'networkd-dispatcher']);
await lab.write('/etc/netevd/netevd.yaml', 'monitoring: { interfaces: [nd1] }\n');
const unit = ['--property=Type=notify', '--property=User=netevd', '--property=RuntimeDirectory=netevd'];
await lab.ok(['systemd-run', '--unit=netevd-bench', ...unit, `${project}/build/netevd`]);
const match =
  "--match=type='signal',sender='org.freedesktop.network1',path='/org/freedesktop/network1/link/_31001'";
const monitor = await lab.spawn(['busctl', '--json=short', match, 'monitor']);
await lab.until('busctl to listen', () => monitor.stderr.includes('Monitoring'), 10_000);

const setup = async (): Promise<string> =>
  (await lab.ok(['networkctl', '--no-legend', 'list', 'nd1'])).trim();
await lab.until('nd1 to be configured', async () => (await setup()).endsWith('configured'), 20_000);
const lines = async (file: string): Promise<bigint[]> =>
  (await lab.read(file)).split('\n').filter(Boolean).map(BigInt);

const delays: Record<'netevd' | 'dispatcher', number[]> = { netevd: [], dispatcher: [] };
for (let i = 0; i < samples; i++) {
  const before = {
    netevd: (await lines('/run/times.netevd')).length,
    dispatcher: (await lines('/run/times.dispatcher')).length,
  };
  monitor.take();
  await lab.ok(['networkctl', 'reconfigure', 'nd1']);
  for (const who of ['netevd', 'dispatcher'] as const) {
    const file = `/run/times.${who}`;
    await lab.until(`the hook of ${who}`, async () => (await lines(file)).length > before[who], 20_000);
    const said = monitor.stdout.split('\n').find((line) => line.includes('"configuring"'));
    const at = (JSON.parse(said ?? '{}') as Record<string, number>)['timestamp-realtime'];
    const ran = (await lines(file))[before[who]];
    if (at !== undefined && ran !== undefined) delays[who].push(Number(ran / 1000n) - at);
  }
  await lab.until('nd1 to be configured again', async () => (await setup()).endsWith('configured'), 20_000);
}
for (const [who, of] of Object.entries(delays)) {
  const ms = (part: number): string => (percentile(of, part) / 1000).toFixed(2);
  process.stdout.write(`${who}: ${of.length} samples, p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms\n`);
}
