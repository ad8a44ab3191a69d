/** Keys of what the daemon offers and records: `api`, `metrics`, `audit` and `events`. */
import type { ConfigValues } from '../../config-values.ts';
import { type Entries, group, key, optionalKey, unitKey } from '../key.ts';
import {
  address,
  addressUnit,
  databasePath,
  databaseUnit,
  days,
  flag,
  path,
  port,
  socketPath,
  whole,
} from '../values.ts';

const tls: Entries<ConfigValues['api']['tls']> = {
  enabled: key({
    name: 'enabled',
    type: flag(),
    default: false,
    doc: 'Serve HTTPS instead of HTTP on TCP.',
    needs: 'tls',
  }),
  certFile: optionalKey({
    name: 'cert_file',
    type: path(),
    doc: 'Certificate chain, PEM.',
    example: '/etc/netevd/tls/cert.pem',
  }),
  keyFile: optionalKey({
    name: 'key_file',
    type: path(),
    doc: 'Private key, PEM.',
    example: '/etc/netevd/tls/key.pem',
  }),
};

export const api: Entries<ConfigValues['api']> = {
  enabled: key({
    name: 'enabled',
    type: flag(),
    default: true,
    doc: 'Serve the REST API. Without it, commands such as netevd status and netevd reload do not work.',
    environment: 'NETEVD_API_ENABLED',
  }),
  bindAddress: unitKey({
    name: 'bind_address',
    type: address(),
    default: '127.0.0.1',
    unit: addressUnit,
    doc: 'Address of the TCP listener. Any address but a loopback one needs token_file.',
    environment: 'NETEVD_API_BIND_ADDRESS',
    needs: 'api',
  }),
  port: key({
    name: 'port',
    type: port('any free one'),
    default: 9090,
    doc: 'Port of the TCP listener. 0: any free one.',
    environment: 'NETEVD_API_PORT',
    needs: 'api',
  }),
  socket: optionalKey({
    name: 'socket',
    type: socketPath(),
    doc: 'Path of the Unix socket, mode 0660, group netevd; "": none. Default: netevd.sock in system.runtime_directory.',
    example: '/run/netevd/netevd.sock',
  }),
  controlSocket: optionalKey({
    name: 'control_socket',
    type: socketPath(),
    doc: 'Path of the Unix socket for changes, mode 0600; "": none. Default: control.sock in system.runtime_directory.',
    example: '/run/netevd/control.sock',
  }),
  tokenFile: optionalKey({
    name: 'token_file',
    type: path(),
    doc: 'File with the bearer token for TCP.',
    needs: 'api',
    example: '/etc/netevd/token',
  }),
  tls: group('tls', 'TLS of the TCP listener.', tls),
};

export const metrics: Entries<ConfigValues['metrics']> = {
  enabled: key({
    name: 'enabled',
    type: flag(),
    default: true,
    doc: 'Serve Prometheus metrics at /metrics.',
    environment: 'NETEVD_METRICS_ENABLED',
  }),
  port: key({
    name: 'port',
    type: port("the API's own"),
    default: 0,
    doc: "0: on the listener of the API. Another port opens its own listener on the API's address.",
    needs: 'metrics',
  }),
};

export const audit: Entries<ConfigValues['audit']> = {
  enabled: key({
    name: 'enabled',
    type: flag(),
    default: false,
    doc: 'Write an audit log of JSON lines, a new file each day.',
    environment: 'NETEVD_AUDIT_ENABLED',
    needs: 'audit',
  }),
  path: key({
    name: 'path',
    type: path(),
    default: '/var/log/netevd/audit.log',
    doc: 'Path of the audit log; opened again on SIGHUP.',
  }),
  retentionDays: key({
    name: 'retention_days',
    type: days(),
    default: 90,
    doc: 'Days for which rotated files are kept.',
  }),
};

export const events: Entries<ConfigValues['events']> = {
  database: unitKey({
    name: 'database',
    type: databasePath(),
    default: '/var/lib/netevd/events.db',
    unit: databaseUnit,
    doc: 'SQLite file with the history of events; "": memory only.',
    needs: 'history',
    needsRestart: true,
  }),
  retentionDays: key({
    name: 'retention_days',
    type: days(),
    default: 30,
    doc: 'Days for which events are kept in the database.',
    needs: 'history',
    needsRestart: true,
  }),
  maxSizeMb: key({
    name: 'max_size_mb',
    type: whole('a number of megabytes', 1, 1_000_000),
    default: 256,
    doc: 'Largest size of the database; the oldest events are removed first.',
    needs: 'history',
    needsRestart: true,
  }),
  memory: key({
    name: 'memory',
    type: whole('a number of events', 1, 10_000_000),
    default: 10_000,
    doc: 'Events kept in memory.',
    needsRestart: true,
  }),
};
