/** Reads the journal of the previous run, reports what it contains, and begins the next journal. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { JournalSnapshot } from '../../core/journal/entries.ts';
import { JournalFold } from '../../core/journal/fold.ts';
import type { RecoveredRun } from '../../core/journal/recovery.ts';
import { restoreState } from '../../core/journal/restore-state.ts';
import { findUnfinishedRuns, type UnfinishedRuns } from '../../core/journal/unfinished-runs.ts';
import { type Epoch, type Seq, seq } from '../../core/model/ids.ts';
import type { Source } from '../../core/model/vocabulary.ts';
import { newEpoch } from '../../platform/new-epoch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunningProcesses } from '../../ports/running-processes.ts';
import { Journal, type JournalIdentity } from '../../store/journal/journal.ts';
import {
  type EpochEnd,
  errnoOf,
  readJournal,
  type StoredJournal,
  setAside,
} from '../../store/journal/journal-file.ts';
import { type JournalWriter, nullJournal, RunJournal } from '../../store/journal/run-journal.ts';
import { StartRefused } from './start-refused.ts';

export interface JournalLocation {
  readonly directory: string;
  readonly backend: Source | 'auto';
  /** Reads the journal and does not change it. */
  readonly readOnly: boolean;
}

interface Helpers {
  readonly clock: Clock;
  readonly processes: RunningProcesses;
  readonly log: Logger;
}

export interface OpenedJournal extends Disposable {
  readonly journal: RunJournal;
  readonly epoch: Epoch;
  readonly lastSeq: Seq;
  /** Absent at boot. */
  readonly recovered?: RecoveredRun;
}

/** Throws StartRefused if no journal can be begun in the directory. */
export function openJournal(location: JournalLocation, helpers: Helpers): OpenedJournal {
  const { clock, log, processes } = helpers;
  const { directory, readOnly } = location;
  const context = currentContext();
  const stored = readJournal(directory, context);
  if (stored.kind === 'broken') reportBroken(location, stored.reason, log);
  if (stored.kind === 'found' && stored.epochEnded) reportEpochEnd(directory, stored.epochEnded, log);
  const { epoch, snapshot } = continued(stored);
  using stack = new DisposableStack();
  const writer = readOnly
    ? nullJournal
    : stack.use(beginJournal(directory, { epoch, context }, clock, snapshot));
  const unfinished = findUnfinishedRuns(snapshot, (event, path) =>
    processes.search(path, `NETEVD_EVENT_ID=${event.id}`),
  );
  reportUnfinished(unfinished, processes, log);
  const opened = stack.move();
  return {
    epoch,
    journal: runJournal(writer, directory, log),
    lastSeq: snapshot.lastSeq,
    ...recoveredFrom(stored, unfinished, location.backend),
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** What the new journal begins with. Numbers go on only where no record can get a name that another one has. */
function continued(stored: StoredJournal): { readonly epoch: Epoch; readonly snapshot: JournalSnapshot } {
  if (stored.kind !== 'found') return { epoch: newEpoch(), snapshot: new JournalFold().snapshot() };
  const { epoch, snapshot, epochEnded } = stored;
  if (epochEnded === undefined) return { epoch, snapshot };
  return { epoch: newEpoch(), snapshot: { ...snapshot, lastSeq: seq(0) } };
}

/** A run that ended before the first dump of the kernel left nothing to compare with. */
function recoveredFrom(
  stored: StoredJournal,
  { pending }: UnfinishedRuns,
  backend: Source | 'auto',
): Pick<OpenedJournal, 'recovered'> {
  if (stored.kind !== 'found' || !stored.snapshot.complete) return {};
  const { reported } = stored.snapshot;
  return {
    recovered: {
      state: restoreState(stored.snapshot, backend),
      pending,
      ...(reported !== undefined && { reported: new Map(reported) }),
    },
  };
}

function beginJournal(
  directory: string,
  identity: JournalIdentity,
  clock: Clock,
  snapshot: JournalSnapshot,
): Journal {
  try {
    return new Journal({ directory, identity, now: () => clock.now() }, snapshot);
  } catch (error) {
    throw new StartRefused(
      'NETEVD_START_RUNTIME_DIRECTORY',
      `cannot write to ${directory} (${errnoOf(error)}): make it writable for the user that runs netevd, or set system.runtime_directory`,
    );
  }
}

function runJournal(writer: JournalWriter, directory: string, log: Logger): RunJournal {
  return new RunJournal(writer, {
    onTrouble: (code) =>
      log.error(
        `cannot write to ${directory} (${code}); until this is fixed, a crash can make hooks run twice or not at all`,
        { component: 'journal', messageId: 'stateUnwritable', errno: code },
      ),
    onMended: () => log.info(`${directory} is writable again`, { component: 'journal' }),
  });
}

function reportBroken({ directory, readOnly }: JournalLocation, reason: string, log: Logger): void {
  if (!readOnly) setAside(directory);
  const quarantine = readOnly ? '' : '; it is now journal.broken';
  log.error(`cannot use the journal in ${directory} (${reason})${quarantine}; starting as after a boot`, {
    component: 'journal',
    messageId: 'stateBroken',
    reason,
  });
}

function reportEpochEnd(directory: string, end: EpochEnd, log: Logger): void {
  const reason = end === 'copied' ? 'is a copy' : 'lacks records that were published';
  log.warn(`the journal in ${directory} ${reason}; records get a new epoch`, {
    component: 'journal',
    epochEnd: end,
  });
}

/** This boot and this network namespace: in another one, the same index is another link. */
function currentContext(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${readlinkSync('/proc/self/ns/net')}`;
}

function reportUnfinished(
  { pending, orphans, uncertain }: UnfinishedRuns,
  processes: RunningProcesses,
  log: Logger,
): void {
  if (pending.length > 0) {
    const events = pending.length === 1 ? '1 event waits' : `${pending.length} events wait`;
    log.info(`${events} for hooks since the previous run`, {
      component: 'journal',
      unfinished: 'waiting',
      count: pending.length,
    });
  }
  for (const { event, orphan } of orphans) {
    if (orphan.process === undefined || !processes.isRunning(orphan.process)) continue; // Reported when its turn comes.
    const { name } = event.link ?? { name: 'the host' };
    log.warn(
      `${orphan.path} still runs for event ${event.seq} of the previous run; other events of ${name} wait for it`,
      {
        interface: event.link?.name,
        script: orphan.path,
        seq: event.seq,
        pid: orphan.process.pid,
        unfinished: 'running',
      },
    );
  }
  for (const { event, path } of uncertain) {
    log.warn(
      `${path} may have run for event ${event.seq} when the previous run ended; it runs again, with NETEVD_RETRY=1`,
      {
        interface: event.link?.name,
        script: path,
        seq: event.seq,
        unfinished: 'uncertain',
      },
    );
  }
}
