/** What the API reads and calls, taken from the parts of the daemon. */
import packageFile from '../../../package.json' with { type: 'json' };
import type { ApiContext, ApiSettings, HooksOutline, ReloadOutcome } from '../../api/context.ts';
import type { StreamHub } from '../../api/stream/stream-hub.ts';
import {
  type Config,
  type ConfigProblem as FileProblem,
  messageWithHint,
  parseConfig,
} from '../../config/index.ts';
import { isDirectoryFilter } from '../../core/filters/applies.ts';
import type { ConfigAnswer, ConfigProblem } from '../../core/view/types/config.ts';
import { reportHooks } from '../../effects/hooks/report.ts';
import type { RunOutputs } from '../../observe/status/run-outputs.ts';
import type { StatusTracker } from '../../observe/status/status-tracker.ts';
import { hostName, textDigest } from '../../platform/identifiers.ts';
import type { History } from '../../ports/history.ts';
import type { Control } from '../control.ts';
import type { DaemonParts } from '../wiring/daemon-parts.ts';
import { hookSettings } from '../wiring/policy.ts';
import type { Wiring } from '../wiring/wire-daemon.ts';
import type { AuditService } from './audit-service.ts';
import { dashboardAsset } from './dashboard.ts';
import type { MetricsService } from './metrics-service.ts';

export interface ContextParts {
  readonly parts: DaemonParts;
  readonly wiring: Pick<Wiring, 'loop' | 'running' | 'managers'>;
  readonly control: Control;
  readonly startedAt: ApiContext['about']['startedAt'];
  readonly startedAtInstant: ApiContext['about']['startedAtInstant'];
  readonly config: () => Config;
  readonly configAnswer: () => ConfigAnswer;
  readonly history: History;
  readonly tracker: StatusTracker;
  readonly outputs: RunOutputs;
  readonly streams: StreamHub;
  readonly metrics: MetricsService;
  readonly audit: AuditService;
  readonly openapi: () => string;
}

export function apiContext(given: ContextParts): ApiContext {
  const { parts, wiring, control, config, history, tracker, outputs, streams, metrics, audit } = given;
  const { clock, identity, dryRun, env } = parts;
  return {
    about: {
      version: packageFile.version,
      pid: process.pid,
      startedAt: given.startedAt,
      startedAtInstant: given.startedAtInstant,
      dryRun,
      user: identity.name,
    },
    clock,
    tracker,
    outputs,
    history,
    streams,
    hostname: hostName,
    snapshot: () => wiring.loop.snapshot(),
    settings: () => settingsOf(config()),
    hooks: () => hooksReport(config(), parts),
    runningHooks: () => wiring.running.list(),
    filtersOf: (directory, script) =>
      config().filters.flatMap((rule, at) => (isDirectoryFilter(rule, directory, script) ? [at + 1] : [])),
    config: given.configAnswer,
    validate: (text) => {
      const parsed = parseConfig(text, { file: 'request', env });
      return parsed.ok ? [] : parsed.problems.map(problemView);
    },
    reload: () => reloadOutcome(control, parts.configFile),
    auditProblem: () => audit.problem(),
    isBusConnected: () => wiring.managers.isConnected,
    metrics: () => metrics.scrape(),
    openapi: given.openapi,
    asset: dashboardAsset,
    digest: textDigest,
    answered: (answered) => {
      metrics.input.httpAnswered(answered.route, answered.status);
      if (answered.isAudited) audit.request(answered);
    },
  };
}

const settingsOf = ({ system, hooks, events, metrics }: Config): ApiSettings => ({
  backend: system.backend,
  hooksDirectory: hooks.directory,
  historyPath: events.database,
  isMetricsEnabled: metrics.enabled,
});

/** An error of a configuration as the API shows it; a place of 0 is none. */
export const problemView = (problem: FileProblem): ConfigProblem => ({
  file: problem.file,
  line: problem.line === 0 ? null : problem.line,
  column: problem.column === 0 ? null : problem.column,
  key: problem.path,
  message: messageWithHint(problem),
});

function reloadOutcome(control: Control, file: string): ReloadOutcome {
  const { ok, changed, problems } = control.reload();
  return {
    ok,
    changed,
    problems: problems.map(({ line, column, path, message }) => ({
      file,
      line: line === 0 ? null : line,
      column: column === 0 ? null : column,
      key: path,
      message,
    })),
  };
}

function hooksReport(config: Config, { identity, env }: DaemonParts): HooksOutline {
  const { directory, directories, unknown } = reportHooks(
    config.hooks.directory,
    hookSettings(config, identity, env).trust,
  );
  return {
    directory,
    directories: directories.map(({ event, path, when, sources, state, reason, remedy, files }) => ({
      event,
      path,
      when,
      sources,
      state,
      reason: reason ?? null,
      remedy: remedy ?? null,
      files: files.map((file) => ({
        name: file.name,
        path: file.path,
        verdict: file.verdict,
        code: file.code ?? null,
        reason: file.reason ?? null,
        remedy: file.remedy ?? null,
        hint: file.hint ?? null,
      })),
    })),
    unknown_directories: unknown.map(({ name, suggestion }) => ({ name, meant: suggestion ?? null })),
  };
}
