/** The panels of the Grafana dashboard with their PromQL. tools/grafana-dashboard.ts turns them into JSON. */

export interface Query {
  readonly expr: string;
  /** Legend, in Grafana's template. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  readonly kind: 'stat' | 'timeseries' | 'table';
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly queries: readonly Query[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Limits a query to the hosts that were chosen at the top of the page. */
const host = 'instance=~"$instance"';
const of = (metric: string, more = ''): string => `${metric}{${host}${more === '' ? '' : `,${more}`}}`;
const perSecond = (metric: string, by: string): string =>
  `sum by (${by}) (rate(${of(metric)}[$__rate_interval]))`;
/** Counts in a window, for rare happenings: a rate of 0.0003 per second is hard to read. */
const lately = (metric: string, by: string, more = ''): string =>
  `sum by (${by}) (increase(${of(metric, more)}[$__rate_interval]))`;
const quantile = (share: number, metric: string, by = ''): string =>
  `histogram_quantile(${share}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${of(`${metric}_bucket`)}[$__rate_interval])))`;

const stat = (title: string, unit: string, expr: string, legend = '{{instance}}'): Panel => ({
  title,
  kind: 'stat',
  unit,
  width: 4,
  queries: [{ expr, legend }],
});
const graph = (title: string, unit: string, ...queries: readonly Query[]): Panel => ({
  title,
  kind: 'timeseries',
  unit,
  width: 8,
  queries,
});

export const rows: readonly Row[] = [
  {
    title: 'Now',
    panels: [
      stat('Version', 'string', of('netevd_build_info'), '{{version}}'),
      stat('Uptime', 's', of('netevd_uptime_seconds')),
      stat('Since the last event', 's', `time() - (${of('netevd_last_event_timestamp_seconds')} > 0)`),
      stat(
        'Failed scripts, 24 h',
        'short',
        `sum by (instance) (increase(${of('netevd_script_failures_total')}[24h]))`,
      ),
      stat('Refused scripts', 'short', of('netevd_hooks_refused')),
      stat(
        'Policy routing out of sync',
        'short',
        `sum by (instance) (${of('netevd_policy_routing_in_sync')} == bool 0)`,
      ),
      stat('Last reload accepted', 'bool', of('netevd_config_last_reload_successful')),
      stat(
        'Age of the configuration',
        's',
        `time() - ${of('netevd_config_last_reload_success_timestamp_seconds')}`,
      ),
      { ...stat('Sources up', 'bool', of('netevd_source_up'), '{{source}}'), width: 8 },
      { ...stat('Watched links by state', 'short', of('netevd_interfaces'), '{{state}}'), width: 8 },
    ],
  },
  {
    title: 'Events and links',
    panels: [
      graph('Events', 'short', { expr: lately('netevd_events_total', 'type'), legend: '{{type}}' }),
      graph('Losses of carrier', 'short', {
        expr: lately('netevd_interface_state_changes_total', 'interface', 'state="no-carrier"'),
        legend: '{{interface}}',
      }),
      graph(
        'From event to the end of its hooks',
        's',
        { expr: quantile(0.5, 'netevd_event_duration_seconds'), legend: 'median' },
        { expr: quantile(0.99, 'netevd_event_duration_seconds'), legend: '99 %' },
      ),
      {
        title: 'Links',
        kind: 'table',
        unit: 'short',
        width: 24,
        queries: [{ expr: of('netevd_interface_info'), legend: '' }],
      },
    ],
  },
  {
    title: 'Hooks',
    panels: [
      graph('Runs', 'short', {
        expr: lately('netevd_script_executions_total', 'script'),
        legend: '{{script}}',
      }),
      graph('Failures', 'short', {
        expr: lately('netevd_script_failures_total', 'script, exit_code'),
        legend: '{{script}}: {{exit_code}}',
      }),
      graph('Duration, 90 %', 's', {
        expr: quantile(0.9, 'netevd_script_duration_seconds', 'script'),
        legend: '{{script}}',
      }),
      graph(
        'From change to first hook',
        's',
        { expr: quantile(0.5, 'netevd_hook_start_latency_seconds'), legend: 'median' },
        { expr: quantile(0.99, 'netevd_hook_start_latency_seconds'), legend: '99 %' },
      ),
      graph('Waiting events', 'short', { expr: of('netevd_hooks_queued'), legend: '{{instance}}' }),
      graph(
        'Events on the way to hooks',
        'short',
        { expr: lately('netevd_hooks_dispatched_total', 'instance'), legend: 'dispatched' },
        { expr: lately('netevd_hooks_coalesced_total', 'instance'), legend: 'coalesced' },
        { expr: lately('netevd_hooks_superseded_total', 'instance'), legend: 'superseded' },
      ),
    ],
  },
  {
    title: 'Routing',
    panels: [
      graph('Routes', 'short', { expr: of('netevd_routes'), legend: '{{table}} {{family}}' }),
      graph('Rules', 'short', { expr: of('netevd_routing_rules'), legend: '{{family}}' }),
      graph('Repairs of policy routing', 'short', {
        expr: lately('netevd_policy_routing_repairs_total', 'interface'),
        legend: '{{interface}}',
      }),
    ],
  },
  {
    title: 'Sources',
    panels: [
      graph('Kernel messages', 'cps', {
        expr: perSecond('netevd_netlink_messages_total', 'message_type'),
        legend: '{{message_type}}',
      }),
      graph(
        'Kernel: lost and refused',
        'short',
        { expr: lately('netevd_netlink_overruns_total', 'instance'), legend: 'overruns' },
        { expr: lately('netevd_netlink_errors_total', 'instance'), legend: 'errors' },
      ),
      graph('Read again', 'short', {
        expr: lately('netevd_resyncs_total', 'source, cause'),
        legend: '{{source}}: {{cause}}',
      }),
      graph('D-Bus calls', 'short', {
        expr: lately('netevd_dbus_calls_total', 'service, method'),
        legend: '{{service}} {{method}}',
      }),
      graph(
        'D-Bus errors',
        'short',
        { expr: lately('netevd_dbus_errors_total', 'instance'), legend: 'failed calls' },
        { expr: lately('netevd_dbus_reconnects_total', 'instance'), legend: 'reconnects' },
      ),
    ],
  },
  {
    title: 'API and process',
    panels: [
      graph('Requests', 'reqps', {
        expr: perSecond('netevd_http_requests_total', 'path, code'),
        legend: '{{code}} {{path}}',
      }),
      graph('Stream clients', 'short', { expr: of('netevd_stream_clients'), legend: '{{instance}}' }),
      graph(
        'Gaps and failed writes',
        'short',
        { expr: lately('netevd_stream_gaps_total', 'cause'), legend: 'gap: {{cause}}' },
        { expr: lately('netevd_history_write_failures_total', 'instance'), legend: 'history' },
      ),
      graph('CPU', 'percentunit', {
        expr: perSecond('process_cpu_seconds_total', 'instance'),
        legend: '{{instance}}',
      }),
      graph('Memory', 'bytes', { expr: of('process_resident_memory_bytes'), legend: '{{instance}}' }),
      graph(
        'File descriptors',
        'short',
        { expr: of('process_open_fds'), legend: 'open' },
        { expr: of('process_max_fds'), legend: 'limit' },
      ),
    ],
  },
];
