/** Tells the operator what the daemon finds and does: in the log line by line, and in numbers for who looks for a fault. */
import type { Finding } from '../../core/effect.ts';
import {
  emptyOwnershipMemory,
  type OwnershipMemory,
  planOwnershipWarnings,
} from '../../core/events/ownership-warnings.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { Instant } from '../../core/model/ids.ts';
import type { State } from '../../core/model/state.ts';
import type { ResolverNotice } from '../../core/resolver/resolver-notices.ts';
import type { RoutingNotice } from '../../core/routing/report/routing-notices.ts';

import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { ActivityEntries, write } from './activity-entries.ts';
import { ownershipLine } from './ownership-lines.ts';
import { resolverLine } from './resolver-lines.ts';
import { noticeLine } from './routing-lines.ts';

/** Since the start. */
export interface Counters {
  events: number;
  hooks: number;
  failedHooks: number;
  resyncs: number;
}

export class ActivityLog {
  readonly #log: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #story = new ActivityEntries();
  readonly #counters: Counters = { events: 0, hooks: 0, failedHooks: 0, resyncs: 0 };
  #ownership: OwnershipMemory = emptyOwnershipMemory;

  constructor(log: Logger, clock: Pick<Clock, 'now'>) {
    this.#log = log;
    this.#clock = clock;
  }

  get counters(): Readonly<Counters> {
    return this.#counters;
  }

  /**
   * `isMonitored`: whether the operator wants to hear of the link that bears this name. What is found is told when the
   * step is over: hooks start first.
   */
  found(finding: Finding, isMonitored: (name: string) => boolean): void {
    this.#counters.events += finding.events.length;
    if (finding.resync) this.#counters.resyncs++;
    const isDetailed = this.#log.isEnabled('debug');
    const now = this.#clock.now();
    queueMicrotask(() => write(this.#story.tell({ ...finding, isMonitored, isDetailed }, now), this.#log));
  }

  /** A script has ended or was refused. */
  ran(run: HookRun): void {
    this.#counters.hooks++;
    if (run.outcome.kind !== 'exited' || run.outcome.code !== 0) this.#counters.failedHooks++;
    write(this.#story.tellRun(run, this.#clock.now()), this.#log);
  }

  /** Values that no hook of the link was given. */
  leftOut(rejected: readonly (readonly [variable: string, count: number])[], link: string | undefined): void {
    for (const [variable, count] of rejected) {
      const values = count === 1 ? '1 value' : `${count} values`;
      this.#log.warn(`${values} for ${variable} left out: not of its type`, {
        interface: link,
        messageId: 'valueRejected',
        repeatKey: `rejected ${variable} ${link ?? ''}`,
      });
    }
  }

  lostSync(cause: string): void {
    this.#log.warn(`messages of the kernel were lost (${cause}): everything is read again and compared`, {
      component: 'kernel',
      messageId: 'syncLost',
      repeatKey: 'sync-lost',
    });
  }

  noticedRouting(notices: readonly RoutingNotice[]): void {
    for (const notice of notices) {
      const { level, message, fields } = noticeLine(notice);
      this.#log[level](message, { component: 'routing', ...fields });
    }
  }

  noticedResolver(notices: readonly ResolverNotice[]): void {
    for (const notice of notices) {
      const { message, fields } = resolverLine(notice);
      this.#log.warn(message, { component: 'resolver', ...fields });
    }
  }

  /** `code`: why the file of table names could not be written. */
  leftTablesUnnamed(code: string): void {
    this.#log.warn(`the names of routing tables cannot be written (${code})`, {
      component: 'routing',
      repeatKey: 'table-names',
    });
  }

  /** Now and then: sums up what was too much to tell, and warns of what has lasted too long. */
  wake(network: State, now: Instant): void {
    write(this.#story.wake(now), this.#log);
    const { memory, notices } = planOwnershipWarnings(this.#ownership, network, now);
    this.#ownership = memory;
    for (const notice of notices) {
      const { message, fields } = ownershipLine(notice);
      this.#log.warn(message, { component: 'ownership', ...fields });
    }
  }
}
