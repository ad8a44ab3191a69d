/**
 * Processor time per netlink message of the addon alone (thread, hand-over, one JavaScript call per batch, each header looked
 * at), beside `ip monitor`, which also decodes and prints, on the same load in the same run.
 *
 *   bun test/bench/netlink-receive.ts [ROUTES]     (20000; each is added and deleted)
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelNetlinkChannel } from '../../src/platform/netlink.ts';
import { waitUntil } from '../../src/testing/wait-until.ts';

const groups = [1, 5, 7, 8, 9, 11, 19];
const rounds = 5;

/** The receiver, in a process of its own: prints what it received and used when stdin closes. */
function receive(): void {
  let messages = 0;
  let begun = process.cpuUsage();
  const channel = new KernelNetlinkChannel({
    groups,
    receiveBuffer: 16 << 20,
    onBatch: (batch) => {
      for (let i = 0; i < batch.datagrams; i++) {
        const { buffer, offset, length } = batch.view(i);
        const view = new DataView(buffer.buffer, offset, length);
        for (let at = 0; at + 16 <= length; at += (view.getUint32(at, true) + 3) & ~3) messages++;
      }
    },
  });
  process.stdin.on('data', () => {
    begun = process.cpuUsage();
    process.stdout.write('ready\n');
  });
  process.stdin.once('end', () => {
    const { user, system } = process.cpuUsage(begun);
    const { overruns, wakeups } = channel.stats();
    channel.close();
    process.stdout.write(`${JSON.stringify({ messages, micros: user + system, overruns, wakeups })}\n`);
  });
}

function load(routes: number): void {
  const lines: string[] = [];
  for (const verb of ['add', 'del']) {
    for (let i = 0; i < routes; i++)
      lines.push(`route ${verb} 10.${i >> 8}.${i & 255}.0/24 dev one table 77`);
  }
  const run = spawnSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`ip -batch: ${run.stderr.slice(0, 300)}`);
}

interface Figures {
  readonly messages: number;
  readonly micros: number;
  readonly overruns: number;
  readonly wakeups: number;
}

/** Processor time of a process so far, in microseconds, to the kernel's 10 ms. */
function ticksOf(child: ChildProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function measureAddon(routes: number): Promise<Figures> {
  const child = spawn(process.execPath, [import.meta.path, '--receive']);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stdin.write('begin\n');
  await waitUntil('the receiver', () => text.includes('ready'));
  load(routes);
  child.stdin.end();
  await waitUntil('its figures', () => text.includes('}\n'));
  return JSON.parse(text.slice(text.indexOf('{'))) as Figures;
}

async function measureMonitor(routes: number, output: string): Promise<Figures> {
  const file = openSync(output, 'w');
  const words = ['-o', '-rcvbuf', String(16 << 20), 'monitor', 'link', 'address', 'route', 'rule'];
  const child = spawn('ip', words, { stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  await waitUntil('ip monitor', () => {
    load(1);
    return statSync(output).size > 0;
  });
  const before = ticksOf(child);
  const head = statSync(output).size;
  load(routes);
  let idleSince = performance.now();
  for (let size = 0; performance.now() - idleSince < 200; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (statSync(output).size !== size) idleSince = performance.now();
    size = statSync(output).size;
  }
  const micros = ticksOf(child) - before;
  child.kill();
  const messages = readFileSync(output)
    .subarray(head)
    .filter((byte) => byte === 10).length;
  return { messages, micros, overruns: 0, wakeups: 0 };
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;

async function main(routes: number): Promise<void> {
  for (const words of ['link set lo up', 'link add one type veth peer name two', 'link set one up']) {
    spawnSync('ip', words.split(' '));
  }
  const scratch = mkdtempSync(join(tmpdir(), 'netevd-bench-'));
  const addon: Figures[] = [];
  const monitor: Figures[] = [];
  for (let round = 0; round < rounds; round++) {
    addon.push(await measureAddon(routes));
    monitor.push(await measureMonitor(routes, join(scratch, 'monitor')));
  }
  rmSync(scratch, { recursive: true });
  const line = (name: string, figures: readonly Figures[]): string => {
    const cost = median(figures.map(({ micros, messages }) => micros / messages)).toFixed(2);
    const [first] = figures;
    const detail = first?.wakeups ? `, ${first.wakeups} wake-ups, ${first.overruns} overruns` : '';
    return `${name.padEnd(34)}${cost.padStart(6)} µs CPU per message   (${first?.messages} messages${detail})\n`;
  };
  process.stdout.write(line('the addon, headers only', addon));
  process.stdout.write(line('ip -o monitor, decoded and printed', monitor));
}

if (process.argv[2] === '--receive') {
  receive();
} else if (/^\s*0\s+\d+\s+1\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))) {
  await main(Number(process.argv[2] ?? 20_000));
} else {
  const words = ['-Urnm', process.execPath, ...process.argv.slice(1)];
  process.exitCode = spawnSync('unshare', words, { stdio: 'inherit' }).status ?? 1;
}
