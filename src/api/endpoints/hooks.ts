/** `/hooks`, `/hooks/runs`, `/hooks/runs/{id}`. */
import { type EventId, epoch as epochOf, type Seq } from '../../core/model/ids.ts';
import { recordId } from '../../core/model/record.ts';
import { parseRecord } from '../../core/records/parse-record.ts';
import { formatPosition, parsePosition } from '../../core/records/stored-record.ts';
import { isFailure } from '../../core/view/hook-run-view.ts';
import type { HookRunSummary } from '../../core/view/types/records.ts';
import type { ApiContext } from '../context.ts';
import { type ApiEndpoint, get } from '../endpoint.ts';
import { bound, text, whole, yesNo } from '../parameters.ts';
import { notFound, problem } from '../problem.ts';
import { quote } from '../query.ts';
import { listRecords } from '../records/list-records.ts';
import { rangeBound } from '../records/record-query.ts';

const hooks = get('/api/v1/hooks', 'read', {}, (context) => {
  const { tracker } = context;
  const report = context.hooks();
  const directories = report.directories.map((directory) => ({
    ...directory,
    files: directory.files.map((file) => ({
      ...file,
      filtered_by: context.filtersOf(directory.event, file.name),
      last_run: tracker.latestRun(directory.event, file.name) ?? null,
    })),
  }));
  return {
    ...report,
    directories,
    user: context.about.user,
    running: context.runningHooks(),
    queued: context.snapshot().load.waiting,
  };
});

const runs = get(
  '/api/v1/hooks/runs',
  'read',
  { interface: text, script: text, failed: yesNo, limit: whole(1, 1000), until: bound },
  async (context, { query }) => {
    const until = rangeBound(query.until, { epoch: context.snapshot().epoch, now: context.clock.wall() });
    const wanted: HookRunSummary[] = [];
    const list = await listRecords(context, {
      direction: 'backward',
      from: until?.kind === 'position' ? until.position : null,
      filter: {
        kinds: ['hook_run'],
        ...(query.interface !== undefined && { link: query.interface }),
        ...(until?.kind === 'time' && { until: until.at }),
      },
      accepts: (stored) => {
        const record = parseRecord(stored);
        if (record?.kind !== 'hook_run' || !isWanted(record.run, query)) return false;
        wanted.push(record.run);
        return true;
      },
      limit: query.limit ?? 100,
    });
    const next = list.hasMore && list.next !== null ? formatPosition(list.next) : null;
    return { runs: wanted, count: wanted.length, has_more: list.hasMore, next };
  },
);

interface RunQuery {
  readonly script?: string;
  readonly failed?: boolean;
}

const isWanted = (run: HookRunSummary, { script, failed }: RunQuery): boolean =>
  (script === undefined || run.script === script || run.path === script) &&
  (failed === undefined || isFailure(run) === failed);

const oneRun = get('/api/v1/hooks/runs/{id}', 'secret', {}, (context, { names: { id = '' } }) => {
  const name = runId(context, id);
  if (name === undefined) {
    return problem(400, 'NETEVD_API_REQUEST', `${quote(id)} is no record: <epoch>.<seq>, or <seq>`);
  }
  const details = context.outputs.get(name);
  if (details !== undefined) return details;
  return notFound(`the output of run ${quote(id)} is not kept: it is too old, or there was no such run`);
});

function runId(context: ApiContext, text: string): EventId | undefined {
  const position = parsePosition(text);
  if (position !== undefined) return recordId(epochOf(position.epoch), position.seq as Seq);
  if (!/^[1-9]\d{0,15}$/.test(text)) return undefined;
  return recordId(context.snapshot().epoch, Number(text) as Seq);
}

export const hookEndpoints: readonly ApiEndpoint[] = [hooks, runs, oneRun];
