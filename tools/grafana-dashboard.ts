/**
 * Writes packaging/grafana/netevd.json from the panels; `test/metrics/documents.test.ts` holds them equal.
 *
 *   bun tools/grafana-dashboard.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Panel, type Row, rows } from './grafana-panels.ts';

export const dashboardFile: string = join(import.meta.dir, '../packaging/grafana/netevd.json');

const source = { type: 'prometheus', uid: '$source' };
const columns = 24;
const panelHeight = { stat: 4, timeseries: 8, table: 8 } as const;

interface Position {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The JSON that Grafana imports: its "dashboard JSON model", schema 38 (Grafana 10). */
export function dashboardText(): string {
  const dashboard = {
    uid: 'netevd',
    title: 'netevd',
    description: 'Events, hooks, policy routing and sources of netevd.',
    tags: ['network', 'netevd'],
    schemaVersion: 38,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    graphTooltip: 1,
    templating: { list: [sourceVariable(), instanceVariable()] },
    panels: layOut(rows),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

const sourceVariable = (): object => ({
  name: 'source',
  label: 'Source',
  type: 'datasource',
  query: 'prometheus',
});

function instanceVariable(): object {
  const query = 'label_values(netevd_info, instance)';
  return {
    name: 'instance',
    label: 'Host',
    type: 'query',
    datasource: source,
    query: { query, refId: 'instance' },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
  };
}

/** Panels beside each other until a line is full; each row has a heading line. */
function layOut(all: readonly Row[]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: ofRow } of all) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of ofRow) {
      if (x + panel.width > columns) [x, y, height] = [0, y + height, 0];
      const h = panelHeight[panel.kind];
      panels.push(panelJson(panel, panels.length + 1, { x, y, w: panel.width, h }));
      x += panel.width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

function panelJson({ title, kind, unit, queries }: Panel, id: number, gridPos: Position): object {
  const isSnapshot = kind !== 'timeseries';
  return {
    id,
    type: kind,
    title,
    datasource: source,
    gridPos,
    fieldConfig: { defaults: { unit, ...(kind === 'timeseries' ? { min: 0 } : {}) }, overrides: [] },
    options: optionsOf(kind, unit),
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: source,
      expr,
      legendFormat: legend,
      instant: isSnapshot,
      range: !isSnapshot,
      ...(kind === 'table' ? { format: 'table' } : {}),
    })),
  };
}

function optionsOf(kind: Panel['kind'], unit: string): object {
  if (kind === 'table') return { showHeader: true };
  if (kind === 'timeseries')
    return { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } };
  // The version is a label: its panel shows the name of the series, not its value, which is always 1.
  return {
    textMode: unit === 'string' ? 'name' : 'auto',
    colorMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'] },
  };
}

if (import.meta.main) writeFileSync(dashboardFile, dashboardText());
