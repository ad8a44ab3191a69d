/** What an earlier run left behind: reads its book, tells of what it found, and begins the next one. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { Inheritance } from './core/engine.ts';
import { type Seq, seq } from './core/ids.ts';
import { Kept } from './core/kept/fold.ts';
import { hydrate } from './core/kept/hydrate.ts';
import { type Leftovers, leftoversOf } from './core/kept/resume.ts';
import type { Source } from './core/states.ts';
import type { Logger } from './ports/logger.ts';
import { Book, readBook, setAside } from './store/book.ts';
import { RunBook } from './store/run-book.ts';

export interface OpenedBook extends Disposable {
  readonly book: RunBook;
  readonly instance: string;
  readonly lastSeq: Seq;
  /** Absent at boot. */
  readonly inheritance?: Inheritance;
}

/** Throws where no book can be begun in `directory`. */
export function openBook(directory: string, backend: Source | 'auto', log: Logger): OpenedBook {
  const surroundings = surroundingsOf();
  const found = readBook(directory, surroundings);
  if (found.kind === 'broken') {
    setAside(directory);
    const { reason } = found;
    log.error(
      `the kept state in ${directory} cannot be used (${reason}): it is book.broken now, and this start is like the first`,
    );
  }
  const instance = found.kind === 'found' ? found.instance : crypto.randomUUID().slice(0, 8);
  const whole = found.kind === 'found' ? found.whole : new Kept().whole();
  const file = new Book(directory, { instance, surroundings }, whole);
  const book = new RunBook(file, () =>
    log.error(`cannot write to ${directory}: after a crash now, hooks may run twice or not at all`, {
      repeatKey: 'book',
    }),
  );
  const opened = { book, instance, [Symbol.dispose]: () => file[Symbol.dispose]() };
  if (found.kind !== 'found') return { ...opened, lastSeq: seq(0) };
  const leftovers = leftoversOf(whole);
  tellLeftovers(leftovers, log);
  const inheritance = { state: hydrate(whole, backend), pending: leftovers.pending };
  return { ...opened, lastSeq: whole.lastSeq, inheritance };
}

/** This boot and this network: the same index is another link elsewhere. */
function surroundingsOf(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${readlinkSync('/proc/self/ns/net')}`;
}

function tellLeftovers({ pending, orphans, uncertain }: Leftovers, log: Logger): void {
  if (pending.length > 0) {
    const events = pending.length === 1 ? '1 event waits' : `${pending.length} events wait`;
    log.info(`${events} for hooks since the last run`);
  }
  for (const { event, path, pid, startTime } of orphans) {
    const still = isAlive(pid, startTime) ? 'and still runs' : 'and has ended since';
    log.warn(`${path} ran for event ${event.seq} when the last run ended, ${still}: it is not run again`, {
      interface: event.link?.name,
      script: path,
      pid,
    });
  }
  for (const { event, path } of uncertain) {
    log.warn(
      `${path} may have run for event ${event.seq} when the last run ended: again, with NETEVD_RETRY=1`,
      {
        interface: event.link?.name,
        script: path,
      },
    );
  }
}

/** Whether the process with this number is the one that was started then (proc(5): field 22). */
function isAlive(pid: number, startTime: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[19]) === startTime;
  } catch {
    return false; // No such process.
  }
}
