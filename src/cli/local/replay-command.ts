/** `netevd replay`: shows what the daemon would have done with a recording. Runs no hook and needs no privilege. */
import { readFileSync } from 'node:fs';
import { enginePolicy } from '../../config/engine-policy.ts';
import { type Config, readConfig } from '../../config/index.ts';
import { compileFilters, decide, type Filter } from '../../core/filters/decide.ts';
import { filterSubject } from '../../core/filters/subject.ts';
import { hookLinkDetails } from '../../core/hooks/environment.ts';
import type { HookRunOrder } from '../../core/hooks/hook-order.ts';
import { type Millis, millis } from '../../core/model/ids.ts';
import { parseRecording, type Recording } from '../../core/recording/recording.ts';
import { type ReplayedDecision, replay, replayEpoch } from '../../core/recording/replay.ts';
import { callCommand } from '../../core/resolver/call-command.ts';
import { effectCommand } from '../../core/routing/report/effect-command.ts';
import { type HookFileReport, reportHooks } from '../../effects/hooks/report.ts';
import { ExitCode } from '../../exit-code.ts';
import { escapeControls } from '../../observe/log/escape.ts';
import type { CommandIo, OutputFormat } from '../render/output.ts';
import { reportProblems } from '../render/problems.ts';
import { type ReplayLine, ReplayLines } from '../render/replay-lines.ts';
import { type HookUserParts, hookUser } from './hook-user.ts';

export interface ReplayOptions {
  readonly file: string;
  readonly config: string;
  /** Hook directory in place of the configured one. */
  readonly hooks: string | undefined;
  /** In the tempo of the recording instead of at once. */
  readonly realTime: boolean;
  readonly format: OutputFormat;
}

export interface ReplayParts {
  readonly user: HookUserParts;
  /** Resolves after this time. */
  readonly wait: (time: Millis) => Promise<void>;
}

/** Exit code: 0, 1 for a file that is no recording, 78 for an invalid configuration. */
export async function runReplayCommand(
  options: ReplayOptions,
  io: CommandIo,
  parts: ReplayParts,
): Promise<number> {
  const parsed = readConfig({ file: options.config, env: io.env });
  if (!parsed.ok) return reportProblems(parsed.problems, io);
  const recording = readRecording(options.file, io);
  if (recording === undefined) return ExitCode.failed;
  const scripts = new Scripts(parsed.config, options.hooks, io, parts.user);
  const lines = new ReplayLines(replayEpoch, recording.header.startedAt);
  let now = 0;
  for (const decision of replay(recording, enginePolicy(parsed.config))) {
    if (options.realTime && decision.after > now) await parts.wait(millis(decision.after - now));
    now = Math.max(now, decision.after);
    for (const line of linesOf(decision, lines, scripts)) print(line, options.format, io);
  }
  return ExitCode.ok;
}

function readRecording(file: string, io: CommandIo): Recording | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.stderr.write(`netevd: cannot read the recording: ${escapeControls(reason)}\n`);
    return undefined;
  }
  const parsed = parseRecording(text);
  if (parsed.ok) return parsed.recording;
  const { code, line, problem } = parsed.problem;
  io.stderr.write(`netevd: ${file}:${line}: ${escapeControls(problem)} (${code})\n`);
  return undefined;
}

function linesOf(decision: ReplayedDecision, lines: ReplayLines, scripts: Scripts): readonly ReplayLine[] {
  switch (decision.kind) {
    case 'activity':
      return lines.ofActivity(decision.after, decision.activity);
    case 'hooks':
      return scripts
        .of(decision.order)
        .map(({ file, verdict }) => lines.ofHook(decision.after, decision.order.event, file.path, verdict));
    case 'effect': {
      const { effect } = decision;
      if (effect.kind === 'changeRouting') {
        const nameOf = lines.nameOf;
        return effect.effects.map((one) => lines.ofCommand(decision.after, effectCommand(one, nameOf)));
      }
      if (effect.kind !== 'callResolver') return [];
      return effect.calls.map((call) => lines.ofCommand(decision.after, callCommand(call)));
    }
  }
}

function print(line: ReplayLine, format: OutputFormat, io: CommandIo): void {
  const text =
    format === 'json' || format === 'yaml' ? JSON.stringify(line.value) : escapeControls(line.text);
  io.stdout.write(`${text}\n`);
}

interface ScriptDecision {
  readonly file: HookFileReport;
  /** Why it does not run; undefined if it does. */
  readonly verdict: string | undefined;
}

/** The scripts of each directory, and whether they would run. */
class Scripts {
  readonly #files: ReadonlyMap<string, readonly HookFileReport[]>;
  readonly #filters: readonly Filter[];

  constructor(
    { hooks, system, filters }: Config,
    directory: string | undefined,
    io: CommandIo,
    user: HookUserParts,
  ) {
    const { trust } = hookUser(system.user, user, io.env);
    const report = reportHooks(directory ?? hooks.directory, trust);
    this.#files = new Map(report.directories.map(({ event, files }) => [event, files]));
    this.#filters = compileFilters(filters);
  }

  of({ event, payload }: HookRunOrder): readonly ScriptDecision[] {
    const files = this.#files.get(event.directory) ?? [];
    if (files.length === 0) return [];
    const details = hookLinkDetails({ event, state: payload.state });
    const decision = decide(this.#filters, filterSubject(event, details));
    return files.map((file): ScriptDecision => {
      if (!decision.run) return { file, verdict: `ignored by filters[${decision.by}]` };
      if (decision.scripts !== undefined && !decision.scripts.includes(file.name)) {
        return { file, verdict: `not among the scripts of filters[${decision.by ?? 0}]` };
      }
      return { file, verdict: file.verdict === 'runs' ? undefined : (file.reason ?? file.verdict) };
    });
  }
}
