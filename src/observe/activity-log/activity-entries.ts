/**
 * Writes activity as log lines. Usually each line is logged at once; in a storm the first lines are logged, and then every
 * few seconds the number of further lines.
 */

import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import {
  type ActivityLine,
  type EntryDraft,
  type FindingEntry,
  findingDrafts,
  isDetailAlone,
  reachedDrafts,
  runDrafts,
  type Topic,
} from './entry-drafts.ts';
import { RateLimiter, type RateSummary } from './rate-limiter.ts';

/** Maximum number of links that the start logs one by one; of more links it logs the number in each state. */
const maxStartLines = 12;

/** Maximum number of lines of one topic about one link in one window. */
const lineLimits: Readonly<Record<Topic, number>> = {
  state: 12,
  address: 4,
  route: 4,
  hook: 32,
  output: 32,
  queue: 1,
  repair: 12,
};

/** Makes log lines of activity, and sums of the lines beyond the rate limits. */
export class ActivityEntries {
  readonly #limiter: RateLimiter<ActivityLine>;

  /** `window`: the time in which lines are counted together. */
  constructor(window: Millis = millis(5000)) {
    this.#limiter = new RateLimiter(window);
  }

  /** Returns the lines about a finding, in order. */
  finding(entry: FindingEntry, now: Instant): ActivityLine[] {
    if (entry.initial) return [...this.wake(now), ...startLines(entry.events)];
    if (entry.isDetailed === false && isDetailAlone(entry)) return this.wake(now);
    return this.lines(findingDrafts(entry), now);
  }

  /** Returns the lines about a hook that ended or was refused. */
  hookRun(run: HookRun, now: Instant): ActivityLine[] {
    return this.lines(runDrafts(run), now);
  }

  /** Returns the drafts that the rate limits allow, after the sums that are due. */
  lines(drafts: readonly EntryDraft[], now: Instant): ActivityLine[] {
    const lines = this.wake(now);
    for (const { topic, key, unit, line } of drafts) {
      const name = `${key}/${topic}/${line.level}`;
      if (this.#limiter.allows(name, lineLimits[topic], now)) lines.push(line);
      else this.#limiter.count(name, unit, line, now);
    }
    return lines;
  }

  /** Returns the sums that are due. */
  wake(now: Instant): ActivityLine[] {
    return this.#limiter.close(now).map(summary);
  }
}

/** Writes lines to a logger. */
export function write(lines: readonly ActivityLine[], logger: Logger): void {
  for (const { level, message, fields } of lines) logger[level](message, fields);
}

/** Returns the lines about the links that exist at the start. */
function startLines(events: readonly NetworkEvent[]): ActivityLine[] {
  const drafts = reachedDrafts(events);
  if (drafts.length <= maxStartLines) return drafts.map(({ line }) => line);
  const counts = new Map<string, number>();
  for (const { line } of drafts) {
    const state = line.message.slice(line.message.indexOf(': ') + 2);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const parts = [...counts].map(([state, count]) => `${count} ${state}`);
  return [{ level: 'info', message: `${drafts.length} links: ${parts.join('; ')}`, fields: {} }];
}

/** `eth0: 247 more addresses added, 12 removed in 5 s` */
function summary({ last, counts, lasted }: RateSummary<ActivityLine>): ActivityLine {
  const parts = [...counts].map(([unit, count]) => `${count} more ${unit}`);
  const subject = last.message.slice(0, last.message.indexOf(': '));
  const now = last.fields.state === undefined ? '' : `; now ${last.fields.state}`;
  const { interface: name, ifindex, state } = last.fields;
  const message = `${subject}: ${parts.join(', ')} in ${Math.round(lasted / 1000)} s${now}`;
  return { level: last.level, message, fields: { interface: name, ifindex, state } };
}
