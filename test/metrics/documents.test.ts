/** The catalogue of metrics, and what is made of it: the page, the dashboard, the alert rules. */
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { type CatalogueEntry, catalogueEntries } from '../../src/observe/metrics/catalogue.ts';
import { dashboardFile, dashboardText } from '../../tools/grafana-dashboard.ts';
import { rows } from '../../tools/grafana-panels.ts';
import { metricsPage, metricsText } from '../../tools/metrics-docs.ts';
import { metricsIn } from './names.ts';
import { alerts } from './rules.ts';

const expressions = rows.flatMap(({ panels }) =>
  panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
);

/** Names, types, labels and bounds as they were documented before this program was written. */
const documented: Readonly<
  Record<string, readonly [type: string, labels: string, buckets?: readonly number[]]>
> = {
  netevd_uptime_seconds: ['gauge', ''],
  netevd_events_total: ['counter', 'type,interface,backend'],
  netevd_event_duration_seconds: ['histogram', 'type', [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5]],
  netevd_interfaces_total: ['gauge', ''],
  netevd_interface_state_changes_total: ['counter', 'interface,state'],
  netevd_routing_rules_total: ['gauge', ''],
  netevd_routes_total: ['gauge', 'table'],
  netevd_script_executions_total: ['counter', 'script,event_type'],
  netevd_script_duration_seconds: ['histogram', 'script', [0.1, 0.5, 1, 2, 5, 10, 30]],
  netevd_script_failures_total: ['counter', 'script,exit_code'],
  netevd_dbus_calls_total: ['counter', 'service,method'],
  netevd_dbus_errors_total: ['counter', ''],
  netevd_netlink_messages_total: ['counter', 'message_type'],
  netevd_netlink_errors_total: ['counter', ''],
  netevd_info: ['gauge', 'version'],
};

describe('the catalogue', () => {
  const table = new Map<string, CatalogueEntry>(catalogueEntries);

  for (const [name, [type, labels, buckets]] of Object.entries(documented)) {
    test(`has ${name} as documented`, () => {
      const entry = table.get(name);
      expect([entry?.type, entry?.labels.join()]).toEqual([type, labels] as [CatalogueEntry['type'], string]);
      const bounds = entry?.type === 'histogram' ? entry.buckets : [];
      expect((buckets ?? []).filter((bound) => !bounds.includes(bound))).toEqual([]);
    });
  }

  test.each(catalogueEntries)('names the unit of %s in its help, which is one sentence', (name, { help }) => {
    expect(help).toMatch(/^[A-Z].*\.$/);
    const unit = /_(seconds|bytes)(_total)?$/.exec(name)?.[1];
    if (unit !== undefined) expect(help).toContain(unit);
    else if (!/_info$/.test(name)) expect(help).toMatch(/Number|Whether|Limit/);
  });

  test.each(catalogueEntries)('gives %s a name, labels and bounds that Prometheus takes', (name, entry) => {
    expect(name).toMatch(/^(netevd|process)_[a-z0-9_]+$/);
    for (const label of entry.labels) expect(label).toMatch(/^(?!le$|quantile$|job$|instance$|__)[a-z_]+$/);
    if (entry.type !== 'histogram') return;
    expect([...entry.buckets].sort((a, b) => a - b)).toEqual([...entry.buckets]);
  });
});

test('docs/metrics.md has the tables of the catalogue (bun tools/metrics-docs.ts writes them)', () => {
  const page = readFileSync(metricsPage, 'utf8');
  expect(page).toBe(metricsText(page));
  for (const [name] of catalogueEntries) expect(page).toContain(`| \`${name}\` |`);
});

test('the dashboard is made of the panels (bun tools/grafana-dashboard.ts writes it)', () => {
  expect(readFileSync(dashboardFile, 'utf8')).toBe(dashboardText());
});

test('panels of the dashboard do not overlap, and have a title each', () => {
  const { panels } = JSON.parse(dashboardText()) as {
    panels: readonly { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
});

describe('expressions', () => {
  test('of the dashboard and the alerts name metrics that there are', () => {
    const all = [...expressions, ...alerts().map(({ expr }) => expr)];
    expect(all.length).toBeGreaterThan(50);
    expect(all.flatMap((expr) => metricsIn(expr).unknown)).toEqual([]);
    for (const expr of all) expect([expr, metricsIn(expr).known.length > 0]).toEqual([expr, true]);
  });

  test('are seen through where they name one that there is not', () => {
    expect(metricsIn('rate(netevd_event_duration_seconds[1m]) + netevd_hooks + up').unknown).toEqual([
      'netevd_event_duration_seconds',
      'netevd_hooks',
    ]);
  });

  test('use none of the gauges that are named like counters', () => {
    const all = [...expressions, ...alerts().map(({ expr }) => expr)].join('\n');
    for (const name of ['netevd_interfaces_total', 'netevd_routes_total', 'netevd_routing_rules_total']) {
      expect(all).not.toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});

test('alerts have a name, a severity, a summary and what to do', () => {
  for (const { name, severity, summary, description } of alerts()) {
    expect(name).toMatch(/^Netevd[A-Z][A-Za-z]+$/);
    expect(['critical', 'warning', 'info']).toContain(severity ?? '');
    expect([name, (summary ?? '').length > 10, (description ?? '').length > 20]).toEqual([name, true, true]);
  }
});
