/** Schemas of links, routes and rules. */
import { z } from 'zod';
import type {
  Interface,
  InterfaceDetails,
  InterfacesAnswer,
  Route,
  RoutesAnswer,
  Rule,
  RulesAnswer,
  TimelineAnswer,
} from '../../core/view/types/links.ts';
import { count, family, named, object, operationalState, orNull, text, texts, time } from './common.ts';
import { eventRow } from './records.ts';
import { routingLink } from './routing.ts';

const address = { ip: text, prefix: z.int().min(0).max(128), family, scope: text };

const link = {
  name: text,
  index: count,
  state: operationalState,
  type: text,
  mac_address: orNull(text),
  mtu: orNull(count),
  flags: texts,
  setup: orNull(text),
  owner: text,
  master: orNull(text),
  driver: orNull(text),
  gateway: orNull(text),
  dns: texts,
  domains: texts,
  since: orNull(time),
  watched: z.boolean(),
};

export const interfaceSchema: z.ZodType<Interface> = named(
  'Interface',
  'A link.',
  object({ ...link, addresses: z.array(object(address)) }),
);

export const interfacesAnswer: z.ZodType<InterfacesAnswer> = named(
  'Interfaces',
  'Links, by index.',
  object({ interfaces: z.array(interfaceSchema), count }),
);

const route = named(
  'Route',
  'A route; a multipath route is one element for each of its next hops.',
  object({
    destination: text,
    gateway: orNull(text),
    interface: orNull(text),
    metric: count,
    table: count,
    table_name: text,
    family,
    protocol: text,
    scope: text,
    type: text,
    source: orNull(text),
  }),
) satisfies z.ZodType<Route>;

const detailedAddress = object({
  ...address,
  broadcast: orNull(text),
  peer: orNull(text),
  label: orNull(text),
  flags: texts,
  preferred_until: orNull(time),
  valid_until: orNull(time),
});

const lease = object({
  source: text,
  family,
  addresses: texts,
  gateways: texts,
  dns: texts,
  domains: texts,
  hostname: orNull(text),
  expires_at: orNull(time),
});

export const interfaceDetails: z.ZodType<InterfaceDetails> = named(
  'InterfaceDetails',
  'A link with everything that is known about it.',
  object({
    ...link,
    addresses: z.array(detailedAddress),
    routes: z.array(route),
    dns_servers: texts,
    statistics: z.record(text, z.number()),
    network_file: orNull(text),
    leases: z.array(lease),
    policy_routing: orNull(routingLink),
    damping: object({
      penalty: z.number().nonnegative(),
      losses: count,
      damped: z.boolean(),
      remaining_ms: orNull(z.number().nonnegative()),
    }),
    last_events: z.array(eventRow),
  }),
);

export const routesAnswer: z.ZodType<RoutesAnswer> = named(
  'Routes',
  'Routes of all tables, a page at a time.',
  object({ routes: z.array(route), count, has_more: z.boolean(), next: orNull(text) }),
);

const rule = named(
  'Rule',
  'A rule of the routing policy database.',
  object({
    priority: count,
    from: text,
    to: text,
    table: count,
    action: text,
    interface: orNull(text),
    family,
    owner: z.enum(['netevd', 'other']),
    protocol: text,
    text,
  }),
) satisfies z.ZodType<Rule>;

export const rulesAnswer: z.ZodType<RulesAnswer> = named(
  'Rules',
  'Rules, by family and priority.',
  object({ rules: z.array(rule), count }),
);

export const timelineAnswer: z.ZodType<TimelineAnswer> = named(
  'Timeline',
  'The states of the watched links, oldest first.',
  object({
    since: time,
    until: time,
    links: z.array(
      object({
        name: text,
        index: count,
        segments: z.array(object({ at: time, state: z.union([operationalState, z.literal('unknown')]) })),
        flaps: count,
      }),
    ),
  }),
);
