/** From exec to READY=1, with few links and with many, as at boot: without a state of an earlier run. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { executable, Site } from '../daemon/daemon-under-test.ts';
import { ipBatch } from '../daemon/links.ts';
import { compiled, median, percentile } from './tools.ts';

export interface StartFigures {
  readonly links: number;
  readonly starts: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly worst: number;
}

const pair = (n: number): string[] => [
  `link add s${n} type veth peer name t${n}`,
  `addr add 10.${n >> 8}.${n & 255}.1/24 dev s${n}`,
  `link set s${n} up`,
  `link set t${n} up`,
];

function startOnce(site: Site): number {
  rmSync(site.runtime, { recursive: true });
  const command = [executable, '-c', site.configFile];
  const out = execFileSync(compiled('start-to-ready'), command, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Number(out) / 1000;
}

function starts(links: number, count: number): StartFigures {
  using site = new Site();
  site.configure({ system: { log_level: 'info' } });
  const times = Array.from({ length: count + 1 }, () => startOnce(site)).slice(1);
  return { links, starts: count, p50: median(times), worst: percentile(times, 1) };
}

export async function measureStart(isBrief: boolean): Promise<StartFigures[]> {
  const count = isBrief ? 3 : 30;
  const pairs = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, n) => pair(from + n)).flat();
  ipBatch(pairs(0, 5));
  const few = starts(10, count);
  ipBatch(pairs(5, 500));
  return [few, starts(1000, count)];
}
