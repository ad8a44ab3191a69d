/**
 * The configuration file: every key, its type, default and meaning. Validation, messages, JSON Schema, the reference in
 * docs and the list of valid keys all come from here.
 */
// The mini variety: the other one takes a third of the time in which the whole daemon starts.
import * as z from 'zod/mini';
import { hookDirectories } from '../../core/model/event-table.ts';
import { sources } from '../../core/model/vocabulary.ts';
import type { ConfigFile } from './config-file.ts';
import {
  address,
  choice,
  condition,
  flag,
  leaseGlob,
  linkName,
  linkPattern,
  linkPatterns,
  path,
  pathOrEmpty,
  port,
  scriptName,
  seconds,
  socketPath,
  user,
  whole,
} from './values.ts';

const defaultExclude = 'lo docker* br-* cni* flannel* cilium* cali* veth* virbr* lxc*'.split(' ');

/** Debian's and RHEL's usual places, both families. */
const defaultLeaseFiles = [
  '/var/lib/dhcp/dhclient*.leases',
  '/var/lib/dhclient/dhclient*.leases',
  '/var/lib/dhclient/dhclient*.lease',
];

/** Parsing happens once: code made for it would take longer than it saves. */
z.config({ jitless: true });

const described = <Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

/** `schema`, or nothing at all in its place: then `standard()`. */
const orStandard = <Out, In, Standard>(schema: z.ZodMiniType<Out, In>, standard: () => Standard) =>
  z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? standard()),
  );

/** A map of keys. Without a body it is as if it were not there. */
const section = <Shape extends z.core.$ZodShape>(shape: Shape, meaning: string) => {
  const body = z.strictObject(shape, 'a map of keys');
  return described(
    orStandard(body, () => z.parse(body, {})),
    meaning,
  );
};

/** A list or map that may be left empty: `key:` alone is as if it were not there. */
const orElse = <Out, In>(schema: z.ZodMiniType<Out, In>, standard: Out, meaning: string) =>
  orStandard(schema, () => standard).register(z.globalRegistry, { default: standard, description: meaning });

/** A value that has no default. */
const optional = <Out, In>(schema: z.ZodMiniType<Out, In>, meaning: string) =>
  described(
    orStandard(schema, () => undefined),
    meaning,
  );

const or = <Out, In>(
  schema: z.ZodMiniType<Out, In>,
  standard: z.core.util.NoUndefined<Out>,
  meaning: string,
) => described(z._default(schema, standard), meaning);

const system = section(
  {
    log_level: or(
      choice(['trace', 'debug', 'info', 'warn', 'error']),
      'info',
      'How much is logged. Environment: NETEVD_LOG_LEVEL.',
    ),
    log_format: or(
      choice(['auto', 'journal', 'json', 'text']),
      'auto',
      "auto: the journal's native protocol under systemd, colour text on a terminal, else JSON lines.",
    ),
    backend: or(
      choice(['auto', ...sources.filter((source) => source !== 'kernel'), 'kernel']),
      'auto',
      'Which network manager to follow. auto follows whichever are running, each link by the one that owns it, and needs none. Environment: NETEVD_BACKEND.',
    ),
    user: or(user(), 'netevd', 'The user to become when started as root.'),
    runtime_directory: optional(
      path(),
      'State kept across restarts, and the default place of the socket. Default: $RUNTIME_DIRECTORY, else /run/netevd.',
    ),
  },
  'The daemon itself.',
);

const monitoring = section(
  {
    interfaces: orElse(
      linkPatterns(),
      [],
      'Names or globs of the links to monitor; also one string with spaces between. Empty: all links.',
    ),
    match_patterns: orElse(linkPatterns(), [], 'Globs, added to interfaces.'),
    exclude: orElse(
      linkPatterns(),
      defaultExclude,
      'Globs of links to leave out. Counts only where neither interfaces nor match_patterns is set; an empty list leaves out nothing.',
    ),
  },
  'Which links are monitored.',
);

