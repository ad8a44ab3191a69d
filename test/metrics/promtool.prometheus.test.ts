/** promtool checks the metrics, the alert rules and the expressions of the dashboard. */
import { describe, expect, test } from 'bun:test';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rows } from '../../tools/grafana-panels.ts';
import { describePrometheus, promtool, scratchDirectory } from './prometheus.ts';
import { rulesFile, rulesText } from './rules.ts';
import { SimulatedHost } from './simulated-host.ts';

/** Gauges that were documented with a counter's ending. */
const documentedGauges = ['netevd_interfaces_total', 'netevd_routes_total', 'netevd_routing_rules_total'];

function scrapeOf(isWell: boolean): string {
  const host = new SimulatedHost(isWell);
  for (let round = 0; round < 3; round++) host.scrape();
  return new TextDecoder().decode(host.scrape());
}

/** A rule that records the expression: promtool then parses it. */
function checkExpression(expr: string): { readonly status: number | null; readonly text: string } {
  using scratch = scratchDirectory();
  const file = join(scratch.path, 'rules.yml');
  const rules = [{ record: 'checked', expr: expr.replaceAll('$__rate_interval', '1m') }];
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  return promtool(['check', 'rules', file]);
}

describePrometheus('promtool', () => {
  test.each([true, false])(
    'complains of the three documented gauges and of nothing else (all well: %p)',
    (isWell) => {
      const { status, text } = promtool(['check', 'metrics'], scrapeOf(isWell));
      expect(text.trim().split('\n').sort()).toEqual(
        documentedGauges.map((name) => `${name} non-counter metrics should not have "_total" suffix`),
      );
      expect(status).toBe(3);
    },
  );

  test('complains of a metric without HELP, so the check above can fail', () => {
    const text = scrapeOf(true).replace('# HELP netevd_hooks_queued', '# netevd_hooks_queued');
    expect(promtool(['check', 'metrics'], text).text).toContain('netevd_hooks_queued no help text');
  });

  test('takes any name of a link or script', () => {
    const text = scrapeOf(true).replaceAll('"eth0"', '"a\\\\b\\"c\\n{},= \u{1f50c}"');
    const { text: complaints } = promtool(['check', 'metrics'], text);
    expect(complaints.trim().split('\n')).toHaveLength(documentedGauges.length);
  });

  test('accepts the alert rules', () => {
    expect(promtool(['check', 'rules', rulesFile]).status).toBe(0);
  });

  test('sees each alert fire and not fire', () => {
    const { status, text } = promtool(['test', 'rules', rulesFile.replace('.rules.yml', '.rules.test.yml')]);
    expect([status, text.includes('SUCCESS')]).toEqual([0, true]);
  });

  test('sees an alert that does not fire when it should', () => {
    using scratch = scratchDirectory();
    const rules = rulesText().replace('netevd_hooks_refused > 0', 'netevd_hooks_refused > 9');
    writeFileSync(join(scratch.path, 'netevd.rules.yml'), rules);
    const tests = rulesFile.replace('.rules.yml', '.rules.test.yml');
    const copy = join(scratch.path, 'netevd.rules.test.yml');
    copyFileSync(tests, copy);
    expect(promtool(['test', 'rules', copy]).status).not.toBe(0);
  });

  describe('accepts the expression of the panel', () => {
    const panels = rows.flatMap(({ panels: ofRow }) => ofRow);
    test.each(panels.flatMap(({ title, queries }) => queries.map(({ expr }) => [title, expr])))(
      '%s: %s',
      (_title, expr) => {
        expect(checkExpression(expr ?? '').status).toBe(0);
      },
    );

    test('and rejects one that is none', () => {
      expect(checkExpression('sum by (rate(netevd_events_total[1m]))').status).not.toBe(0);
    });
  });
});
