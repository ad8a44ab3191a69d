/** A real Prometheus that scrapes two hosts: on one everything goes wrong, on the other nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { catalogue } from '../../src/observe/metrics/catalogue.ts';
import { metricsContentType } from '../../src/wire/prometheus/text.ts';
import { rows } from '../../tools/grafana-panels.ts';
import { describePrometheus } from './prometheus.ts';
import { PrometheusServer, type Sample } from './prometheus-server.ts';
import { alerts, impatientRules } from './rules.ts';
import { SimulatedHost } from './simulated-host.ts';

/** Scrapes of each host before anything is looked at: windows of the rules need a few. */
const enoughScrapes = 20;
const startDeadlineMs = 120_000;

describePrometheus('a Prometheus that scrapes netevd', () => {
  const prometheus = new PrometheusServer();
  const hosts = { sick: serve(new SimulatedHost(false)), well: serve(new SimulatedHost(true)) };

  beforeAll(async () => {
    await prometheus.start(configuration(hosts.sick.port, hosts.well.port), impatientRules());
    const enough = async (): Promise<boolean> => hosts.sick.scrapes() >= enoughScrapes;
    await prometheus.until(`${enoughScrapes} scrapes`, enough);
  }, startDeadlineMs);

  afterAll(async () => {
    await prometheus[Symbol.asyncDispose]();
    await Promise.all(Object.values(hosts).map(({ stop }) => stop()));
  });

  for (const { name } of alerts()) {
    test(`fires ${name} for what is wrong`, async () => {
      let seen: readonly Sample[] = [];
      await prometheus.until(`${name} fires`, async () => {
        seen = await prometheus.query(`ALERTS{alertname="${name}",alertstate="firing"}`);
        return seen.length > 0;
      });
      const instances = seen.map(({ labels }) => labels['instance']);
      // On a busy machine a scrape of the others may take longer than its second.
      if (name === 'NetevdDown') expect(instances).toContain('down');
      else expect([...new Set(instances)]).toEqual(['sick']);
    });
  }

  test('fires nothing for the host on which all is well', async () => {
    expect(await prometheus.query('max_over_time(up{instance="well"}[10m]) == 1')).toHaveLength(1);
    expect(await prometheus.query('ALERTS{instance="well",alertname!="NetevdDown"}')).toEqual([]);
  });

  for (const { title, queries } of rows.flatMap(({ panels }) => panels)) {
    test(`has something to show in the panel '${title}'`, async () => {
      for (const { expr } of queries) {
        const asked = expr.replaceAll('$__rate_interval', '10s').replaceAll('$instance', 'sick');
        const hasValue = async (): Promise<boolean> =>
          (await prometheus.query(asked)).some(({ value }) => Number.isFinite(value));
        await prometheus.until(asked, hasValue);
      }
    });
  }

  test('knows every metric by its type and help', async () => {
    const { data } = (await prometheus.get('/api/v1/metadata')) as {
      readonly data: Readonly<Record<string, readonly { readonly type: string; readonly help: string }[]>>;
    };
    const seen = Object.keys(catalogue).map((name) => [name, data[name]?.[0]?.type, data[name]?.[0]?.help]);
    expect(seen).toEqual(Object.entries(catalogue).map(([name, { type, help }]) => [name, type, help]));
  });

  test('has counted what was counted', async () => {
    // Each scrape but the first adds one. The host counts a scrape that timed out; Prometheus does not.
    const counted = 'netevd_hooks_superseded_total{instance="sick"}';
    const [missing] = await prometheus.query(
      `sum_over_time(up{instance="sick"}[10m]) - 1 - on (instance) ${counted}`,
    );
    const [count] = await prometheus.query(counted);
    expect(missing?.value).toBeLessThanOrEqual(0);
    expect(count?.value).toBeLessThanOrEqual(hosts.sick.scrapes() - 1);
  });
});

interface Served {
  readonly port: number;
  readonly scrapes: () => number;
  readonly stop: () => Promise<void>;
}

function serve(host: SimulatedHost): Served {
  let scrapes = 0;
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () => {
      scrapes++;
      return new Response(host.scrape(), { headers: { 'Content-Type': metricsContentType } });
    },
  });
  return { port: server.port ?? 0, scrapes: () => scrapes, stop: () => server.stop(true) };
}

/** JSON is YAML. Nothing listens on port 1. */
function configuration(sick: number, well: number): string {
  const target = (instance: string, port: number): object => ({
    targets: [`127.0.0.1:${port}`],
    labels: { instance },
  });
  const targets = [target('sick', sick), target('well', well), target('down', 1)];
  return JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['netevd.rules.yml'],
    scrape_configs: [{ job_name: 'netevd', static_configs: targets }],
  });
}
