/** Schemas of records. */
import { z } from 'zod';
import type { HookRunDetails } from '../../core/view/types/hooks.ts';
import type { EventRow, EventsAnswer, HookRunSummary, NetevdRecord } from '../../core/view/types/records.ts';
import {
  count,
  family,
  jsonObject,
  named,
  object,
  orNull,
  recordId,
  seq,
  severity,
  sourceName,
  sourceState,
  text,
  texts,
  time,
} from './common.ts';

const head = {
  schema: z.literal('netevd.event.v1'),
  id: recordId,
  seq,
  ts: time,
  event: text,
  link: orNull(text),
  index: orNull(count),
  severity,
  message: text,
  caused_by: orNull(recordId),
};

const deltaRoute = {
  family,
  dst: text,
  gateway: orNull(text),
  src: orNull(text),
  table: count,
  protocol: count,
  scope: count,
  type: count,
  priority: count,
};

const event = object({
  ...head,
  kind: z.literal('event'),
  state: text,
  previous_state: orNull(text),
  backend: sourceName,
  initial: z.boolean(),
  resync: z.boolean(),
  addresses: texts,
  changed_addresses: orNull(texts),
  action: text,
  family: family.exactOptional(),
  mtu: orNull(count),
  operstate: orNull(text),
  flags: texts,
  routes_delta: z.array(
    object({
      ...deltaRoute,
      action: z.enum(['new', 'del', 'change']),
      previous: object(deltaRoute).exactOptional(),
    }),
  ),
  gateway: orNull(text),
  dns: texts,
  domains: texts,
  properties: z.record(text, text).exactOptional(),
  changed: texts.exactOptional(),
  before: orNull(jsonObject).exactOptional(),
  after: orNull(jsonObject).exactOptional(),
  interface: jsonObject.exactOptional(),
});

const runSummary = {
  id: recordId,
  directory: text,
  script: text,
  path: text,
  link: orNull(text),
  index: orNull(count),
  state: text,
  backend: sourceName,
  started_at: time,
  duration_ms: z.number().nonnegative(),
  cpu_ms: z.number().nonnegative(),
  result: z.enum(['ok', 'failed', 'timeout', 'refused', 'not_started', 'stopped', 'unknown']),
  exit_code: orNull(z.int().min(0).max(255)),
  signal: orNull(text),
  reason: orNull(text),
  remedy: orNull(text),
  retry: z.boolean(),
  caused_by: orNull(recordId),
};

export const hookRunSummary: z.ZodType<HookRunSummary> = named(
  'HookRun',
  'One run of one hook script, without its output.',
  object(runSummary),
);

export const hookRunDetails: z.ZodType<HookRunDetails> = named(
  'HookRunDetails',
  'A run with its output.',
  object({
    ...runSummary,
    stdout: text,
    stderr: text,
    dropped_output: count,
    output_held: z.boolean(),
    pid: orNull(count),
  }),
);

const hookRun = object({ ...head, kind: z.literal('hook_run'), run: hookRunSummary });
const repair = object({
  ...head,
  kind: z.literal('repair'),
  object: z.enum(['rule', 'route', 'dns', 'domains', 'hostname']),
  action: z.enum(['added', 'removed', 'set', 'reverted']),
  text,
  table: orNull(count),
  restores: z.boolean(),
  result: z.enum(['done', 'failed']),
  error: orNull(object({ code: text, text: orNull(text) })),
});
const notice = object({
  ...head,
  kind: z.literal('repair'),
  object: z.literal('notice'),
  remedy: orNull(text),
});
const source = object({
  ...head,
  kind: z.literal('source'),
  source: sourceName,
  state: sourceState,
  cause: orNull(text),
});
const config = object({ ...head, kind: z.literal('config'), changed: texts, problems: count });

export const record: z.ZodType<NetevdRecord> = named(
  'Record',
  'What the daemon numbers and keeps: events, hook runs, repairs, changes of sources, reloads.',
  z.union([event, hookRun, repair, notice, source, config]),
);

export const eventRow: z.ZodType<EventRow> = object({
  id: recordId,
  seq,
  timestamp: time,
  event_type: text,
  interface: orNull(text),
  action: text,
  details: record,
});

export const eventsAnswer: z.ZodType<EventsAnswer> = named(
  'Events',
  'Newest first; with `since`, oldest first.',
  object({
    events: z.array(eventRow),
    count,
    has_more: z.boolean(),
    next: orNull(text),
    oldest_seq: orNull(seq),
    head_seq: orNull(seq),
    truncated: z.boolean(),
  }),
);
