/** The figures of this process that Prometheus' client libraries export, parsed from /proc: proc(5). */
import type { ProcessFiles } from '../../ports/process-files.ts';
import type { Catalogue, MetricName } from './catalogue.ts';
import type { MetricsRegistry } from './registry.ts';

type ProcessGauge = Exclude<Extract<MetricName, `process_${string}`>, 'process_cpu_seconds_total'>;

/** Figures that the text does not contain are absent. */
export interface ProcessFigures {
  readonly cpuSeconds: number | undefined;
  /** Each has the unit that its name ends in. */
  readonly gauges: readonly (readonly [ProcessGauge, number])[];
}

/** Sets the metrics of the figures. */
export function setProcessFigures(
  registry: MetricsRegistry<Catalogue>,
  { cpuSeconds, gauges }: ProcessFigures,
): void {
  if (cpuSeconds !== undefined) registry.counter('process_cpu_seconds_total').raiseTo([], cpuSeconds);
  for (const [name, value] of gauges) registry.gauge(name).set([], value);
}

/** USER_HZ of asm-generic/param.h, the unit of times in /proc: 100 on every machine that netevd supports. */
const ticksPerSecond = 100;

/** Parses the files of /proc (proc(5)); figures that they do not contain are left out. */
export function parseProcessFiles({
  stat,
  status,
  limits,
  openFiles,
  bootTime,
}: ProcessFiles): ProcessFigures {
  const { cpu, started, virtual } = parseStat(stat);
  const gauges: readonly (readonly [ProcessGauge, number | undefined])[] = [
    ['process_resident_memory_bytes', parseResident(status)],
    ['process_virtual_memory_bytes', virtual],
    ['process_virtual_memory_max_bytes', parseLimit(limits, 'Max address space')],
    ['process_start_time_seconds', started === undefined ? undefined : bootTime + started],
    ['process_open_fds', openFiles],
    ['process_max_fds', parseLimit(limits, 'Max open files')],
  ];
  return {
    cpuSeconds: cpu,
    gauges: gauges.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  };
}

interface Stat {
  /** Seconds, user and system. */
  readonly cpu: number | undefined;
  /** Seconds after the boot. */
  readonly started: number | undefined;
  /** Bytes. */
  readonly virtual: number | undefined;
}

/** Fields 14, 15, 22 and 23. The second field, the name, is in parentheses and may contain any character. */
function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number | undefined => parseNumber(fields[number - 3]);
  const [user, system, started] = [field(14), field(15), field(22)];
  return {
    cpu: user === undefined || system === undefined ? undefined : (user + system) / ticksPerSecond,
    started: started === undefined ? undefined : started / ticksPerSecond,
    virtual: field(23),
  };
}

/** `VmRSS`: field 24 of stat is less exact, and in pages. */
function parseResident(status: string): number | undefined {
  const kibibytes = parseNumber(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return kibibytes === undefined ? undefined : kibibytes * 1024;
}

/** The soft limit, which is the effective one. */
function parseLimit(limits: string, name: string): number | undefined {
  const line = limits.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  const soft = line?.slice(name.length).trim().split(/\s+/)[0];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : parseNumber(soft);
}

const parseNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
