/** What `netevd status` shows: problems first. Pure. */
import type { HostProblem, SourceStatus, Status } from '../../client/types.ts';
import { hang, type Screen, spread, widthOf } from './screen.ts';
import { ageSince, counted, countText, dayText, momentText, spanText } from './time-text.ts';

/** The text for people; ages are those of the daemon's clock. */
export function statusText(status: Status, screen: Screen): string {
  const now = Date.parse(status.time);
  return [
    ...titleLines(status, screen),
    ...status.problems.flatMap((problem) => problemLines(problem, now, screen)),
    ...summary(status, now).flatMap(([name, text]) => hang(`  ${name.padEnd(9)} `, text, screen)),
  ].join('\n');
}

function titleLines(status: Status, screen: Screen): readonly string[] {
  const { paint } = screen;
  const { problems, hostname, version, uptime_seconds: uptime } = status;
  const health =
    problems.length === 0
      ? `${paint.good('●')} ${paint.bold(hostname)}   healthy`
      : `${paint.bad('✗')} ${paint.bold(hostname)}   ${counted(problems.length, 'problem')}`;
  const mode = status.dry_run ? ', dry run: changes nothing' : '';
  return hang(`${health}   `, `netevd ${version}, up ${spanText(uptime * 1000)}${mode}`, screen);
}

function problemLines(problem: HostProblem, now: number, screen: Screen): readonly string[] {
  const { paint } = screen;
  const sign = problem.severity === 'error' ? paint.bad('✗') : paint.warn('!');
  const subject = (problem.link ?? subjectOf(problem)).padEnd(7);
  const head = `  ${sign} ${subject} `;
  const age = ageSince(problem.since, now);
  const lines = hang(head, `${problem.what}${age === undefined ? '' : `, for ${age}`}`, screen);
  const { remedy } = problem;
  if (remedy === null) return lines;
  const last = lines.at(-1) ?? head;
  return [...lines.slice(0, -1), ...spread(last, paint.dim(remedy), widthOf(head), screen)];
}

/** `hook` of `hook-failed:no-carrier/10-alert`. */
const subjectOf = ({ id }: HostProblem): string => id.split(/[:-]/)[0] ?? '';

function summary(status: Status, now: number): readonly (readonly [string, string])[] {
  const { routing } = status;
  const inSync = `${routing.in_sync} of ${counted(routing.links, 'link')} in sync`;
  return [
    ['links', linksText(status)],
    ['sources', sourcesText(status.sources)],
    ['hooks', hooksText(status)],
    ...(routing.links === 0
      ? []
      : [['routing', `${inSync}, ${counted(routing.repairs_24h, 'repair')} in 24 h`] as const]),
    ['history', historyText(status, now)],
  ];
}

function linksText({ links }: Status): string {
  const states = Object.entries(links.by_state).filter(([, count]) => count > 0);
  const watched = states.map(([state, count]) => `${countText(count)} ${state}`).join(', ');
  return `${watched === '' ? 'none watched' : watched}; ${countText(links.not_watched)} not watched`;
}

/** `kernel, systemd-networkd: current · NetworkManager: absent`; an absent source that nobody wants is left out. */
function sourcesText(sources: Status['sources']): string {
  const relevant = Object.entries<SourceStatus>(sources).filter(
    ([, { state, wanted }]) => wanted || state !== 'absent',
  );
  const states = [...new Set(relevant.map(([, { state }]) => state))];
  return states
    .map((state) => {
      const names = relevant.filter(([, source]) => source.state === state).map(([name]) => name);
      return `${names.join(', ')}: ${state}`;
    })
    .join(' · ');
}

function hooksText({ hooks }: Status): string {
  const refused = hooks.refused === 0 ? '0 refused' : `${hooks.refused} refused (netevd hooks)`;
  const running = hooks.running === 0 ? '' : `${hooks.running} running, `;
  const ran = `${countText(hooks.ran_24h)} ran, ${countText(hooks.failed_24h)} failed in 24 h`;
  return `${ran} · ${refused} · ${running}${hooks.queued} waiting`;
}

function historyText({ history, last_event: last }: Status, now: number): string {
  const head = history.head_seq === null ? 'no records' : `#${history.head_seq}`;
  const oldest = history.oldest_at === null ? '' : `, kept since ${dayText(history.oldest_at, now)}`;
  const place =
    history.error === null
      ? history.path === null
        ? ' · in memory only'
        : ''
      : ` · in memory only: ${history.error}`;
  return `${head}${oldest}${place}${last === null ? '' : ` · last event ${momentText(last, now)}`}`;
}

/** Keys and values, for `-o table`. */
export function statusRows(status: object): readonly (readonly [string, string])[] {
  return Object.entries(status).flatMap(([key, value]) => flatRows(key, value));
}

function flatRows(key: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[key, value === null ? '-' : String(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[key, '-']];
  return entries.flatMap(([name, inner]) => flatRows(`${key}.${name}`, inner));
}
