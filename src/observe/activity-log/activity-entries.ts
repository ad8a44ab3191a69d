/**
 * The story at level info: what happened, and what was done about it, in few lines. Ordinary days are told line by
 * line and at once; of a storm the first lines are told, and then every few seconds how much more there was.
 */

import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { type Instant, type Millis, millis } from '../../core/model/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import {
  type ActivityLine,
  type Draft,
  type EntryGroup,
  findingDrafts,
  isDetailAlone,
  reachedDrafts,
  runDrafts,
  type Topic,
} from './entry-drafts.ts';
import { RateLimiter, type RateVerdict } from './rate-limiter.ts';

/** Links that the start tells of one by one; of more it tells how many are in which state. */
const linksToldOneByOne = 12;

/** What is counted when it is too much to tell, and how many lines of it a link has in one window. */
const rations: Readonly<Record<Topic, number>> = {
  state: 12,
  address: 4,
  route: 4,
  hook: 32,
  output: 32,
  queue: 1,
};

/** Makes lines of what happened, and sums of what is too much for lines. */
export class ActivityEntries {
  readonly #ration: RateLimiter<ActivityLine>;

  /** `window`: how long lines are counted together. */
  constructor(window: Millis = millis(5000)) {
    this.#ration = new RateLimiter(window);
  }

  /** Lines about what was found out, in their order. */
  tell(chapter: EntryGroup, now: Instant): ActivityLine[] {
    const lines = this.wake(now);
    if (chapter.initial) return [...lines, ...startLines(chapter.events)];
    if (chapter.isDetailed === false && isDetailAlone(chapter)) return lines;
    for (const draft of findingDrafts(chapter)) this.#add(lines, draft, now);
    return lines;
  }

  /** Lines about a script that has ended or was refused. */
  tellRun(run: HookRun, now: Instant): ActivityLine[] {
    const lines = this.wake(now);
    for (const draft of runDrafts(run)) this.#add(lines, draft, now);
    return lines;
  }

  /** Sums up what was too much to tell, where its time has come. */
  wake(now: Instant): ActivityLine[] {
    return this.#ration.close(now).map(summary);
  }

  #add(lines: ActivityLine[], { topic, key, unit, line }: Draft, now: Instant): void {
    const name = `${key}/${topic}/${line.level}`;
    if (this.#ration.allows(name, rations[topic], now)) lines.push(line);
    else this.#ration.count(name, unit, line, now);
  }
}

/** Writes lines to a logger. */
export function write(lines: readonly ActivityLine[], logger: Logger): void {
  for (const { level, message, fields } of lines) logger[level](message, fields);
}

/** What there is at the start. */
function startLines(events: readonly NetworkEvent[]): ActivityLine[] {
  const drafts = reachedDrafts(events);
  if (drafts.length <= linksToldOneByOne) return drafts.map(({ line }) => line);
  const counts = new Map<string, number>();
  for (const { line } of drafts) {
    const state = line.message.slice(line.message.indexOf(': ') + 2);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const parts = [...counts].map(([state, count]) => `${count} ${state}`);
  return [{ level: 'info', message: `${drafts.length} links: ${parts.join('; ')}`, fields: {} }];
}

/** `eth0: 247 more addresses added, 12 removed in 5 s` */
function summary({ last, counts, lasted }: RateVerdict<ActivityLine>): ActivityLine {
  const parts = [...counts].map(([unit, count]) => `${count} more ${unit}`);
  const subject = last.message.slice(0, last.message.indexOf(': '));
  const now = last.fields.state === undefined ? '' : `; now ${last.fields.state}`;
  const { interface: name, ifindex, state } = last.fields;
  const message = `${subject}: ${parts.join(', ')} in ${Math.round(lasted / 1000)} s${now}`;
  return { level: last.level, message, fields: { interface: name, ifindex, state } };
}
