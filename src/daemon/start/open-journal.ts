/** What an earlier run left behind: reads its book, tells of what it found, and begins the next one. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { JournalSnapshot } from '../../core/journal/entries.ts';
import { Kept } from '../../core/journal/fold.ts';
import type { Inheritance } from '../../core/journal/recovery.ts';
import { restoreState } from '../../core/journal/restore-state.ts';
import { findUnfinishedRuns, type UnfinishedRuns } from '../../core/journal/unfinished-runs.ts';
import type { Seq } from '../../core/model/ids.ts';
import type { Source } from '../../core/model/vocabulary.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunningProcesses } from '../../ports/running-processes.ts';
import { Journal } from '../../store/journal/journal.ts';
import { errnoOf, readJournal, type StoredJournal, setAside } from '../../store/journal/journal-file.ts';
import { type JournalWriter, nullJournal, RunJournal } from '../../store/journal/run-journal.ts';
import { StartRefused } from './start-refused.ts';

export interface JournalLocation {
  readonly directory: string;
  readonly backend: Source | 'auto';
  /** The book is read and left as it is. */
  readonly readOnly: boolean;
}

interface Helpers {
  readonly clock: Clock;
  readonly processes: RunningProcesses;
  readonly log: Logger;
}

export interface OpenedJournal extends Disposable {
  readonly journal: RunJournal;
  readonly instance: string;
  readonly lastSeq: Seq;
  /** Absent at boot. */
  readonly recovered?: Inheritance;
}

/** Throws StartRefused where no book can be begun in the directory. */
export function openJournal(place: JournalLocation, helpers: Helpers): OpenedJournal {
  const { log, processes } = helpers;
  const surroundings = surroundingsOf();
  const found = readJournal(place.directory, surroundings);
  if (found.kind === 'broken') reportBroken(place, found.reason, log);
  const instance = found.kind === 'found' ? found.instance : crypto.randomUUID().slice(0, 8);
  const whole = wholeOf(found);
  using stack = new DisposableStack();
  const writer = place.readOnly
    ? nullJournal
    : stack.use(beginJournal(place.directory, { instance, surroundings }, helpers.clock, whole));
  const unfinished = findUnfinishedRuns(whole, (event, path) =>
    processes.search(path, `NETEVD_EVENT_ID=${event.id}`),
  );
  reportUnfinished(unfinished, processes, log);
  const held = stack.move();
  return {
    instance,
    journal: runJournal(writer, place.directory, log),
    lastSeq: whole.lastSeq,
    ...inheritanceOf(found, unfinished, place.backend),
    [Symbol.dispose]: () => held.dispose(),
  };
}

/** What the new book begins with. Numbers go on, whatever became of what they were of. */
function wholeOf(found: StoredJournal): JournalSnapshot {
  if (found.kind === 'found') return found.whole;
  const empty = new Kept().whole();
  return found.kind === 'foreign' ? { ...empty, lastSeq: found.lastSeq } : empty;
}

/** A run that ended before it had read the network has left nothing to compare with. */
function inheritanceOf(
  found: StoredJournal,
  { pending }: UnfinishedRuns,
  backend: Source | 'auto',
): Pick<OpenedJournal, 'recovered'> {
  if (found.kind !== 'found' || !found.whole.complete) return {};
  return { recovered: { state: restoreState(found.whole, backend), pending } };
}

function beginJournal(
  directory: string,
  identity: ConstructorParameters<typeof Journal>[0]['identity'],
  clock: Clock,
  whole: ConstructorParameters<typeof Journal>[1],
): Journal {
  try {
    return new Journal({ directory, identity, now: () => clock.now() }, whole);
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
        `cannot write to ${directory} (${code}): until that is mended, a crash would make hooks run twice or not at all`,
        { component: 'journal', messageId: 'stateUnwritable', errno: code },
      ),
    onMended: () => log.info(`${directory} can be written to again`, { component: 'journal' }),
  });
}

function reportBroken({ directory, readOnly }: JournalLocation, reason: string, log: Logger): void {
  if (!readOnly) setAside(directory);
  const where = readOnly ? '' : ', it is now journal.broken,';
  log.error(
    `the kept state in ${directory} cannot be used (${reason})${where} and this start is like the first`,
    { component: 'journal', messageId: 'stateBroken' },
  );
}

/** This boot and this network: the same index is another link elsewhere. */
function surroundingsOf(): string {
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
    log.info(`${events} for hooks since the last run`);
  }
  for (const { event, orphan } of orphans) {
    if (orphan.process === undefined || !processes.isRunning(orphan.process)) continue; // Its turn tells of it.
    const { name } = event.link ?? { name: 'the host' };
    log.warn(
      `${orphan.path} still runs for event ${event.seq} of the last run: other events of ${name} wait for it`,
      {
        interface: event.link?.name,
        script: orphan.path,
        seq: event.seq,
        pid: orphan.process.pid,
      },
    );
  }
  for (const { event, path } of uncertain) {
    log.warn(
      `${path} may have run for event ${event.seq} when the last run ended: it runs again, with NETEVD_RETRY=1`,
      {
        interface: event.link?.name,
        script: path,
        seq: event.seq,
      },
    );
  }
}
