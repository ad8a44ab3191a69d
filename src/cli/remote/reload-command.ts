/** `netevd reload`: the daemon reads its configuration again, and says what changed or every error. */

import { configProblems } from '../../client/api-client.ts';
import type { RequestProblem } from '../../client/problem.ts';
import type { ConfigProblem, ReloadAnswer } from '../../client/types.ts';
import { ExitCode } from '../../exit-code.ts';
import { columns } from '../render/output.ts';
import { counted } from '../render/time-text.ts';
import { withoutControls } from '../render/without-controls.ts';
import { type Answer, type Outcome, runQuery, type Session } from './session.ts';

/** 0: reloaded; 78: the configuration has errors, and the previous one stays in effect. */
export const runReload = (session: Session): Promise<number> =>
  runQuery(
    session,
    [],
    async ({ client }): Promise<Outcome> => {
      const result = await client.reload();
      if (result.ok) return { ok: true, answer: showReload(result.value) };
      const problems = configProblems(result.problem);
      if (problems.length === 0 || session.options.format === 'json') return result;
      reportProblems(session, problems);
      return { ok: false, failure: refusal(result.problem, problems.length) };
    },
    'control',
  );

function showReload(answer: ReloadAnswer): Answer {
  const changed = answer.changed.join(', ');
  return {
    value: answer,
    text: (paint) =>
      paint.good(changed === '' ? 'reloaded: nothing changed' : `reloaded: ${changed} changed`),
    table: () => columns([['changed'], ...answer.changed.map((section) => [section])]),
  };
}

/** One line for each error, as compilers write them: `file:line:column: key: message`. */
function reportProblems({ io }: Session, problems: readonly ConfigProblem[]): void {
  for (const { file, line, column, key, message } of withoutControls(problems)) {
    const place = [file, line, column].filter((part) => part !== null).join(':');
    io.stderr.write(`${place}: ${key === '' ? '' : `${key}: `}${message}\n`);
  }
}

const refusal = (
  { error }: RequestProblem,
  count: number,
): Extract<Outcome, { failure: unknown }>['failure'] => ({
  error: {
    ...error,
    message: `not reloaded: the configuration has ${counted(count, 'error')}; the previous one stays in effect`,
  },
  exitCode: ExitCode.config,
});