const hooks = section(
  {
    directory: or(path(), '/etc/netevd', 'Where the *.d directories with the hooks are.'),
    timeout_sec: or(
      seconds('a number of seconds (0 = none)', 86_400),
      30,
      'Seconds that one hook may take before it gets SIGTERM. 0: no limit.',
    ),
    kill_grace_sec: or(
      seconds('a number of seconds', 3600),
      5,
      'Seconds between SIGTERM and SIGKILL, both to the process group of the hook.',
    ),
    debounce_ms: or(
      whole('a number of milliseconds', 0, 60_000),
      50,
      'Milliseconds in which address, mtu and route events of one link are joined. No value is lost; states and carrier never wait.',
    ),
    max_parallel: or(
      whole('a number of links', 1, 1024),
      4,
      'Links whose hooks run at the same time. Hooks of one link always run in order.',
    ),
    queue_limit: or(
      whole('a number of events', 1, 1_000_000),
      256,
      'Waiting events of one link; past it the oldest of the same kind is superseded, and recorded as such.',
    ),
    output_limit_kb: or(
      whole('a number of KiB', 0, 65_536),
      64,
      'KiB of standard output and error that are kept of one run.',
    ),
    on_start: or(
      choice(['changed', 'replay', 'never']),
      'changed',
      'changed: run hooks for what differs from the state that the previous run left (all of it at boot). replay: for every link at each start. never: for nothing.',
    ),
  },
  'How hooks run.',
);

/** Named tables: 253 default, 254 main, 255 local (linux/rtnetlink.h). */
const tableExpected = 'a table id, 1 to 4294967295, but not 253 to 255 (default, main, local)';
const table = z.int(tableExpected).check(
  z.minimum(1, tableExpected),
  z.maximum(4_294_967_295, tableExpected),
  z.refine((id) => id < 253 || id > 255, tableExpected),
);

const routing = section(
  {
    policy_rules: orElse(
      linkPatterns(),
      [],
      'Names or globs of the links that get a routing table and rules of their own; also one string with spaces between.',
    ),
    table_base: or(
      whole('a number', 0, 2_147_483_648),
      200,
      'The table of a link is this number plus its interface index; 0 and 253 to 255 are moved elsewhere.',
    ),
    tables: orElse(
      z.record(linkName(), table, 'a map of interface names to table ids'),
      {},
      'Fixed table ids of links, by name.',
    ),
    rule_priority: or(
      whole('a rule priority', 1, 31_766),
      30_000,
      'First of the 1000 rule priorities that netevd owns. The band lies before the rule of the main table, 32766.',
    ),
    on_stop: or(
      choice(['keep', 'remove']),
      'keep',
      'What becomes of the rules and routes of netevd when it stops.',
    ),
  },
  'Policy routing for hosts with several uplinks.',
);

const backends = section(
  {
    systemd_networkd: section(
      { emit_json: or(flag(), true, 'Give hooks the event as $JSON.') },
      'systemd-networkd.',
    ),
    dhclient: section(
      {
        lease_files: orElse(
          z.array(leaseGlob(), 'a list of paths'),
          defaultLeaseFiles,
          'Lease files of dhclient. The file name may be a glob.',
        ),
        use_dns: or(flag(), false, "Push the lease's DNS servers to systemd-resolved."),
        use_domain: or(flag(), false, "Push the lease's domains to systemd-resolved."),
        use_hostname: or(flag(), false, "Push the lease's host name to systemd-hostnamed."),
      },
      'dhclient.',
    ),
    networkmanager: section({}, 'NetworkManager. Has no keys yet.'),
  },
  'Settings of each network manager.',
);

