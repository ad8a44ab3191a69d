/** Opens the history, and says in the log how it is. */
import type { Config } from '../../config/index.ts';
import type { Epoch } from '../../core/model/ids.ts';
import { newEpoch } from '../../platform/new-epoch.ts';
import { openSqliteDatabase } from '../../platform/sqlite/sqlite-database.ts';
import type { Clock } from '../../ports/clock.ts';
import type { History, HistoryHealth } from '../../ports/history.ts';
import type { Logger } from '../../ports/logger.ts';
import type { HistoryReplaced } from '../../store/history/database-holder.ts';
import { openHistory } from '../../store/history/open-history.ts';

export interface HistoryServiceParts {
  readonly config: Config['events'];
  readonly clock: Clock;
  readonly log: Logger;
  readonly dryRun: boolean;
  /** Whether hooks or events wait: then a batch waits, too. */
  readonly isBusy: () => boolean;
  readonly beginEpoch: (epoch: Epoch) => void;
}

const megabyte = 1024 * 1024;

export function openHistoryService(parts: HistoryServiceParts): History {
  const { config, clock, dryRun, isBusy } = parts;
  return openHistory({
    path: dryRun ? '' : (config.database ?? ''),
    memory: config.memory,
    limits: { days: config.retentionDays, bytes: config.maxSizeMb * megabyte },
    clock,
    open: openSqliteDatabase,
    isBusy,
    onReplaced: (replaced) => replace(parts, replaced),
    onHealth: (health) => logHealth(parts, health),
  });
}

function replace({ log, beginEpoch }: HistoryServiceParts, { reason, path, text }: HistoryReplaced): void {
  const what =
    reason === 'damaged'
      ? `the event history was damaged (${text}) and is now ${path}; a new one begins`
      : `the event history ${path} was removed; a new one begins`;
  log.error(what, { component: 'history', errorCode: 'NETEVD_HISTORY_DAMAGED', path, reason });
  beginEpoch(newEpoch());
}

function logHealth({ log, config }: HistoryServiceParts, health: HistoryHealth): void {
  const fields = { component: 'history', path: config.database };
  if (health.ok) {
    log.info('the event history is written again', fields);
    return;
  }
  const { code, text } = health;
  log.error(`records are kept in memory alone: ${text}`, { ...fields, errorCode: code });
}
