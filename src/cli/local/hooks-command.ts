/** `netevd hooks`: lists all hook directories with the verdict on each file, as the daemon judges it. */
import type { RequestProblem } from '../../client/problem.ts';
import type { HooksAnswer } from '../../client/types.ts';
import { type Config, readConfig } from '../../config/index.ts';
import { isDirectoryFilter } from '../../core/filters/applies.ts';
import { type HookFileReport, reportHooks } from '../../effects/hooks/report.ts';
import { ExitCode } from '../../exit-code.ts';
import type { DaemonView } from '../daemon-view.ts';
import { hooksTable, hooksText, type JudgedHooks } from '../render/hooks-text.ts';
import { type CommandIo, type OutputFormat, present } from '../render/output.ts';
import { reportProblems } from '../render/problems.ts';
import { withoutControls } from '../render/without-controls.ts';
import { type HookUser, type HookUserParts, hookUser } from './hook-user.ts';

export interface HooksOptions {
  readonly config: string;
  readonly format: OutputFormat;
}

/** What the command uses of the machine. */
export interface HooksCommandParts extends HookUserParts {
  readonly daemon: Pick<DaemonView, 'hooks'>;
}

/** Exit code: 0, or 78 for an invalid configuration. A refused file is a result, not a failure. */
export async function runHooksCommand(
  options: HooksOptions,
  io: CommandIo,
  parts: HooksCommandParts,
): Promise<number> {
  const parsed = readConfig({ file: options.config, env: io.env });
  if (!parsed.ok) return reportProblems(parsed.problems, io);
  const hooks = await judgedHooks(parsed.config, io, parts);
  const shown = withoutControls(hooks);
  present(io, options.format, {
    value: hooks,
    text: (_, screen) => hooksText(shown, screen),
    table: (paint) => hooksTable(shown, paint),
  });
  return ExitCode.ok;
}

/** The daemon's verdicts, if it runs with this hook directory; else those that it would give. */
async function judgedHooks(config: Config, io: CommandIo, parts: HooksCommandParts): Promise<JudgedHooks> {
  const answer = await parts.daemon.hooks();
  if (answer.ok && answer.value.directory === config.hooks.directory) {
    return { ...answer.value, judged_by: 'daemon', notes: [] };
  }
  const user = hookUser(config.system.user, parts, io.env);
  const notes = [...(user.note === undefined ? [] : [user.note]), ...whyNotAsked(answer)];
  return { ...localHooks(config, user), judged_by: 'command', notes };
}

function whyNotAsked(
  answer:
    | { readonly ok: true; readonly value: HooksAnswer }
    | { readonly ok: false; readonly problem: RequestProblem },
): readonly string[] {
  if (answer.ok) return [`the running daemon uses another hook directory: ${answer.value.directory}`];
  const { code } = answer.problem.error;
  return code === 'EACCES'
    ? ['the daemon was not asked, for lack of permission; try: sudo netevd hooks']
    : [];
}

function localHooks({ hooks, filters }: Config, user: HookUser): HooksAnswer {
  const { directory, directories, unknown } = reportHooks(hooks.directory, user.trust);
  const filteredBy = (event: string, name: string): readonly number[] =>
    filters.flatMap((rule, at) => (isDirectoryFilter(rule, event, name) ? [at + 1] : []));
  return {
    directory,
    user: user.name,
    directories: directories.map(({ reason, remedy, files, ...rest }) => ({
      ...rest,
      reason: reason ?? null,
      remedy: remedy ?? null,
      files: files.map((file) => ({ ...fileOf(file), filtered_by: filteredBy(rest.event, file.name) })),
    })),
    unknown_directories: unknown.map(({ name, suggestion }) => ({ name, meant: suggestion ?? null })),
    running: [],
    queued: 0,
  };
}

type JudgedFile = HooksAnswer['directories'][number]['files'][number];

const fileOf = ({
  name,
  path,
  verdict,
  code,
  reason,
  remedy,
  hint,
}: HookFileReport): Omit<JudgedFile, 'filtered_by'> => ({
  name,
  path,
  verdict,
  code: code ?? null,
  reason: reason ?? null,
  remedy: remedy ?? null,
  hint: hint ?? null,
  last_run: null,
});
