/** Logs problems of lease files: each once when it begins, not again while it lasts. */
import type { LogFields, Logger } from '../../ports/logger.ts';
import type { LeaseFileProblem } from './lease-file.ts';

/** Remembered problems of one file. */
const maxRemembered = 200;

export class LeaseProblemLog {
  readonly #log: Logger;
  /** Code of the present problem of each subject. */
  readonly #present = new Map<string, string>();
  readonly #logged = new Map<string, Set<string>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `problem`: why the file is not read; undefined where it is read or does not exist. */
  file(path: string, problem: LeaseFileProblem | undefined): void {
    this.#logOnce(`file ${path}`, problem?.code, `lease file not read: ${problem?.reason}`, { path });
  }

  /** `code`: the errno name, where the directory cannot be listed. */
  listing(directory: string, code: string | undefined): void {
    const fix = code === 'EACCES' ? '; fix: let the user that netevd runs as read it' : '';
    this.#logOnce(`list ${directory}`, code, `${directory}: cannot list lease files: ${code}${fix}`, {
      path: directory,
    });
  }

  /** `code`: the errno name, where the directory cannot be watched. */
  watching(directory: string, code: string | undefined): void {
    const fix = watchFixes[code ?? ''] ?? '';
    const message = `${directory}: cannot watch: ${code}; new leases are read up to 2 s late${fix}`;
    // `listing` reports EACCES.
    this.#logOnce(`watch ${directory}`, code === 'EACCES' ? undefined : code, message, { path: directory });
  }

  tooMany(directory: string, isTooMany: boolean): void {
    const message = `${directory}: more than 512 lease files; the others are not read`;
    this.#logOnce(`many ${directory}`, isTooMany ? 'too-many' : undefined, message, { path: directory });
  }

  /** `problems`: the parts of a file that were left out, one phrase each, starting with the line. */
  content(path: string, problems: readonly string[]): void {
    const logged = this.#logged.get(path) ?? new Set<string>();
    const fresh = problems.filter((problem) => !logged.has(withoutLine(problem)));
    if (fresh.length === 0) return;
    for (const problem of fresh) if (logged.size < maxRemembered) logged.add(withoutLine(problem));
    this.#logged.set(path, logged);
    const more = fresh.length > 1 ? ` (and ${fresh.length - 1} more)` : '';
    this.#log.warn(`${path}: part left out: ${fresh[0]}${more}`, {
      path,
      messageId: 'valueRejected',
      repeatKey: `lease-problems ${path}`,
    });
  }

  #logOnce(subject: string, code: string | undefined, message: string, fields: LogFields): void {
    if (this.#present.get(subject) === code) return;
    if (code === undefined) this.#present.delete(subject);
    else {
      this.#present.set(subject, code);
      this.#log.warn(message, { ...fields, code, repeatKey: subject });
    }
  }
}

/** The limits of fs/notify/inotify/inotify_user.c. */
const watchFixes: Readonly<Record<string, string>> = {
  ENOSPC: '; fix: raise fs.inotify.max_user_watches',
  EMFILE: '; fix: raise fs.inotify.max_user_instances',
};

/** A file grows, and the same problem moves to another line each time. */
const withoutLine = (problem: string): string => problem.replace(/^line \d+: /, '');
