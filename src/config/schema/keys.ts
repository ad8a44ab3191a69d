/**
 * The key table: one entry for each key of the configuration file. Validation, messages, `Config`,
 * `describeConfig`, environment variables, JSON Schema, the reference in docs/configuration.md and the sample
 * file all come from it. A new key is one entry and one property of `Config`; the compiler reports a property
 * without an entry, and an entry without a property. `bun tools/config-docs.ts` then writes the published
 * files again.
 */
import type { ConfigValues } from '../config-values.ts';
import { filterList, filtersUnit } from './filter-keys.ts';
import { type Entries, group, listUnitKey } from './key.ts';
import { hooks, monitoring, system } from './keys/daemon-keys.ts';
import { damping, online } from './keys/event-keys.ts';
import { backends, routing } from './keys/network-keys.ts';
import { api, audit, events, metrics } from './keys/service-keys.ts';

/** All keys, in the order of the file. */
export const configKeys: Entries<ConfigValues> = {
  system: group('system', 'The daemon itself.', system),
  monitoring: group('monitoring', 'Which links are monitored.', monitoring),
  hooks: group('hooks', 'How hooks run.', hooks),
  routing: group('routing', 'Policy routing for hosts with several uplinks.', routing),
  backends: group('backends', 'Settings of each network manager.', backends),
  api: group('api', 'REST API, live stream and dashboard.', api),
  metrics: group('metrics', 'Prometheus metrics.', metrics),
  audit: group('audit', 'Audit log.', audit),
  events: group('events', 'History of events.', events),
  online: group('online', 'What online.d and offline.d mean by online.', online),
  damping: group('damping', 'Flap damping: hooks of a link that keeps losing its carrier wait.', damping),
  filters: listUnitKey({
    name: 'filters',
    type: filterList(),
    default: [],
    unit: filtersUnit,
    doc: 'The first execute or ignore that matches an event decides. If none matches, its hooks run.',
    needs: 'filters',
  }),
};
