/** Schemas of policy routing and of the way of a packet. */
import { z } from 'zod';
import type { ExplainAnswer, RoutingAnswer, RoutingLink } from '../../core/view/types/routing.ts';
import { count, family, named, object, orNull, text, texts, time } from './common.ts';

const piece = object({ text, present: z.boolean(), problem: orNull(text) });
const path = object({
  address: text,
  active: z.boolean(),
  diverted_by: orNull(text),
  remedy: orNull(text),
});
const familyStatus = object({
  family,
  state: text,
  addresses: texts,
  paths: z.array(path),
  gateway: orNull(object({ via: texts, from: text })),
  rules: z.array(piece),
  routes: z.array(piece),
});

export const routingLink: z.ZodType<RoutingLink> = named(
  'RoutingLink',
  'Policy routing of one link.',
  object({
    link: text,
    index: orNull(count),
    state: text,
    table: orNull(count),
    table_origin: orNull(text),
    contested: z.boolean(),
    families: z.array(familyStatus),
    conflicts: z.array(object({ kind: text, text, remedy: text })),
    repairs_24h: count,
    last_repair: orNull(time),
  }),
);

export const routingAnswer: z.ZodType<RoutingAnswer> = named(
  'Routing',
  'Policy routing: what is wanted, and what is there.',
  object({
    protocol: count,
    priorities: z.tuple([count, count]),
    links: z.array(routingLink),
    leftovers: texts,
  }),
);

const explainRoute = object({ text, table: count, protocol: text, metric: count });

export const explainAnswer: z.ZodType<ExplainAnswer> = named(
  'Explanation',
  'Which rule and which route decide about a packet.',
  object({
    packet: object({ source: text, destination: text, iif: orNull(text), mark: count }),
    steps: z.array(
      object({
        priority: count,
        rule: text,
        outcome: z.enum(['noMatch', 'noRoute', 'suppressed', 'thrown', 'passed', 'decides']),
        reason: text.exactOptional(),
        route: explainRoute.exactOptional(),
      }),
    ),
    verdict: object({
      kind: z.enum(['routed', 'delivered', 'rejected', 'unreachable']),
      route: explainRoute.exactOptional(),
      code: text.exactOptional(),
      ways: z.array(object({ link: orNull(text), gateway: orNull(text), weight: count })).exactOptional(),
    }),
    remarks: texts,
    text,
  }),
);
