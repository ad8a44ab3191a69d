/** What is wrong now: derived from the state and from what was recorded, newest first. */
import type { Timestamp } from '../../core/model/ids.ts';
import type { LinkStatus } from '../../core/model/state.ts';
import { hasCarrier, type Source, sources } from '../../core/model/vocabulary.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { isFailure } from '../../core/view/hook-run-view.ts';
import { sourceFreshness } from '../../core/view/source-freshness.ts';
import type { HookRunSummary } from '../../core/view/types/records.ts';
import type { HostProblem as Problem } from '../../core/view/types/status.ts';
import type { ApiContext } from '../context.ts';

const timeOf = (at: Timestamp | number): string => new Date(at).toISOString();

/** Every problem that lasts. */
export function findProblems(context: ApiContext): readonly Problem[] {
  const snapshot = context.snapshot();
  return [
    ...linkProblems(context, snapshot),
    ...hookProblems(context),
    ...sourceProblems(context, snapshot),
    ...routingProblems(context, snapshot),
    ...ownProblems(context),
  ].sort((a, b) => (a.since < b.since ? 1 : a.since > b.since ? -1 : 0));
}

function linkProblems({ tracker, about }: ApiContext, { state, selection }: Snapshot): readonly Problem[] {
  const problems: Problem[] = [];
  for (const link of state.links.values()) {
    if (!selection.isMonitored(link.name)) continue;
    const time = tracker.link(link.index);
    const since = time?.to === link.operational ? time.since : undefined;
    const lost =
      since !== undefined && time?.from !== undefined && hasCarrier(time.from) && !hasCarrier(time.to);
    if (lost && link.operational !== 'off') {
      const what = `${link.operational.replace('-', ' ')} (was ${time?.from})`;
      problems.push(linkProblem('link-no-carrier', link, what, since, time?.causedBy ?? null));
    }
    if (link.administrative === 'failed' || link.device === 'failed') {
      const at = since ?? about.startedAt;
      problems.push(linkProblem('link-failed', link, `${link.owner} failed to configure it`, at, null));
    }
  }
  return problems;
}

const linkProblem = (
  kind: string,
  { name }: LinkStatus,
  what: string,
  since: Timestamp,
  cause: Problem['caused_by'],
): Problem => ({
  id: `${kind}:${name}`,
  severity: kind === 'link-failed' ? 'error' : 'warning',
  since: timeOf(since),
  link: name,
  what,
  remedy: `netevd show interface ${name}`,
  caused_by: cause,
});

function hookProblems({ tracker }: ApiContext): readonly Problem[] {
  return [...tracker.latestRuns].filter(isFailure).map((run) => ({
    id: `hook-${run.result === 'refused' ? 'refused' : 'failed'}:${run.directory}/${run.script}`,
    severity: 'error',
    since: timeOf(Date.parse(run.started_at) + run.duration_ms),
    link: run.link,
    what: hookText(run),
    remedy: run.remedy ?? `netevd show run ${run.id.replace('/', '.')}`,
    caused_by: run.id,
  }));
}

function hookText({ directory, script, result, exit_code, signal, reason }: HookRunSummary): string {
  const name = script === '' ? `${directory}.d` : `${directory}.d/${script}`;
  switch (result) {
    case 'failed':
      return `${name}: ${exit_code === null ? `killed by ${signal ?? 'a signal'}` : `exit ${exit_code}`}`;
    case 'timeout':
      return `${name}: timed out`;
    case 'refused':
      return `${name}: refused: ${reason ?? ''}`;
    default:
      return `${name}: cannot start: ${reason ?? ''}`;
  }
}

/** Whether the configuration asks for the source. */
export const isWanted = (source: Source, backend: string): boolean =>
  source === 'kernel' || backend === 'auto' || backend === source;

function sourceProblems(context: ApiContext, { state }: Snapshot): readonly Problem[] {
  const { tracker, about } = context;
  const { backend } = context.settings();
  const freshness = sourceFreshness(state);
  return sources.flatMap((source): readonly Problem[] => {
    const now = freshness[source];
    const time = tracker.source(source);
    // One that was never there is a problem only where it is configured by name.
    const isMissed = time?.wasCurrent === true || backend === source || source === 'kernel';
    if (now === 'current' || now === 'reading' || !isWanted(source, backend) || !isMissed) return [];
    return [
      {
        id: `source-lost:${source}`,
        severity: 'warning',
        since: timeOf(time?.since ?? about.startedAt),
        link: null,
        what:
          now === 'stale' ? `${source} does not answer; its last state is kept` : `${source} is not running`,
        remedy: source === 'kernel' || source === 'dhclient' ? null : `systemctl status ${source}`,
        caused_by: time?.causedBy ?? null,
      },
    ];
  });
}

const routingWords: ReadonlyMap<string, string> = new Map([
  ['missing', 'rules or routes are missing'],
  ['conflict', 'rules or tables of another program are in the way'],
  ['diverted', 'packets leave by another link'],
]);
const outOfOrder: ReadonlySet<string> = new Set(routingWords.keys());

function routingProblems({ tracker, clock, about }: ApiContext, snapshot: Snapshot): readonly Problem[] {
  const links = snapshot.routing()?.links ?? [];
  return links
    .filter(({ state, isContested }) => outOfOrder.has(state) || isContested)
    .map(({ name, state, isContested }) => ({
      id: `routing-${isContested ? 'contested' : state}:${name}`,
      severity: 'error',
      since: timeOf(tracker.repairsOf(name, clock.wall()).latest ?? about.startedAt),
      link: name,
      what: isContested
        ? 'somebody keeps deleting rules or routes of policy routing'
        : `policy routing: ${routingWords.get(state) ?? state}`,
      remedy: 'netevd routing',
      caused_by: null,
    }));
}

/** Problems of netevd itself: history, audit log, configuration. */
function ownProblems(context: ApiContext): readonly Problem[] {
  const { tracker, history } = context;
  const problems: Problem[] = [];
  const health = history.health();
  if (!health.ok) {
    problems.push(
      own('history', health.since, `records are kept in memory alone: ${health.text}`, 'netevd events', null),
    );
  }
  const audit = context.auditProblem();
  if (audit !== undefined) {
    problems.push(own('audit', audit.since, `the audit log cannot be written (${audit.errno})`, null, null));
  }
  const { refusedReload } = tracker;
  if (refusedReload !== undefined) {
    const { at, problems: count, causedBy } = refusedReload;
    const errors = count === 1 ? '1 error' : `${count} errors`;
    const what = `the configuration file has ${errors}; the one before is in effect`;
    problems.push(own('config', at, what, 'netevd validate', causedBy));
  }
  return problems;
}

const own = (
  id: string,
  since: number,
  what: string,
  remedy: string | null,
  cause: Problem['caused_by'],
): Problem => ({
  id,
  severity: 'warning',
  since: timeOf(since),
  link: null,
  what,
  remedy,
  caused_by: cause,
});
