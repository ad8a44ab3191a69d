/** Every metric that netevd exports, in scrape order. tools/metrics-docs.ts copies it to docs/metrics.md. */
import type { MetricDefinition } from '../../ports/metrics.ts';

export type MetricGroup = 'daemon' | 'events' | 'hooks' | 'network' | 'sources' | 'services' | 'process';

export type CatalogueEntry = MetricDefinition & {
  /** The section of docs/metrics.md. */
  readonly group: MetricGroup;
};

export const catalogue = {
  netevd_info: {
    group: 'daemon',
    type: 'gauge',
    help: 'Version of netevd; always 1. netevd_build_info has more labels.',
    labels: ['version'],
  },
  netevd_build_info: {
    group: 'daemon',
    type: 'gauge',
    help: 'Version and runtime of netevd; always 1.',
    labels: ['version', 'runtime'],
  },
  netevd_uptime_seconds: {
    group: 'daemon',
    type: 'gauge',
    help: 'Time since netevd started, in seconds.',
    labels: [],
  },
  netevd_config_last_reload_successful: {
    group: 'daemon',
    type: 'gauge',
    help: 'Whether the last attempt to load the configuration succeeded: 1 or 0.',
    labels: [],
  },
  netevd_config_last_reload_success_timestamp_seconds: {
    group: 'daemon',
    type: 'gauge',
    help: 'When a configuration was last loaded with success, in seconds since 1970.',
    labels: [],
  },
  netevd_events_total: {
    group: 'events',
    type: 'counter',
    help: 'Number of events found, by hook directory, link and the source that reported them.',
    labels: ['type', 'interface', 'backend'],
  },
  netevd_event_duration_seconds: {
    group: 'events',
    type: 'histogram',
    help: 'Time from finding an event to the end of its last hook, in seconds; events without hooks included.',
    labels: ['type'],
    // The documented bounds and two more, .0025 and .005: most hooks start after 1 to 4 ms.
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  },
  netevd_interface_state_changes_total: {
    group: 'events',
    type: 'counter',
    help: 'Number of times that a link entered an operational state.',
    labels: ['interface', 'state'],
  },
  netevd_last_event_timestamp_seconds: {
    group: 'events',
    type: 'gauge',
    help: 'When the last event was found, in seconds since 1970; 0 before the first one.',
    labels: [],
  },
  netevd_hooks_dispatched_total: {
    group: 'hooks',
    type: 'counter',
    help: 'Number of events handed to the hooks of their directory.',
    labels: ['event', 'link'],
  },
  netevd_hooks_coalesced_total: {
    group: 'hooks',
    type: 'counter',
    help: 'Number of events merged into a later one of the same burst (hooks.debounce_ms); no value is lost.',
    labels: [],
  },
  netevd_hooks_superseded_total: {
    group: 'hooks',
    type: 'counter',
    help: 'Number of events whose hooks did not run because more than hooks.queue_limit were waiting.',
    labels: [],
  },
  netevd_hooks_queued: {
    group: 'hooks',
    type: 'gauge',
    help: 'Number of events that wait for their hooks to run.',
    labels: [],
  },
  netevd_hooks_refused: {
    group: 'hooks',
    type: 'gauge',
    help: 'Number of hook scripts refused in the last 24 hours that have not run since.',
    labels: [],
  },
  netevd_hook_start_latency_seconds: {
    group: 'hooks',
    type: 'histogram',
    help: 'Time from the message about a change to the start of the first hook for it, in seconds.',
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  netevd_script_executions_total: {
    group: 'hooks',
    type: 'counter',
    help: 'Number of runs of hook scripts that have ended, however they ended.',
    labels: ['script', 'event_type'],
  },
  netevd_script_duration_seconds: {
    group: 'hooks',
    type: 'histogram',
    help: 'Time that a hook script ran, in seconds.',
    labels: ['script'],
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30],
  },
  netevd_script_failures_total: {
    group: 'hooks',
    type: 'counter',
    help: 'Number of hook scripts that failed; exit_code is 1 to 255, a signal, timeout, refused or not-started.',
    labels: ['script', 'exit_code'],
  },
  netevd_interfaces: {
    group: 'network',
    type: 'gauge',
    help: 'Number of watched links in each operational state.',
    labels: ['state'],
  },
  netevd_interfaces_total: {
    group: 'network',
    type: 'gauge',
    help: 'Number of watched links. netevd_interfaces is the same by state.',
    labels: [],
  },
  netevd_interface_info: {
    group: 'network',
    type: 'gauge',
    help: 'Properties of a watched link; always 1.',
    labels: ['interface', 'ifindex', 'type', 'driver', 'owner'],
  },
  netevd_interface_damping_penalty: {
    group: 'network',
    type: 'gauge',
    help: 'Number of penalty points of a watched link that lost its carrier; counted also while damping is off.',
    labels: ['interface'],
  },
  netevd_interface_damped: {
    group: 'network',
    type: 'gauge',
    help: 'Whether the hooks of a link wait because it flaps: 1 or 0. Links that lost no carrier have no series.',
    labels: ['interface'],
  },
  netevd_routes: {
    group: 'network',
    type: 'gauge',
    help: "Number of routes by table and address family; tables other than main, default and netevd's are 'other'.",
    labels: ['table', 'family'],
  },
  netevd_routes_total: {
    group: 'network',
    type: 'gauge',
    help: 'Number of routes by table. netevd_routes is the same by table and address family.',
    labels: ['table'],
  },
  netevd_routing_rules: {
    group: 'network',
    type: 'gauge',
    help: 'Number of policy routing rules in the kernel by address family.',
    labels: ['family'],
  },
  netevd_routing_rules_total: {
    group: 'network',
    type: 'gauge',
    help: 'Number of policy routing rules in the kernel. netevd_routing_rules is the same by address family.',
    labels: [],
  },
  netevd_policy_routing_in_sync: {
    group: 'network',
    type: 'gauge',
    help: 'Whether the rules and routes of a link of routing.policy_rules are as wanted: 1 or 0.',
    labels: ['interface'],
  },
  netevd_policy_routing_repairs_total: {
    group: 'network',
    type: 'counter',
    help: 'Number of repairs of rules and routes that another program removed or changed.',
    labels: ['interface'],
  },
  netevd_source_up: {
    group: 'sources',
    type: 'gauge',
    help: 'Whether the source is available: 1 or 0.',
    labels: ['source'],
  },
  netevd_resyncs_total: {
    group: 'sources',
    type: 'counter',
    help: 'Number of times that a source was read again because its messages could not be relied on.',
    labels: ['source', 'cause'],
  },
  netevd_netlink_messages_total: {
    group: 'sources',
    type: 'counter',
    help: 'Number of rtnetlink notifications received.',
    labels: ['message_type'],
  },
  netevd_netlink_errors_total: {
    group: 'sources',
    type: 'counter',
    help: 'Number of rtnetlink messages that did not decode and of requests that the kernel refused.',
    labels: [],
  },
  netevd_netlink_overruns_total: {
    group: 'sources',
    type: 'counter',
    help: 'Number of times that the kernel dropped messages because the socket buffer was full (ENOBUFS).',
    labels: [],
  },
  netevd_dbus_calls_total: {
    group: 'sources',
    type: 'counter',
    help: 'Number of D-Bus method calls sent.',
    labels: ['service', 'method'],
  },
  netevd_dbus_errors_total: {
    group: 'sources',
    type: 'counter',
    help: 'Number of D-Bus method calls that failed or were not answered in time.',
    labels: [],
  },
  netevd_dbus_reconnects_total: {
    group: 'sources',
    type: 'counter',
    help: 'Number of times that the connection to the system bus was made again after it was lost.',
    labels: [],
  },
  netevd_history_write_failures_total: {
    group: 'services',
    type: 'counter',
    help: 'Number of failed writes to the history database.',
    labels: [],
  },
  netevd_stream_clients: {
    group: 'services',
    type: 'gauge',
    help: 'Number of clients that follow the live stream.',
    labels: [],
  },
  netevd_stream_gaps_total: {
    group: 'services',
    type: 'counter',
    help: 'Number of gaps reported to clients of the live stream.',
    labels: ['cause'],
  },
  netevd_http_requests_total: {
    group: 'services',
    type: 'counter',
    help: 'Number of HTTP requests answered, by route and status code.',
    labels: ['path', 'code'],
  },
  process_cpu_seconds_total: {
    group: 'process',
    type: 'counter',
    help: 'CPU time of netevd, user and system, in seconds; that of its hooks is not in it.',
    labels: [],
  },
  process_resident_memory_bytes: {
    group: 'process',
    type: 'gauge',
    help: 'Resident memory in bytes.',
    labels: [],
  },
  process_virtual_memory_bytes: {
    group: 'process',
    type: 'gauge',
    help: 'Virtual memory in bytes.',
    labels: [],
  },
  process_virtual_memory_max_bytes: {
    group: 'process',
    type: 'gauge',
    help: 'Limit of virtual memory in bytes; +Inf where there is none.',
    labels: [],
  },
  process_start_time_seconds: {
    group: 'process',
    type: 'gauge',
    help: 'When the process started, in seconds since 1970.',
    labels: [],
  },
  process_open_fds: {
    group: 'process',
    type: 'gauge',
    help: 'Number of open file descriptors.',
    labels: [],
  },
  process_max_fds: {
    group: 'process',
    type: 'gauge',
    help: 'Limit of open file descriptors.',
    labels: [],
  },
} as const;

export type Catalogue = typeof catalogue;
export type MetricName = keyof Catalogue;

/** The table as a list. */
export const catalogueEntries: readonly (readonly [string, CatalogueEntry])[] = Object.entries(catalogue);