const api = section(
  {
    enabled: or(flag(), true, 'Serve the REST API. Environment: NETEVD_API_ENABLED.'),
    bind_address: or(
      address(),
      '127.0.0.1',
      'Address of the TCP listener; anything but a loopback address needs token_file. Environment: NETEVD_API_BIND_ADDRESS.',
    ),
    port: or(
      port('any free one'),
      9090,
      'Port of the TCP listener; 0: any free one. Environment: NETEVD_API_PORT.',
    ),
    socket: optional(
      socketPath(),
      'Path of the Unix socket, mode 0660, group netevd; "": none. Default: netevd.sock in system.runtime_directory.',
    ),
    token_file: optional(path(), 'File that holds the bearer token for TCP.'),
    tls: section(
      {
        enabled: or(flag(), false, 'Serve HTTPS instead of HTTP on TCP.'),
        cert_file: optional(path(), 'Certificate chain, PEM.'),
        key_file: optional(path(), 'Private key, PEM.'),
      },
      'TLS of the TCP listener.',
    ),
  },
  'REST API, live stream and dashboard.',
);

const metrics = section(
  {
    enabled: or(flag(), true, 'Serve Prometheus metrics at /metrics. Environment: NETEVD_METRICS_ENABLED.'),
    port: or(
      port("the API's own"),
      0,
      "0: on the listener of the API. Another port opens its own on the API's address.",
    ),
  },
  'Prometheus metrics.',
);

const days = () => whole('a number of days', 1, 36_500);

const audit = section(
  {
    enabled: or(
      flag(),
      false,
      'Write an audit log of JSON lines, a new file each day. Environment: NETEVD_AUDIT_ENABLED.',
    ),
    path: or(path(), '/var/log/netevd/audit.log', 'The audit log; opened again on SIGHUP.'),
    retention_days: or(days(), 90, 'Days for which rotated files are kept.'),
  },
  'Audit log.',
);

const events = section(
  {
    database: or(
      pathOrEmpty(),
      '/var/lib/netevd/events.db',
      'SQLite file with the history of events; "": memory alone.',
    ),
    retention_days: or(days(), 30, 'Days for which events are kept in the database.'),
    memory: or(whole('a number of events', 1, 10_000_000), 10_000, 'Events kept in memory.'),
  },
  'History of events.',
);

const matchBody = z.strictObject(
  {
    interface: optional(linkName(), 'Name of the link.'),
    interface_pattern: optional(linkPattern(), 'Glob over the name of the link.'),
    event_type: optional(choice(hookDirectories), 'Type of the event: its hook directory without ".d".'),
    ip_family: optional(choice(['ipv4', 'ipv6', 'any']), 'Family that the event is about.'),
    backend: optional(choice(sources), 'Source of the event.'),
    condition: optional(
      condition(),
      'Comparisons of has_gateway, dns_count, address_count, mtu, interface and state, joined by &&, || and !.',
    ),
  },
  'a map of keys',
);
const match = described(
  z.pipe(
    z.nullable(matchBody),
    z.transform((value) => value ?? {}),
  ),
  'What must hold of an event; every key that is there must. Empty: every event.',
);

const filter = z.strictObject(
  {
    match_rule: match,
    action: described(
      choice(['execute', 'ignore', 'log']),
      'execute: run the hooks; ignore: run none; log: log it and look at the next filter.',
    ),
    scripts: optional(
      z
        .array(scriptName(), 'a list of file names')
        .check(z.minLength(1, 'at least one file name (leave it out for all)')),
      'With execute: the only files that run.',
    ),
  },
  'a map with match_rule and action',
);

const filters = orElse(
  z.array(filter, 'a list of filters, each with match_rule and action'),
  [],
  'The first execute or ignore that matches an event decides; where none does, its hooks run.',
);

const fileSchema: z.ZodMiniType<ConfigFile> = z.strictObject(
  { system, monitoring, hooks, routing, backends, api, metrics, audit, events, filters },
  'a map of sections',
);

export type SchemaResult =
  | { readonly ok: true; readonly value: ConfigFile }
  | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

/** Checks plain data against the schema; every issue at once. Never throws. */
export function checkFile(value: unknown): SchemaResult {
  const result = z.safeParse(fileSchema, value);
  return result.success ? { ok: true, value: result.data } : { ok: false, issues: result.error.issues };
}

/** The definition itself, for the generator of the JSON Schema. */
export const configFileSchema: z.ZodMiniType<unknown> = fileSchema;
