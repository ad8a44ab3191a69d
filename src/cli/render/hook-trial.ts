/** Renders the result of `netevd test`. */
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { HookVerdict } from '../../core/hooks/verdict.ts';
import { runText } from '../../core/view/sentences.ts';
import type { InspectedHook } from '../../effects/hooks/inspect.ts';
import { escapeControls } from '../../observe/log/escape.ts';
import type { HookUser } from '../local/hook-user.ts';
import type { SampleEvent } from '../local/sample-event.ts';
import type { Paint } from './output.ts';

/** A trial and its result. */
export interface HookTrial {
  readonly inspected: InspectedHook;
  readonly test: SampleEvent;
  readonly user: HookUser;
  readonly environment: Readonly<Record<string, string>>;
  readonly json: string;
  readonly run: HookRun;
}

/** As data, for JSON and YAML. */
export function trialValue({ inspected, test, user, environment, json, run }: HookTrial): unknown {
  const { kind: verdict, ...details } = inspected.verdict;
  return {
    script: inspected.path,
    verdict,
    ...details,
    ...(inspected.hint === undefined ? {} : { hint: inspected.hint }),
    user: user.name,
    sampleLink: test.isSampleLink,
    environment,
    event: JSON.parse(json) as unknown,
    outcome: run.outcome,
    durationMs: run.duration,
    cpuMs: run.cpu,
    stdout: run.stdout,
    stderr: run.stderr,
    droppedOutput: run.droppedOutput,
  };
}

/** As text. */
export function trialText(trial: HookTrial, paint: Paint): string {
  const { inspected, user, environment, json, run } = trial;
  const fine = run.outcome.kind === 'exited' && run.outcome.code === 0;
  const result = runText({ ...run, stdout: '', stderr: '' }).replace(/^\S+ /, '');
  return [
    `${paint.bold('script')}  ${escapeControls(inspected.path)}`,
    `${paint.bold('event')}   ${eventText(trial)}`,
    `${paint.bold('runs as')} ${user.name} (user ${user.uid}), without capabilities`,
    ...(user.note === undefined ? [] : [paint.warn(`        ${user.note}`)]),
    `${paint.bold('checks')}  ${verdictText(inspected.verdict, paint)}`,
    ...(inspected.hint === undefined ? [] : [paint.warn(`        but: ${escapeControls(inspected.hint)}`)]),
    '',
    ...environmentLines(environment, json, paint),
    '',
    ...outputLines('stdout', run.stdout, paint),
    ...outputLines('stderr', run.stderr, paint),
    ...(run.droppedOutput === 0
      ? []
      : [paint.warn(`${run.droppedOutput} more bytes of output were not captured`)]),
    ...(run.outputStillOpen ? [paint.warn('a background process still has the output open')] : []),
    fine ? paint.good(result) : paint.bad(result),
  ].join('\n');
}

function eventText({ test: { event, isSampleLink } }: HookTrial): string {
  const link =
    event.link === undefined ? 'of the host' : `on ${event.link.name}${isSampleLink ? ' (sample link)' : ''}`;
  const before = event.previousState === undefined ? '' : `, previous state ${event.previousState} (sample)`;
  return `${event.directory} ${link}${before}`;
}

function verdictText(verdict: HookVerdict, paint: Paint): string {
  switch (verdict.kind) {
    case 'runs':
      return paint.good('the daemon would run it in a hook directory');
    case 'masked':
    case 'skipped':
      return paint.warn(`the daemon would skip it: it ${verdict.reason}`);
    case 'refused':
      return `${paint.bad('the daemon would refuse it')}: ${escapeControls(`${verdict.reason}; fix: ${verdict.remedy}`)}`;
  }
}

function environmentLines(
  environment: Readonly<Record<string, string>>,
  json: string,
  paint: Paint,
): string[] {
  const shown = Object.entries(environment).map(([name, value]) =>
    name === 'JSON'
      ? `  JSON=${paint.dim(`… ${json.length} characters, also on stdin`)}`
      : `  ${name}=${escapeControls(value)}`,
  );
  return [paint.bold('environment'), ...shown];
}

function outputLines(name: string, text: string, paint: Paint): string[] {
  if (text === '') return [];
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return [paint.bold(name), ...lines.map((line) => `  ${line}`), ''];
}
