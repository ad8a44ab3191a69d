/**
 * Counting lines that say the same thing again. A refused call that is tried each second, a peer that keeps sending
 * rubbish: the first line says it, the rest are one sum. Reads no clock and writes nothing.
 */
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';

/** What was held back about one subject. */
export interface RepeatSummary<Line> {
  /** The line as it was last given. */
  readonly line: Line;
  readonly times: number;
  /** Milliseconds since the last line about it that was written. */
  readonly over: number;
}

export interface RepeatVerdict<Line> {
  /** Whether the line itself is to be written. */
  readonly write: boolean;
  /** Written before it. */
  readonly summary?: RepeatSummary<Line>;
}

interface Subject<Line> {
  text: string;
  line: Line;
  held: number;
  since: Instant;
}

/** Between two sums about the same subject. */
export const repeatWindow: Millis = millis(300_000);
/** Most subjects that are remembered: past it the oldest is forgotten, so that nobody can make this grow. */
const maxSubjects = 1024;

/** Holds back lines that say the same about the same, and counts them. */
export class RepeatFilter<Line> {
  readonly #subjects: Map<string, Subject<Line>> = new Map();

  /** A line `text` about `key` at `now`: the same as the last one about it, or news? */
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

  /** Sums that are due. A subject that was quiet for a whole window is forgotten: its next line is news again. */
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

  /** Everything that is still held back: at the end of the process. */
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
