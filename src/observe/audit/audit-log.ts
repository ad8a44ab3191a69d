/**
 * Writes the audit log: one line for each entry, in the next turn of the loop. A failing disk is reported once. Lines
 * wait for it, and the log itself contains the number of lines that were lost.
 */
import { after, type Instant, instant, millis } from '../../core/model/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogDirectory, LogFile } from '../../ports/log-directory.ts';
import type { AuditContext, AuditEntry } from './audit-event.ts';
import { renderAudit, renderLost } from './render-audit.ts';
import { dayOf, expiredNames, rotatedName } from './rotation.ts';

export type AuditHealth =
  | { readonly ok: true }
  /** `errno`: the name of the errno. `since`: wall clock, milliseconds since 1970. */
  | {
      readonly ok: false;
      readonly code: 'NETEVD_AUDIT_UNWRITABLE';
      readonly errno: string;
      readonly since: number;
    };

export interface AuditLogOptions {
  readonly directory: LogDirectory;
  /** Older files are removed. */
  readonly retentionDays: number;
  readonly clock: Clock;
  /** Returns a new UUID. */
  readonly newId: () => string;
  /** Called when writes start to fail and when they work again. */
  readonly onHealth: (health: AuditHealth) => void;
}

/** The tasks of the log. Each may fail on its own: a file that cannot be renamed can still be written to. */
type Task = 'write' | 'rotate' | 'remove';

interface Failing {
  readonly task: Task;
  readonly errno: string;
  readonly since: number;
}

/** Maximum number of lines that wait for a failing disk. */
const mostWaiting = 10_000;
const nextTurn = millis(0);
const retryDelay = millis(60_000);
/** Interval at which an idle log is checked: the day may have changed. */
const roundDelay = millis(3_600_000);

export class AuditLog implements Disposable {
  readonly #options: AuditLogOptions;
  #file: LogFile | undefined;
  /** Day of the lines in the open file. */
  #day = '';
  #lines: string[] = [];
  /** The bytes in progress, without those already written. */
  #rest: Uint8Array = new Uint8Array();
  #timer: Disposable | undefined;
  #round: Disposable;
  #failing: Failing | undefined;
  /** Earliest time to retry a failed rotation. */
  #rotateAt: Instant = instant(0);
  /** Number of lines lost since the last one that was kept. */
  #lostNow = 0;
  /** Failed writes, openings and rotations. */
  failures = 0;
  /** Lines that were lost. */
  lost = 0;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#round = options.clock.schedule(nextTurn, () => this.#look());
  }

  /** Takes an entry, and writes it in the next turn. Failures of the disk never reach the caller. */
  write(entry: AuditEntry, context: AuditContext): void {
    if (this.#lines.length >= mostWaiting) {
      this.omit();
      return;
    }
    this.#lines.push(renderAudit(this.#options.newId(), entry, context));
    this.#timer ??= this.#options.clock.schedule(nextTurn, () => this.#flush());
  }

  /** Counts an entry that is not to be written; the number is written with the next lines. */
  omit(): void {
    this.lost++;
    this.#lostNow++;
  }

  /** Opens the log by its path again: another program may have moved the file. */
  reopen(): void {
    this.#close();
    this.#flush();
  }

  health(): AuditHealth {
    if (this.#failing === undefined) return { ok: true };
    const { errno, since } = this.#failing;
    return { ok: false, code: 'NETEVD_AUDIT_UNWRITABLE', errno, since };
  }

  [Symbol.dispose](): void {
    this.#flush();
    this.#timer?.[Symbol.dispose]();
    this.#round[Symbol.dispose]();
    this.#close();
  }

  #look(): void {
    this.#round = this.#options.clock.schedule(roundDelay, () => this.#look());
    if (this.#failing?.task !== 'write') this.#flush();
    this.#removeExpired();
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    try {
      this.#writeAll(this.#today());
    } catch (error) {
      this.#close();
      this.#timer = this.#options.clock.schedule(retryDelay, () => this.#flush());
      this.#failed('write', errnoOf(error));
      return;
    }
    this.#works('write');
  }

  /** Returns the open file if it still exists and has the current day, or cannot be rotated. */
  #today(): LogFile {
    const { clock } = this.#options;
    const today = dayOf(clock.wall());
    if (this.#file?.isLinked() === false) this.#close();
    const file = this.#file ?? this.#open(today);
    if (this.#day === today || clock.now() < this.#rotateAt) return file;
    this.#rotateAt = after(clock.now(), roundDelay);
    this.#rotate(this.#day);
    return this.#file ?? this.#open(today);
  }

  #open(today: string): LogFile {
    const file = this.#options.directory.open();
    this.#file = file;
    this.#day = file.writtenAt === undefined ? today : dayOf(file.writtenAt);
    if (file.isTorn && this.#rest.length === 0) this.#rest = newLine;
    return file;
  }

  /** If the file cannot be renamed, the log continues in it. */
  #rotate(day: string): void {
    const { directory } = this.#options;
    try {
      directory.rename(rotatedName(directory.name, day, directory.list()));
    } catch (error) {
      this.#failed('rotate', errnoOf(error));
      return;
    }
    this.#close();
    this.#rotateAt = instant(0);
    this.#works('rotate');
    this.#removeExpired();
  }

  #removeExpired(): void {
    const { directory, clock, retentionDays } = this.#options;
    try {
      const today = dayOf(clock.wall());
      const expired = expiredNames(directory.name, directory.list(), today, retentionDays);
      for (const name of expired) directory.remove(name);
    } catch (error) {
      this.#failed('remove', errnoOf(error));
      return;
    }
    this.#works('remove');
  }

  #writeAll(file: LogFile): void {
    this.#writeRest(file);
    if (this.#lostNow > 0) {
      this.#lines.push(renderLost(this.#options.newId(), this.#options.clock.wall(), this.#lostNow));
      this.#lostNow = 0;
    }
    this.#rest = encoder.encode(this.#lines.join(''));
    this.#lines = [];
    this.#writeRest(file);
  }

  #writeRest(file: LogFile): void {
    while (this.#rest.length > 0) this.#rest = this.#rest.subarray(file.append(this.#rest));
  }

  #failed(task: Task, errno: string): void {
    this.failures++;
    if (this.#failing !== undefined) return;
    this.#failing = { task, errno, since: this.#options.clock.wall() };
    this.#options.onHealth(this.health());
  }

  #works(task: Task): void {
    if (this.#failing?.task !== task) return;
    this.#failing = undefined;
    this.#options.onHealth(this.health());
  }

  #close(): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }
}

const encoder = new TextEncoder();
const newLine = encoder.encode('\n');

/** The errno's name of an error of the file system; anything else is a bug. */
function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
