/**
 * `latency.ts IF [ROUNDS]`, inside the lab: sets IF's peer down and up and measures, in milliseconds from writing the
 * command to a running `ip -batch`, when `ip monitor` prints the kernel's RTM_NEWLINK, and when `busctl monitor` prints
 * the PropertiesChanged of networkd. Prints least, median and most.
 */
import { type ChildProcess, spawn } from 'node:child_process';

const [link = 'nd0', rounds = '20'] = process.argv.slice(2);
const DEADLINE_MS = 20_000;

type Source = 'kernel' | 'networkd';
type Listener = (source: Source, text: string) => void;
const listeners = new Set<Listener>();

function watch(source: Source, command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (chunk: Buffer) => {
    for (const listener of [...listeners]) listener(source, chunk.toString());
  });
  return child;
}

/** Milliseconds from now until the source says something that matches. */
function timeUntil(source: Source, pattern: RegExp): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${source} never said ${pattern}`)), DEADLINE_MS);
    const listener: Listener = (from, text) => {
      if (from !== source || !pattern.test(text)) return;
      listeners.delete(listener);
      clearTimeout(timer);
      resolve(performance.now() - start);
    };
    listeners.add(listener);
  });
}

const match = "type='signal',sender='org.freedesktop.network1',member='PropertiesChanged'";
const children = [
  watch('kernel', 'ip', ['monitor', 'link']),
  watch('networkd', 'busctl', ['--json=short', `--match=${match}`, 'monitor']),
];
const ip = spawn('ip', ['-n', 'peer', '-batch', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
const measured = new Map<string, number[]>();

async function change(
  state: 'up' | 'down',
  expected: readonly (readonly [string, Source, RegExp])[],
): Promise<void> {
  const waits = expected.map(async ([name, source, pattern]) => {
    const took = await timeUntil(source, pattern);
    measured.set(name, [...(measured.get(name) ?? []), took]);
  });
  ip.stdin.write(`link set ${link}p ${state}\n`);
  await Promise.all(waits);
}

const down = [
  ['down: kernel', 'kernel', new RegExp(`${link}@.*NO-CARRIER`)],
  ['down: networkd says no-carrier', 'networkd', /network1\.Link.*"no-carrier"/],
] as const;
const up = [
  ['up: kernel', 'kernel', new RegExp(`${link}@.*LOWER_UP`)],
  ['up: networkd says carrier', 'networkd', /network1\.Link.*"CarrierState":\{"type":"s","data":"carrier"/],
  [
    'up: networkd says routable',
    'networkd',
    /network1\.Link.*"OperationalState":\{"type":"s","data":"routable"/,
  ],
] as const;

// the monitors listen once they have told of a change
for (let quiet = false; !quiet; ) {
  ip.stdin.write(`link set ${link}p down\nlink set ${link}p up\n`);
  const both = Promise.all([timeUntil('kernel', /./), timeUntil('networkd', /routable/)]);
  quiet = (await Promise.race([both, new Promise((resolve) => setTimeout(resolve, 500))])) !== undefined;
}
for (let i = 0; i < Number(rounds); i++) {
  await change('down', down);
  await change('up', up);
}
for (const [name, times] of measured) {
  times.sort((a, b) => a - b);
  const [least, median, most] = [times[0], times[times.length >> 1], times.at(-1)].map((t) => t?.toFixed(1));
  process.stdout.write(
    `${name.padEnd(32)} n=${times.length}  least ${least}  median ${median}  most ${most} ms\n`,
  );
}
for (const child of [...children, ip]) child.kill();
process.exit(0);
