/** `netevd events`: the records of the history, and with `--follow` those that come. */
import { ExitCode } from '../../exit-code.ts';
import { eventColumns } from '../render/event-line.ts';
import { fieldProblem } from '../render/table.ts';
import { EventPrinter } from './event-printer.ts';
import { followEvents } from './follow-events.ts';
import { type EventsOptions, listEvents } from './list-events.ts';
import { failRequest, failUsage, openConnection, type Session } from './session.ts';

/** 0 as soon as the list is complete or the user ends it. */
export async function runEvents(session: Session, options: EventsOptions): Promise<number> {
  const usage = usageProblem(session, options);
  if (usage !== undefined) return failUsage(session, usage);
  const opened = openConnection(session, 'read');
  if (!opened.ok) return failUsage(session, opened.problem);
  const { connection } = opened;
  const printer = new EventPrinter(session);
  if (options.follow === true) return await followEvents(session, connection, options, printer);
  const listed = await listEvents(session, connection, options, printer);
  printer.end();
  return listed.ok ? ExitCode.ok : failRequest(session, connection.endpoint, listed.problem);
}

function usageProblem({ options: { fields } }: Session, options: EventsOptions): string | undefined {
  const keys = eventColumns.map(({ key }) => key);
  if (options.follow === true && options.until !== undefined) {
    return '--until cannot be combined with --follow';
  }
  return fieldProblem(fields, keys);
}
