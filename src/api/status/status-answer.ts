/** How the daemon and the host are, as one answer. */
import { sources } from '../../core/model/vocabulary.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { timeText } from '../../core/view/link-view.ts';
import { sourceFreshness } from '../../core/view/source-freshness.ts';
import type { SourceStatus, Status } from '../../core/view/types/status.ts';
import type { SourceName } from '../../core/view/types/vocabulary.ts';
import type { ApiContext } from '../context.ts';
import { findProblems, isWanted } from './problems.ts';

export function statusAnswer(context: ApiContext): Status {
  const { about, clock, tracker, streams } = context;
  const snapshot = context.snapshot();
  const problems = findProblems(context);
  const now = clock.wall();
  const { byState, watched, unwatched } = countLinks(snapshot);
  return {
    status: problems.length === 0 ? 'ok' : 'degraded',
    version: about.version,
    uptime_seconds: Math.floor((clock.now() - about.startedAtInstant) / 1000),
    backend: context.settings().backend,
    interfaces_monitored: watched,
    events_processed: tracker.events,
    scripts_executed: tracker.scripts,
    last_event: timeText(tracker.lastEventAt),
    time: new Date(now).toISOString(),
    started_at: new Date(about.startedAt).toISOString(),
    epoch: snapshot.epoch,
    hostname: context.hostname(),
    pid: about.pid,
    health: problems.length === 0 ? 'healthy' : 'problems',
    problems,
    sources: sourceStatuses(context, snapshot),
    links: { by_state: byState, not_watched: unwatched },
    hooks: {
      queued: snapshot.load.waiting,
      running: context.runningHooks().length,
      ran_24h: tracker.ran.total(now),
      failed_24h: tracker.failed.total(now),
      refused: [...tracker.latestRuns].filter(({ result }) => result === 'refused').length,
    },
    routing: routingCounts(context, snapshot),
    history: historyStatus(context),
    streams: streams.count,
    dry_run: about.dryRun,
  };
}

function countLinks({ state, selection }: Snapshot): {
  readonly byState: Readonly<Record<string, number>>;
  readonly watched: number;
  readonly unwatched: number;
} {
  const byState: Record<string, number> = {};
  let watched = 0;
  for (const { name, operational } of state.links.values()) {
    if (!selection.isMonitored(name)) continue;
    watched++;
    byState[operational] = (byState[operational] ?? 0) + 1;
  }
  return { byState, watched, unwatched: state.links.size - watched };
}

function sourceStatuses(
  context: ApiContext,
  { state }: Snapshot,
): Readonly<Record<SourceName, SourceStatus>> {
  const freshness = sourceFreshness(state);
  const { backend } = context.settings();
  const entries = sources.map((source): [SourceName, SourceStatus] => {
    const since = timeText(context.tracker.source(source)?.since);
    return [source, { state: freshness[source], since, wanted: isWanted(source, backend) }];
  });
  return Object.fromEntries(entries) as Record<SourceName, SourceStatus>;
}

function routingCounts({ tracker, clock }: ApiContext, snapshot: Snapshot): Status['routing'] {
  const links = snapshot.routing()?.links.filter(({ state }) => state !== 'absent') ?? [];
  return {
    links: links.length,
    in_sync: links.filter(({ state }) => !['missing', 'conflict', 'diverted'].includes(state)).length,
    repairs_24h: tracker.repaired.total(clock.wall()),
  };
}

function historyStatus(context: ApiContext): Status['history'] {
  const { history } = context;
  const oldest = history.oldest();
  const [first] = oldest === null ? [] : history.since(null, 1, {}).items;
  const health = history.health();
  return {
    oldest_seq: oldest?.seq ?? null,
    oldest_at: first === undefined || first.kind === 'gap' ? null : new Date(first.at).toISOString(),
    head_seq: history.head()?.seq ?? null,
    path: context.settings().historyPath ?? null,
    size_bytes: history.stats().bytes,
    error: health.ok ? null : health.text,
  };
}
