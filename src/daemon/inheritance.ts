/** What an earlier run left behind: reads its book, tells of what it found, and begins the next one. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Seq } from '../core/ids.ts';
import type { KeptWhole } from '../core/kept/entries.ts';
import { Kept } from '../core/kept/fold.ts';
import { hydrate } from '../core/kept/hydrate.ts';
import type { Inheritance } from '../core/kept/inheritance.ts';
import { type Leftovers, leftoversOf } from '../core/kept/resume.ts';
import type { Source } from '../core/states.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { RunningProcesses } from '../ports/running-processes.ts';
import { Book } from '../store/book.ts';
import { errnoOf, type FoundBook, readBook, setAside } from '../store/book-file.ts';
import { forgetful, type Keeper, RunBook } from '../store/run-book.ts';
import { StartRefused } from './start-refused.ts';

export interface BookPlace {
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

export interface OpenedBook extends Disposable {
  readonly book: RunBook;
  readonly instance: string;
  readonly lastSeq: Seq;
  /** Absent at boot. */
  readonly inheritance?: Inheritance;
}

/** Throws StartRefused where no book can be begun in the directory. */
export function openBook(place: BookPlace, helpers: Helpers): OpenedBook {
  const { log, processes } = helpers;
  const surroundings = surroundingsOf();
  const found = readBook(place.directory, surroundings);
  if (found.kind === 'broken') tellBroken(place, found.reason, log);
  const instance = found.kind === 'found' ? found.instance : crypto.randomUUID().slice(0, 8);
  const whole = wholeOf(found);
  using stack = new DisposableStack();
  const keeper = place.readOnly
    ? forgetful
    : stack.use(beginBook(place.directory, { instance, surroundings }, helpers.clock, whole));
  const leftovers = leftoversOf(whole, (event, path) =>
    processes.search(path, `NETEVD_EVENT_ID=${event.id}`),
  );
  tellLeftovers(leftovers, processes, log);
  const held = stack.move();
  return {
    instance,
    book: runBook(keeper, place.directory, log),
    lastSeq: whole.lastSeq,
    ...inheritanceOf(found, leftovers, place.backend),
    [Symbol.dispose]: () => held.dispose(),
  };
}

/** What the new book begins with. Numbers go on, whatever became of what they were of. */
function wholeOf(found: FoundBook): KeptWhole {
  if (found.kind === 'found') return found.whole;
  const empty = new Kept().whole();
  return found.kind === 'foreign' ? { ...empty, lastSeq: found.lastSeq } : empty;
}

/** A run that ended before it had read the network has left nothing to compare with. */
function inheritanceOf(
  found: FoundBook,
  { pending }: Leftovers,
  backend: Source | 'auto',
): Pick<OpenedBook, 'inheritance'> {
  if (found.kind !== 'found' || !found.whole.complete) return {};
  return { inheritance: { state: hydrate(found.whole, backend), pending } };
}

function beginBook(
  directory: string,
  identity: ConstructorParameters<typeof Book>[0]['identity'],
  clock: Clock,
  whole: ConstructorParameters<typeof Book>[1],
): Book {
  try {
    return new Book({ directory, identity, now: () => clock.now() }, whole);
  } catch (error) {
    throw new StartRefused(
      'NETEVD_START_RUNTIME_DIRECTORY',
      `cannot write to ${directory} (${errnoOf(error)}): make it writable for the user that runs netevd, or set system.runtime_directory`,
    );
  }
}

function runBook(keeper: Keeper, directory: string, log: Logger): RunBook {
  return new RunBook(keeper, {
    onTrouble: (code) =>
      log.error(
        `cannot write to ${directory} (${code}): until that is mended, a crash would make hooks run twice or not at all`,
        { component: 'book', messageId: 'stateUnwritable', errno: code },
      ),
    onMended: () => log.info(`${directory} can be written to again`, { component: 'book' }),
  });
}

function tellBroken({ directory, readOnly }: BookPlace, reason: string, log: Logger): void {
  if (!readOnly) setAside(directory);
  const where = readOnly ? '' : ', it is book.broken now,';
  log.error(
    `the kept state in ${directory} cannot be used (${reason})${where} and this start is like the first`,
    { component: 'book', messageId: 'stateBroken' },
  );
}

/** This boot and this network: the same index is another link elsewhere. */
function surroundingsOf(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${readlinkSync('/proc/self/ns/net')}`;
}

function tellLeftovers(
  { pending, orphans, uncertain }: Leftovers,
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
