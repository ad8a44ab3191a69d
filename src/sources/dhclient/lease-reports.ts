/** What the operator should hear about lease files: once when it begins, not again while it lasts. */
import type { Logger } from '../../ports/logger.ts';

/** Problems of one file that are remembered as told. */
const maxTold = 200;

export class LeaseReports {
  readonly #log: Logger;
  /** What is the matter now, by what it is about. */
  readonly #troubles = new Map<string, string>();
  readonly #told = new Map<string, Set<string>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `reason`: why the file is not read; undefined where it is, or is not there. */
  trouble(path: string, reason: string | undefined): void {
    this.#say(`file ${path}`, reason, `the leases in ${path} are not read: ${reason}`);
  }

  /** `code`: why the directory cannot be listed. */
  listing(directory: string, code: string | undefined): void {
    const remedy = code === 'EACCES' ? ': let the user that netevd runs as read it' : '';
    this.#say(`list ${directory}`, code, `cannot look for leases in ${directory} (${code})${remedy}`);
  }

  /** `code`: why the directory cannot be watched. */
  watching(directory: string, code: string | undefined): void {
    const remedy = watchRemedies[code ?? ''] ?? '';
    const message = `cannot watch ${directory} (${code}): new leases are seen up to 2 s late${remedy}`;
    // Told by `listing` already.
    this.#say(`watch ${directory}`, code === 'EACCES' ? undefined : code, message);
  }

  tooMany(directory: string, isTooMany: boolean): void {
    const message = `${directory} has more than 512 lease files: the others are not read`;
    this.#say(`many ${directory}`, isTooMany ? 'many' : undefined, message);
  }

  /** What was left out of a file, one phrase each, beginning with the line. */
  problems(path: string, problems: readonly string[]): void {
    const told = this.#told.get(path) ?? new Set<string>();
    const fresh = problems.filter((problem) => !told.has(withoutLine(problem)));
    if (fresh.length === 0) return;
    for (const problem of fresh) if (told.size < maxTold) told.add(withoutLine(problem));
    this.#told.set(path, told);
    const more = fresh.length > 1 ? ` (and ${fresh.length - 1} more)` : '';
    this.#log.warn(`${path}, ${fresh[0]}${more}: left out`, {
      messageId: 'valueRejected',
      repeatKey: `lease-problems ${path}`,
    });
  }

  #say(about: string, state: string | undefined, message: string): void {
    if (this.#troubles.get(about) === state) return;
    if (state === undefined) this.#troubles.delete(about);
    else {
      this.#troubles.set(about, state);
      this.#log.warn(message, { repeatKey: about });
    }
  }
}

/** sysctl names of fs/notify/inotify/inotify_user.c. */
const watchRemedies: Readonly<Record<string, string>> = {
  ENOSPC: '. Raise fs.inotify.max_user_watches',
  EMFILE: '. Raise fs.inotify.max_user_instances',
};

/** A file grows: the same mistake is in another line each time. */
const withoutLine = (problem: string): string => problem.replace(/^line \d+: /, '');
