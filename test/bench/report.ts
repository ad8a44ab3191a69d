/** The figures as a page: docs/benchmarks.md. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { version } from '../../src/cli/about.ts';
import type { CostFigures } from './cost.ts';
import type { DispatcherFigures } from './dispatcher.ts';
import type { HookFigures } from './event-to-hook.ts';
import type { IdleFigures } from './idle.ts';
import type { OverrunFigures } from './overrun.ts';
import type { StartFigures } from './start.ts';
import type { StormFigures } from './storm.ts';

export interface Figures {
  readonly hooks: readonly HookFigures[];
  readonly dispatcher: readonly DispatcherFigures[] | undefined;
  readonly start: readonly StartFigures[];
  readonly cost: readonly CostFigures[];
  readonly storm: StormFigures;
  readonly overrun: OverrunFigures;
  readonly idle: IdleFigures;
}

/** One line of the summary. `kept`: whether the bar is. */
interface Verdict {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  readonly kept: boolean | undefined;
}

const millis = (micros: number): string => `${(micros / 1000).toFixed(2)} ms`;
const round = (value: number, digits = 1): string => value.toFixed(digits);
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function one<T>(list: readonly T[], matches: (entry: T) => boolean): T {
  const found = list.find(matches);
  if (found === undefined) throw new Error('a figure is missing');
  return found;
}

function hookVerdicts({ hooks, dispatcher }: Figures): Verdict[] {
  const found = ['static C', '`#!/bin/sh`'].map((hook): Verdict => {
    const of = (daemon: string): HookFigures =>
      one(hooks, (figures) => figures.hook === hook && figures.daemon === daemon);
    const [peer, own] = [of('C, posix_spawn'), of('netevd')];
    const ratio = own.p50 / peer.p50;
    return {
      what: `link down to the first line of a ${hook} hook, p50, beside the C program`,
      measured: `${millis(own.p50)}, ${round(ratio, 2)} times ${millis(peer.p50)}`,
      bar: '1.3 times',
      kept: ratio <= 1.3,
    };
  });
  const own = one(hooks, ({ daemon, hook }) => daemon === 'netevd' && hook === 'static C');
  const peer = one(hooks, ({ daemon, hook }) => daemon === 'C, posix_spawn' && hook === 'static C');
  found.push({
    what: 'the same, static C hook, p99',
    measured: `${millis(own.p99)} (the C program: ${millis(peer.p99)})`,
    bar: '4 ms',
    kept: own.p99 < 4000,
  });
  if (dispatcher !== undefined) {
    const of = (name: string): DispatcherFigures => one(dispatcher, ({ daemon }) => daemon === name);
    const [theirs, ours] = [of('networkd-dispatcher'), of('netevd')];
    found.push({
      what: 'the same in the lab, beside networkd-dispatcher, p50',
      measured: `${millis(ours.p50)}, ${round(ours.p50 / theirs.p50, 2)} times ${millis(theirs.p50)}`,
      bar: '0.5 times',
      kept: ours.p50 < theirs.p50 / 2,
    });
  }
  return found;
}

const costVerdicts = ({ cost }: Figures): Verdict[] =>
  cost.map(({ load, fold, monitor, netevd }) => ({
    what: `CPU per message decoded and folded, ${load}`,
    measured: `${round(fold)} µs, ${round(fold / monitor, 2)} times \`ip -o monitor\` (${round(monitor)} µs); the whole daemon ${round(netevd)} µs`,
    bar: '1.5 times',
    kept: fold <= 1.5 * monitor,
  }));

function stormVerdicts({ storm, overrun }: Figures): Verdict[] {
  return [
    {
      what: `loss at ${Math.round(storm.messages / storm.seconds)} messages/s for ${Math.round(storm.seconds)} s`,
      measured: `${storm.overruns} overruns, ${storm.missed} differences from a fresh dump, ${Math.round(100 * storm.cpu)} % of a processor`,
      bar: 'none',
      kept: storm.overruns === 0 && storm.missed === 0,
    },
    {
      what: `state equal to a fresh dump after a forced overrun, ${overrun.objects} addresses`,
      measured: `p50 ${round(overrun.p50, 0)} ms, worst ${round(overrun.worst, 0)} ms of ${overrun.rounds}; ${overrun.missed} differences`,
      bar: '1000 ms',
      kept: overrun.worst <= 1000 && overrun.missed === 0 && overrun.overruns >= overrun.rounds,
    },
  ];
}

const startVerdicts = ({ start }: Figures): Verdict[] =>
  start.map(({ links, p50, worst, starts }) => {
    const bar = links > 100 ? 100 : 40;
    return {
      what: `exec to READY with ${links} links, as at boot`,
      measured: `p50 ${round(p50, 0)} ms, worst ${round(worst, 0)} ms of ${starts}`,
      bar: `${bar} ms`,
      kept: p50 < bar,
    };
  });

