/** `netevd status` and `netevd show status`. */

import type { Status } from '../../client/types.ts';
import { ExitCode } from '../../exit-code.ts';
import { columns } from '../render/output.ts';
import { statusRows, statusText } from '../render/status-text.ts';
import { pickFields } from '../render/table.ts';
import { withoutControls } from '../render/without-controls.ts';
import { type Answer, outcomeOf, requestSignal, runQuery, type Session } from './session.ts';

/** Keys of the answer that `--fields` may name. */
const statusKeys: Readonly<Record<keyof Status, true>> = {
  status: true,
  version: true,
  uptime_seconds: true,
  backend: true,
  interfaces_monitored: true,
  events_processed: true,
  scripts_executed: true,
  last_event: true,
  time: true,
  started_at: true,
  epoch: true,
  hostname: true,
  pid: true,
  health: true,
  problems: true,
  sources: true,
  links: true,
  hooks: true,
  routing: true,
  history: true,
  streams: true,
  dry_run: true,
};

/** 0 if the daemon answers; with `check` 1 if it reports a problem. */
export const runStatus = (session: Session, check: boolean): Promise<number> =>
  runQuery(session, Object.keys(statusKeys), async ({ client }) =>
    outcomeOf(await client.get('/api/v1/status', { signal: requestSignal(session) }), (status) =>
      show(status, session, check),
    ),
  );

function show(status: Status, { options: { fields } }: Session, check: boolean): Answer {
  const shown = withoutControls(status);
  const picked = pickFields(shown, fields);
  const rows = (): string => columns(statusRows(picked));
  return {
    value: pickFields(status, fields),
    text: (_, screen) => (fields === undefined ? statusText(shown, screen) : rows()),
    table: rows,
    exitCode: check && status.health !== 'healthy' ? ExitCode.failed : ExitCode.ok,
  };
}
