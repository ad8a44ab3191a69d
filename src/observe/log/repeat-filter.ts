/**
 * Counts repeated lines. A refused call that is retried each second, or a peer that keeps sending invalid
 * data, is logged once; the repeats are one sum. Reads no clock and writes nothing.
 */
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';

/** The repeats about one subject that were held back. */
export interface RepeatSummary<Line> {
  /** The newest repeat. */
  readonly line: Line;
  readonly times: number;
  /** Milliseconds since the last written line about the subject. */
  readonly over: number;
}

export interface RepeatVerdict<Line> {
  /** Whether to write the line itself. */
  readonly write: boolean;
  /** Sums to write before it. */
  readonly summary?: RepeatSummary<Line>;
}

interface Subject<Line> {
  text: string;
  line: Line;
  held: number;
  since: Instant;
}

/** Time between two sums about the same subject. */
export const repeatWindow: Millis = millis(300_000);
/** Maximum number of subjects; beyond it the oldest is dropped, so that a peer cannot fill the memory. */
const maxSubjects = 1024;

/** Holds back and counts lines with the same text about the same subject. */
export class RepeatFilter<Line> {
  readonly #subjects: Map<string, Subject<Line>> = new Map();

  /** Whether the line `text` about `key` at `now` repeats the last one about the subject. */
  note(key: string, text: string, line: Line, now: Instant): RepeatVerdict<Line> {
    const known = this.#subjects.get(key);
    if (known === undefined) {
      const forgotten = this.#makeRoom(now);
      this.#subjects.set(key, { text, line, held: 0, since: now });
      return forgotten === undefined ? { write: true } : { write: true, summary: forgotten };
    }
    if (known.text !== text) {
      const summary = summaryOf(known, now);
      this.#subjects.delete(key);
      this.#subjects.set(key, { text, line, held: 0, since: now });
      return summary === undefined ? { write: true } : { write: true, summary };
    }
    known.held++;
    known.line = line;
    if (now - known.since < repeatWindow) return { write: false };
    const summary = summaryOf(known, now);
    known.held = 0;
    known.since = now;
    return summary === undefined ? { write: false } : { write: false, summary };
  }

  /** Returns the sums that are due. Drops subjects that were quiet for a window: their next line is written. */
  due(now: Instant): RepeatSummary<Line>[] {
    const summaries: RepeatSummary<Line>[] = [];
    for (const [key, subject] of this.#subjects) {
      if (now - subject.since < repeatWindow) continue;
      const summary = summaryOf(subject, now);
      if (summary === undefined) {
        this.#subjects.delete(key);
      } else {
        summaries.push(summary);
        subject.held = 0;
        subject.since = now;
      }
    }
    return summaries;
  }

  /** Returns all sums: at the end of the process. */
  drain(now: Instant): RepeatSummary<Line>[] {
    const summaries: RepeatSummary<Line>[] = [];
    for (const subject of this.#subjects.values()) {
      const summary = summaryOf(subject, now);
      if (summary !== undefined) summaries.push(summary);
    }
    this.#subjects.clear();
    return summaries;
  }

  #makeRoom(now: Instant): RepeatSummary<Line> | undefined {
    if (this.#subjects.size < maxSubjects) return undefined;
    for (const [key, oldest] of this.#subjects) {
      this.#subjects.delete(key);
      return summaryOf(oldest, now);
    }
    return undefined;
  }
}

function summaryOf<Line>(subject: Subject<Line>, now: Instant): RepeatSummary<Line> | undefined {
  if (subject.held === 0) return undefined;
  return { line: subject.line, times: subject.held, over: now - subject.since };
}