function costOfBeing({ idle, storm }: Figures): Verdict[] {
  const { memory } = idle;
  return [
    {
      what: 'memory, idle: RSS',
      measured: `${round(memory.rss)} MB (in the storm ${round(storm.during.rss)}, after it ${round(storm.after.rss)})`,
      bar: '45 MB',
      kept: memory.rss < 45,
    },
    {
      what: 'memory, idle: anonymous',
      measured: `${round(memory.anonymous)} MB (in the storm ${round(storm.during.anonymous)}, after it ${round(storm.after.anonymous)})`,
      bar: '12 MB',
      kept: memory.anonymous < 12,
    },
    {
      what: `CPU, idle, ${idle.seconds} s`,
      measured: `${round(idle.cpu, 2)} %`,
      bar: '0.1 %',
      kept: idle.cpu < 0.1,
    },
  ];
}

function verdicts(figures: Figures): Verdict[] {
  return [
    ...hookVerdicts(figures),
    ...costVerdicts(figures),
    ...stormVerdicts(figures),
    ...startVerdicts(figures),
    ...costOfBeing(figures),
  ];
}

const kept = (verdict: Verdict): string => (verdict.kept === true ? 'yes' : '**no**');

function detail({ hooks, dispatcher }: Figures): string {
  const rows = hooks.map(({ daemon, hook, samples, p50, p99, first, spawn, memory }) => [
    daemon,
    hook,
    String(samples),
    millis(p50),
    millis(p99),
    millis(first),
    spawn === undefined ? '' : `${Math.round((100 * spawn) / p50)} %`,
    memory === undefined ? '' : `${round(memory.rss)} / ${round(memory.anonymous)} MB`,
  ]);
  const lab = (dispatcher ?? []).map(({ daemon, samples, p50, p99 }) => [
    `${daemon}, in the lab`,
    '`#!/bin/sh`',
    String(samples),
    millis(p50),
    millis(p99),
    '',
    '',
    '',
  ]);
  return table(
    [
      'daemon',
      'hook',
      'samples',
      'p50',
      'p99',
      'first after start',
      'of it from posix_spawn on',
      'RSS / anonymous',
    ],
    [...rows, ...lab],
  );
}

const quiet = (command: string, ...words: readonly string[]): string =>
  execFileSync(command, words, { encoding: 'utf8' }).trim();

function machine(loadBefore: readonly number[]): string {
  const [cpu] = cpus();
  const gigabytes = Math.round(totalmem() / 1e9);
  const distribution = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  const load = [loadBefore, loadavg()].map(([minute = 0]) => minute.toFixed(1));
  return [
    `${new Date().toISOString().slice(0, 10)}, netevd ${version} at ${quiet('git', 'rev-parse', '--short', 'HEAD')}`,
    `Bun ${process.versions['bun']}, ${quiet('ip', '-V')}`,
    `${distribution}, Linux ${release()}, ${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${gigabytes} GB`,
    `load average when it began ${load[0]}, when it ended ${load[1]}: the machine was shared, so the ratios say more than the times`,
  ].join('; ');
}

/** What stands below the figures: written by people, kept by the benchmark. */
const remarksMark = '<!-- remarks -->';

/** The page; `before` is the one that it replaces, of which the remarks stay. */
export function page(figures: Figures, loadBefore: readonly number[], before: string): string {
  const warnings = before.includes(remarksMark)
    ? before.slice(before.indexOf(remarksMark))
    : `${remarksMark}\n`;
  const rows = verdicts(figures).map((verdict) => [
    verdict.what,
    verdict.measured,
    verdict.bar,
    kept(verdict),
  ]);
  return [
    '# Benchmarks',
    `Written by \`make bench\`, which anybody can repeat: as root it takes the lab in, without it leaves that row out. ${machine(loadBefore)}.`,
    table(['what', 'measured', 'bar', 'kept'], rows),
    '## From event to hook',
    'Each daemon has a network of its own, in the lab a link of its own. All are up all the time and take turns, sample by sample. The hook is the first in its directory; its first line takes the time (static C) or writes into a FIFO.',
    detail(figures),
    warnings.trimEnd(),
    '',
  ].join('\n\n');
}

/** One line for each bar. */
export function summary(figures: Figures): string {
  const lines = verdicts(figures).map(
    (verdict) =>
      `${verdict.kept === true ? '  kept' : 'MISSED'}  ${verdict.what}: ${verdict.measured}; bar ${verdict.bar}`,
  );
  return [...lines, '', detail(figures)].join('\n');
}
