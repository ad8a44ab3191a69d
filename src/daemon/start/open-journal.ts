/** Reads the journal of the previous run, reports what it contains, and begins the next journal. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { JournalSnapshot } from '../../core/journal/entries.ts';
import { JournalFold } from '../../core/journal/fold.ts';
import type { RecoveredRun } from '../../core/journal/recovery.ts';
import { restoreState } from '../../core/journal/restore-state.ts';
import { findUnfinishedRuns, type UnfinishedRuns } from '../../core/journal/unfinished-runs.ts';
import { type Epoch, type Seq, seq } from '../../core/model/ids.ts';
import type { Source } from '../../core/model/vocabulary.ts';
import { ExitCode } from '../../exit-code.ts';
import { newEpoch } from '../../platform/new-epoch.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunningProcesses } from '../../ports/running-processes.ts';
import { errnoOf } from '../../store/journal/errno.ts';
import { Journal, type JournalIdentity } from '../../store/journal/journal.ts';
import {
  type EpochEnd,
  readJournal,
  type StoredJournal,
  setAside,
} from '../../store/journal/journal-file.ts';
import { type JournalWriter, nullJournal, RunJournal } from '../../store/journal/run-journal.ts';
import { FailedStarts } from './failed-starts.ts';
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
  /** To be called when the daemon is ready: a bug that ends it before that is held against the journal. */
  succeeded(): void;
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
  const starts = readOnly ? undefined : new FailedStarts(directory);
  const stored = starts?.areTooMany === true ? tooManyStarts : readCounted(directory, context, starts);
  if (stored.kind === 'broken') {
    reportBroken(location, stored.reason, log);
    starts?.succeeded();
  }
  if (stored.kind === 'found' && stored.epochEnded) reportEpochEnd(directory, stored.epochEnded, log);
  const { epoch, snapshot } = continued(stored);
  using stack = new DisposableStack();
  const writer = readOnly
    ? nullJournal
    : stack.use(beginJournal(directory, { epoch, context }, clock, snapshot));
  let searches = 0;
  const unfinished = findUnfinishedRuns(snapshot, (event, path) =>
    searches++ < maxSearches ? processes.search(path, `NETEVD_EVENT_ID=${event.id}`) : undefined,
  );
  reportUnfinished(unfinished, processes, log);
  const opened = stack.move();
  starts?.survived();
  const ended = (code: number): void => {
    if (code === ExitCode.bug) starts?.count();
  };
  process.once('exit', ended);
  return {
    epoch,
    succeeded: () => {
      process.off('exit', ended);
      starts?.succeeded();
    },
    journal: runJournal(writer, directory, log),
    lastSeq: snapshot.lastSeq,
    ...recoveredFrom(stored, unfinished, location.backend),
    [Symbol.dispose]: () => opened.dispose(),
  };
}

/** Scripts that are looked for among the processes: many more than run at a time, and a second's work. */
const maxSearches = 128;

const tooManyStarts: StoredJournal = { kind: 'broken', reason: 'two starts with it have failed' };

function readCounted(directory: string, context: string, starts: FailedStarts | undefined): StoredJournal {
  starts?.count();
  return readJournal(directory, context);
}

/** The start of the new journal. The epoch continues only if no record can get the name of another record. */
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
  const quarantine = readOnly || !isSetAside(directory) ? '' : '; it is now journal.broken';
  log.error(`cannot use the journal in ${directory} (${reason})${quarantine}; starting as after a boot`, {
    component: 'journal',
    messageId: 'stateBroken',
    reason,
  });
}

/** Where that is impossible, the next journal takes its place. */
function isSetAside(directory: string): boolean {
  try {
    setAside(directory);
    return true;
  } catch (error) {
    errnoOf(error);
    return false;
  }
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

/** Lines of each kind: the counts above tell of the rest. */
const maxReported = 100;

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
  for (const { event, orphan } of orphans.slice(0, maxReported)) {
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
  for (const { event, path } of uncertain.slice(0, maxReported)) {
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
