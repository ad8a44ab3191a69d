/**
 * What a scrape costs: time on the main thread, size, and memory of the series.
 *
 *   bun test/bench/metrics-scrape.ts [LINKS]        1000 where none is given
 */
import { hookDirectories } from '../../src/core/model/event-table.ts';
import { type Instant, millis, type Timestamp } from '../../src/core/model/ids.ts';
import { operationalStates, sources } from '../../src/core/model/vocabulary.ts';
import { MetricsCollector } from '../../src/observe/metrics/collect.ts';
import type { MetricsSnapshot } from '../../src/observe/metrics/input.ts';
import { ProcProcessFiles } from '../../src/platform/process-files.ts';
import { encodeMetrics } from '../../src/wire/prometheus/text.ts';

const clock = {
  now: (): Instant => performance.now() as Instant,
  wall: (): Timestamp => Date.now() as Timestamp,
};
const linkCount = Number(process.argv[2] ?? 1000);
const names = Array.from({ length: linkCount }, (_, index) => `eth${index}`);
const pick = <Item>(list: readonly Item[], index: number): Item => list[index % list.length] as Item;

const anonymous = (): number => {
  Bun.gc(true);
  return process.memoryUsage().heapUsed / 1024;
};

const before = anonymous();
const about = { version: '0.0.0', revision: 'bench', runtime: `bun ${Bun.version}`, routes: ['/metrics'] };
const collector = new MetricsCollector(about, clock);
const files = new ProcProcessFiles();
const snapshot: MetricsSnapshot = {
  uptime: millis(1000),
  links: names.map((name, index) => ({
    name,
    index: index + 1,
    state: pick(operationalStates, index),
    type: 'ether',
    driver: 'virtio_net',
    owner: pick(sources, index),
  })),
  routes: [{ table: 254, family: 'ipv4', count: linkCount }],
  policyTables: new Set([203, 204]),
  rules: { ipv4: 7, ipv6: 4 },
  policyRouting: [{ link: 'eth1', isInSync: true }],
  hooksQueued: 0,
  sourcesUp: new Set(sources),
};
const scrape = (): Uint8Array => encodeMetrics(collector.collect(snapshot, files.read()));

/** Each link has had five kinds of events, and twenty scripts have run. */
for (const [index, name] of names.entries()) {
  for (const type of ['carrier', 'no-carrier', 'routable', 'address-added', 'address-removed'] as const) {
    collector.eventFound(type, name, 'kernel');
    collector.eventDispatched(type, name);
  }
  collector.scriptRan({
    directory: pick(hookDirectories, index % 20),
    script: '10-log',
    outcome: { kind: 'exited', code: 0 },
    duration: millis(12),
  });
}
const text = scrape();
const kibibytes = anonymous() - before;

const times = Array.from({ length: 200 }, () => {
  const start = performance.now();
  scrape();
  return performance.now() - start;
}).sort((a, b) => a - b);
const start = performance.now();
const calls = 200_000;
for (let call = 0; call < calls; call++) collector.eventFound('routable', pick(names, call), 'kernel');
const perCall = ((performance.now() - start) * 1000) / calls;

const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
process.stdout.write(
  `${linkCount} links: ${new TextDecoder().decode(text).split(/\n(?!#)/).length - 1} samples, ` +
    `${(text.length / 1024).toFixed(0)} KiB; scrape ${at(0.5)} ms (p90 ${at(0.9)}, max ${at(0.999)}); ` +
    `heap ${kibibytes.toFixed(0)} KiB; an event is counted in ${perCall.toFixed(2)} us\n`,
);
