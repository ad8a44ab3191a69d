/**
 * From a manager's signal to the fact: latency of single signals, and a burst. `bun test/bench/dbus.ts`. The manager is a
 * process of its own on a private dbus-daemon; the other side is the connection and the source of the daemon.
 */

import type { Fact } from '../../src/core/model/fact.ts';
import { millis } from '../../src/core/model/ids.ts';
import { BusSources } from '../../src/daemon/wiring/bus-sources.ts';
import { SystemBus } from '../../src/platform/bus/system-bus.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';
import { textOf } from '../../src/wire/dbus/value.ts';
import { PrivateBus } from '../contract/private-bus.ts';

const singles = 2_000;
const burst = 1_000;
const micros = (): number => (performance.timeOrigin + performance.now()) * 1_000;
const percentile = (sorted: readonly number[], part: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

await using daemon = new PrivateBus();
await daemon.start();
const plans = [`${singles}@1`, `${burst}@0`];
const command = [process.execPath, `${import.meta.dir}/dbus-manager.ts`, daemon.path, ...plans];
const manager = Bun.spawn(command, { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
await manager.stdout.getReader().read();

const clock = new SystemClock();
const log = new RecordingLogger();
const address = `unix:path=${daemon.path}`;
let facts = 0;
let lastAt = 0;
const openBus = (): SystemBus =>
  new SystemBus({ clock, log, chance: () => 0, address, uid: () => process.geteuid?.() ?? 0 });
const sources = new BusSources({
  bus: openBus(),
  clock,
  log,
  sink: (told: readonly Fact[]) => {
    facts += told.filter(({ kind }) => kind === 'networkdLinkObserved').length;
    lastAt = micros();
  },
});
sources.start();
await sources.initialReports(millis(5_000));

/** When each signal was sent, and how long it took to be read: by a second connection, which follows the same. */
const latencies: number[] = [];
const sentAt: number[] = [];
const witness = openBus();
witness.follow({
  name: 'org.freedesktop.network1',
  signals: [
    {
      interface: 'org.freedesktop.DBus.Properties',
      member: 'PropertiesChanged',
      pathNamespace: '/org/freedesktop/network1',
    },
  ],
  appeared: () => {},
  vanished: () => {},
  lost: () => {},
  signal: ({ values }) => {
    const changed = values[1];
    const at = Number(textOf(changed instanceof Map ? changed.get('SentAt') : undefined));
    sentAt.push(at);
    latencies.push(micros() - at);
  },
});
witness.start();
await new Promise((resolve) => setTimeout(resolve, 100));

const run = async (plan: number, count: number): Promise<number> => {
  const [before, seen] = [facts, latencies.length];
  const cpu = process.cpuUsage();
  manager.stdin.write(`${plan}\n`);
  manager.stdin.flush();
  await waitUntil(
    `${count} facts`,
    () => facts - before >= count && latencies.length - seen >= count,
    60_000,
  );
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / count;
};

await run(0, singles);
const sorted = latencies.toSorted((a, b) => a - b);
say(`one signal every millisecond, ${singles} of them, from send to handler:`);
say(
  `  p50 ${percentile(sorted, 0.5)} µs, p99 ${percentile(sorted, 0.99)} µs, max ${percentile(sorted, 1)} µs`,
);
const start = sentAt.length;
const cpu = await run(1, burst);
const took = lastAt - (sentAt[start] ?? 0);
say(`${burst} signals at once: all ${burst} are facts after ${(took / 1_000).toFixed(1)} ms`);
say(`  ${(cpu / 2).toFixed(1)} µs of CPU for each and connection`);

manager.kill();
await manager.exited;
witness[Symbol.dispose]();
sources[Symbol.dispose]();
