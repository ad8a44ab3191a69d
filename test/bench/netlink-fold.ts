/**
 * Processor time per netlink message of everything between the socket and the plan: addon, decoding, fold, comparison;
 * beside `ip monitor`, which decodes and prints, on the same loads in the same run.
 *
 *   bun test/bench/netlink-fold.ts [OBJECTS] [--json]     (5000 of each kind; each is added and deleted)
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diff } from '../../src/core/diff/diff.ts';
import { emptyState } from '../../src/core/model/empty-state.ts';
import { reduce } from '../../src/core/reduce/reduce.ts';
import { emptyResyncMemory, planResync } from '../../src/core/resync/kernel-resync.ts';
import { SystemClock } from '../../src/platform/clock.ts';
import { loadNative } from '../../src/platform/native.ts';
import { KernelNetlinkChannel } from '../../src/platform/netlink.ts';
import { RtnetlinkSource } from '../../src/sources/rtnetlink/rtnetlink-source.ts';
import { RecordingLogger } from '../../src/testing/recording-logger.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

const rounds = 5;
const bufferSize = 32 << 20;

type Load = readonly (readonly string[])[];

/** Each load is run twice: once to warm up, once to measure. */
const loads: Readonly<Record<string, (count: number) => Load>> = {
  'routes of a table': (count) =>
    ['add', 'del'].map((verb) =>
      many(count, (i) => `route ${verb} 10.${i >> 8}.${i & 255}.0/24 dev one table 77`),
    ),
  'addresses of one link': (count) =>
    ['add', 'del'].map((verb) => many(count, (i) => `addr ${verb} 10.${i >> 8}.${i & 255}.1/32 dev one`)),
  'a link that changes its size': (count) => [many(count, (i) => `link set one mtu ${1400 + (i & 1)}`)],
};

const many = (count: number, line: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => line(i));

function run(load: Load): void {
  for (const lines of load) {
    const done = spawnSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`ip -batch: ${done.stderr.slice(0, 300)}`);
  }
}

interface Figures {
  readonly datagrams: number;
  readonly micros: number;
  readonly changes: number;
  readonly overruns: number;
}

/** The follower, in a process of its own: at each line on its stdin it prints what it has used since the last one. */
async function follow(): Promise<void> {
  let state = emptyState('kernel');
  let changes = 0;
  let memory = emptyResyncMemory;
  let channel: KernelNetlinkChannel | undefined;
  const clock = new SystemClock();
  const source = new RtnetlinkSource({
    openChannel: (options) => {
      channel = new KernelNetlinkChannel(options);
      return channel;
    },
    drivers: loadNative(),
    clock,
    log: new RecordingLogger(),
    receiveBuffer: bufferSize,
    sink: (facts) => {
      for (const fact of facts) {
        const before = state;
        state = reduce(before, fact);
        changes += diff(before, state).length;
      }
      const plan = planResync(memory, state.kernel, clock.now());
      memory = plan.memory;
      // Routes that vanish with addresses are not of this figure: `ip monitor` does not look for them.
      for (const reading of plan.dumps) if (reading.kind === 'everything') source.read(reading);
    },
  });
  source.start();
  source.read({ kind: 'everything' });
  await waitUntil('one reading', () => state.kernel.freshness === 'current');
  let used = process.cpuUsage();
  let seen = 0;
  process.stdin.on('data', () => {
    const { user, system } = process.cpuUsage(used);
    const { datagrams, overruns } = channel?.stats() ?? { datagrams: 0, overruns: 0 };
    process.stdout.write(
      `${JSON.stringify({ datagrams: datagrams - seen, micros: user + system, changes, overruns })}\n`,
    );
    seen = datagrams;
    changes = 0;
    used = process.cpuUsage();
  });
  process.stdin.once('end', () => process.exit(0));
}

/** Processor time of a process so far, in microseconds, to the kernel's 10 ms. */
function ticksOf(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Waits until `value` has stood still for a while. */
async function still(value: () => number): Promise<void> {
  let since = performance.now();
  for (let last = value(); performance.now() - since < 150; ) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    if (value() !== last) since = performance.now();
    last = value();
  }
}

class Follower {
  readonly #child = spawn(process.execPath, [import.meta.path, '--follow'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  #text = '';

  constructor() {
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
  }

  async mark(): Promise<Figures> {
    this.#text = '';
    this.#child.stdin.write('mark\n');
    await waitUntil('the figures', () => this.#text.includes('\n'));
    return JSON.parse(this.#text) as Figures;
  }

  async measure(load: Load): Promise<Figures> {
    await this.mark();
    run(load);
    await still(() => ticksOf(this.#child));
    return this.mark();
  }

  end(): void {
    this.#child.stdin.end();
  }
}

async function measureMonitor(load: Load, output: string): Promise<number> {
  const file = openSync(output, 'w');
  const words = ['-o', '-rcvbuf', String(bufferSize), 'monitor', 'link', 'address', 'route', 'rule'];
  const child = spawn('ip', words, { stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  await waitUntil('ip monitor', () => {
    run([['link set two mtu 1300', 'link set two mtu 1500']]);
    return statSync(output).size > 0;
  });
  await still(() => statSync(output).size);
  const before = ticksOf(child);
  run(load);
  await still(() => statSync(output).size);
  const micros = ticksOf(child) - before;
  child.kill();
  return micros;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

interface Row {
  readonly load: string;
  readonly messages: number;
  readonly ours: number;
  readonly monitor: number;
  readonly overruns: number;
}

async function measure(load: string, make: (count: number) => Load, count: number): Promise<Row> {
  const scratch = mkdtempSync(join(tmpdir(), 'netevd-bench-'));
  const follower = new Follower();
  await follower.measure(make(count));
  const ours: Figures[] = [];
  const monitor: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await follower.measure(make(count)));
    monitor.push(await measureMonitor(make(count), join(scratch, 'monitor')));
  }
  follower.end();
  rmSync(scratch, { recursive: true });
  const messages = median(ours.map((each) => each.datagrams));
  if (messages < count || median(ours.map((each) => each.changes)) === 0) throw new Error('measured nothing');
  const overruns = ours.at(-1)?.overruns ?? 0;
  return {
    load,
    messages,
    ours: median(ours.map((each) => each.micros)) / messages,
    monitor: median(monitor) / messages,
    overruns,
  };
}

async function main(count: number): Promise<void> {
  for (const words of ['link set lo up', 'link add one type veth peer name two', 'link set one up']) {
    spawnSync('ip', words.split(' '));
  }
  const rows: Row[] = [];
  for (const [load, make] of Object.entries(loads)) rows.push(await measure(load, make, count));
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  for (const { load, messages, ours, monitor, overruns } of rows) {
    const ratio = (ours / monitor).toFixed(2);
    process.stdout.write(
      `${load.padEnd(30)} ${ours.toFixed(2)} µs, ip monitor ${monitor.toFixed(2)} µs, ${ratio} times; ` +
        `${messages} messages, ${overruns} overruns\n`,
    );
  }
}

if (process.argv[2] === '--follow') {
  await follow();
} else if (/^\s*0\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))) {
  const count = Number(process.argv[2]);
  await main(Number.isInteger(count) && count > 0 ? count : 5_000);
} else {
  const words = ['-Urnm', process.execPath, ...process.argv.slice(1)];
  process.exitCode = spawnSync('unshare', words, { stdio: 'inherit' }).status ?? 1;
}
