/** Schemas of status, health, hooks and configuration. */
import { z } from 'zod';
import type { ConfigAnswer, ReloadAnswer, ValidateAnswer } from '../../core/view/types/config.ts';
import type { HookRunsAnswer, HooksAnswer } from '../../core/view/types/hooks.ts';
import type { Health, Status } from '../../core/view/types/status.ts';
import {
  count,
  json,
  named,
  object,
  orNull,
  recordId,
  seq,
  sourceState,
  text,
  texts,
  time,
} from './common.ts';
import { hookRunSummary } from './records.ts';

const problem = object({
  id: text,
  severity: z.enum(['warning', 'error']),
  since: time,
  link: orNull(text),
  what: text,
  remedy: orNull(text),
  caused_by: orNull(recordId),
});
const source = object({ state: sourceState, since: orNull(time), wanted: z.boolean() });

export const statusAnswer: z.ZodType<Status> = named(
  'Status',
  'How the daemon and the host are.',
  object({
    status: z.enum(['ok', 'degraded']),
    version: text,
    uptime_seconds: count,
    backend: text,
    interfaces_monitored: count,
    events_processed: count,
    scripts_executed: count,
    last_event: orNull(time),
    time,
    started_at: time,
    epoch: z.uuid(),
    hostname: text,
    pid: count,
    health: z.enum(['healthy', 'problems']),
    problems: z.array(problem),
    sources: object({ kernel: source, 'systemd-networkd': source, NetworkManager: source, dhclient: source }),
    links: object({ by_state: z.record(text, count), not_watched: count }),
    hooks: object({ queued: count, running: count, ran_24h: count, failed_24h: count, refused: count }),
    routing: object({ links: count, in_sync: count, repairs_24h: count }),
    history: object({
      oldest_seq: orNull(seq),
      oldest_at: orNull(time),
      head_seq: orNull(seq),
      path: orNull(text),
      size_bytes: count,
      error: orNull(text),
    }),
    streams: count,
    dry_run: z.boolean(),
  }),
);

export const healthAnswer: z.ZodType<Health> = named(
  'Health',
  'Each check is `ok`, `absent`, or a sentence.',
  object({
    status: z.enum(['healthy', 'unhealthy']),
    checks: object({ netlink: text, dbus: text, config: text, backend: text, history: text }),
  }),
);

const hookFile = object({
  name: text,
  path: text,
  verdict: z.enum(['runs', 'masked', 'skipped', 'refused']),
  code: orNull(text),
  reason: orNull(text),
  remedy: orNull(text),
  hint: orNull(text),
  filtered_by: z.array(count),
  last_run: orNull(hookRunSummary),
});

export const hooksAnswer: z.ZodType<HooksAnswer> = named(
  'Hooks',
  'Hook directories as the daemon judges them now, and what runs.',
  object({
    directory: text,
    user: text,
    directories: z.array(
      object({
        event: text,
        path: text,
        when: text,
        sources: texts,
        state: z.enum(['absent', 'unreadable', 'refused', 'ok']),
        reason: orNull(text),
        remedy: orNull(text),
        files: z.array(hookFile),
      }),
    ),
    unknown_directories: z.array(object({ name: text, meant: orNull(text) })),
    running: z.array(
      object({ directory: text, script: text, link: orNull(text), pid: orNull(count), started_at: time }),
    ),
    queued: count,
  }),
);

export const hookRunsAnswer: z.ZodType<HookRunsAnswer> = named(
  'HookRuns',
  'Runs of hooks, newest first.',
  object({ runs: z.array(hookRunSummary), count, has_more: z.boolean(), next: orNull(text) }),
);

const origin = z.union([
  object({ kind: z.literal('default') }),
  object({ kind: z.literal('file'), file: text, line: count }),
  object({ kind: z.literal('environment'), variable: text }),
  object({ kind: z.literal('option'), option: text }),
]);

export const configAnswer: z.ZodType<ConfigAnswer> = named(
  'Config',
  'Every value of the effective configuration, with its origin.',
  object({
    file: orNull(text),
    loaded_at: time,
    values: z.array(object({ key: text, value: json, origin })),
  }),
);

const configProblem = object({
  file: text,
  line: orNull(count),
  column: orNull(count),
  key: text,
  message: text,
});

export const reloadAnswer: z.ZodType<ReloadAnswer> = named(
  'Reload',
  'Sections that changed; none where nothing did.',
  object({ status: z.literal('success'), message: text, timestamp: time, changed: texts }),
);

export const validateAnswer: z.ZodType<ValidateAnswer> = named(
  'Validation',
  'Every error of the configuration.',
  object({ valid: z.boolean(), problems: z.array(configProblem) }),
);
