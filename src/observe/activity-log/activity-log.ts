/** The activity log: the observer that writes activity to the log, and counts it for diagnostics. */
import type { Activity, Finding, HookValuesRejected, SourceChanged } from '../../core/activity.ts';
import {
  emptyOwnershipMemory,
  type OwnershipMemory,
  planOwnershipWarnings,
} from '../../core/events/ownership-warnings.ts';
import { succeeded } from '../../core/hooks/hook-run.ts';
import type { Instant } from '../../core/model/ids.ts';
import type { State } from '../../core/model/state.ts';
import type { LinkNameOf } from '../../core/routing/report/labels.ts';
import type { ActivityGap, ActivityObserver } from '../../ports/activity-observer.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { ActivityEntries, write } from './activity-entries.ts';
import { ownershipLine } from './ownership-lines.ts';
import { resolverDrafts, routingDrafts } from './repair-drafts.ts';
import { resolverLine } from './resolver-lines.ts';
import { noticeLine } from './routing-lines.ts';

/** Counts since the start. */
export interface Counters {
  events: number;
  hooks: number;
  failedHooks: number;
  resyncs: number;
}

/** What the log reads about links when it writes a line. */
export interface LinkQueries {
  /** Whether the operator monitors the link with this name. */
  readonly isMonitored: (name: string) => boolean;
  readonly nameOf: LinkNameOf;
}

export class ActivityLog implements ActivityObserver {
  readonly name = 'log';
  readonly queueLimit: number = Number.POSITIVE_INFINITY;
  readonly #log: Logger;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #links: LinkQueries;
  readonly #entries = new ActivityEntries();
  readonly #counters: Counters = { events: 0, hooks: 0, failedHooks: 0, resyncs: 0 };
  #ownership: OwnershipMemory = emptyOwnershipMemory;

  constructor(log: Logger, clock: Pick<Clock, 'now'>, links: LinkQueries) {
    this.#log = log;
    this.#clock = clock;
    this.#links = links;
  }

  get counters(): Readonly<Counters> {
    return this.#counters;
  }

  observe(activity: Activity | ActivityGap): void {
    switch (activity.kind) {
      case 'finding':
        this.#finding(activity);
        break;
      case 'hookRunEnded':
        this.#counters.hooks++;
        if (!succeeded(activity.run)) this.#counters.failedHooks++;
        write(this.#entries.hookRun(activity.run, this.#clock.now()), this.#log);
        break;
      case 'hookValuesRejected':
        this.#valuesRejected(activity);
        break;
      case 'routingChanged': {
        const drafts = routingDrafts([activity.outcome], this.#links.nameOf);
        write(this.#entries.lines(drafts, this.#clock.now()), this.#log);
        break;
      }
      case 'routingNoticed': {
        const { level, message, fields } = noticeLine(activity.notice);
        this.#log[level](message, { component: 'routing', ...fields });
        break;
      }
      case 'resolverChanged':
        write(this.#entries.lines(resolverDrafts([activity.outcome]), this.#clock.now()), this.#log);
        break;
      case 'resolverNoticed': {
        const { message, fields } = resolverLine(activity.notice);
        this.#log.warn(message, { component: 'resolver', ...fields });
        break;
      }
      case 'sourceChanged':
        this.#sourceChanged(activity);
        break;
      case 'configReloaded':
        this.#configReloaded(activity);
        break;
      case 'epochBegan':
        this.#log.info('records are numbered in a new epoch', {
          component: 'history',
          epoch: activity.epoch,
        });
        break;
      case 'lifecycle':
      case 'gap':
        break;
    }
  }

  /** `code`: why the file of table names could not be written. */
  tableNamesUnwritable(code: string): void {
    this.#log.warn(`cannot write the names of routing tables (${code})`, {
      component: 'routing',
      repeatKey: 'table-names',
    });
  }

  /** Call it periodically. Logs the sums of the rate limits, and warnings about managers that are due. */
  wake(network: State, now: Instant): void {
    write(this.#entries.wake(now), this.#log);
    const { memory, notices } = planOwnershipWarnings(this.#ownership, network, now);
    this.#ownership = memory;
    for (const notice of notices) {
      const { message, fields } = ownershipLine(notice);
      this.#log.warn(message, { component: 'ownership', ...fields });
    }
  }

  #finding(finding: Finding): void {
    this.#counters.events += finding.events.length;
    if (finding.resync) this.#counters.resyncs++;
    const { isMonitored } = this.#links;
    const entry = { ...finding, isMonitored, isDetailed: this.#log.isEnabled('debug') };
    write(this.#entries.finding(entry, this.#clock.now()), this.#log);
  }

  #valuesRejected({ link, rejected }: HookValuesRejected): void {
    for (const [variable, count] of rejected) {
      const values = count === 1 ? '1 value' : `${count} values`;
      this.#log.warn(`${link?.name ?? 'host'}: ${values} of ${variable} withheld from hooks: invalid`, {
        interface: link?.name,
        messageId: 'valueRejected',
        repeatKey: `rejected ${variable} ${link?.name ?? ''}`,
      });
    }
  }

  #sourceChanged({ source, from, to, cause, seq }: SourceChanged): void {
    const fields = { component: 'source', backend: source, seq, state: to };
    if (cause !== undefined && cause !== 'requested') {
      this.#log.warn(`${source}: messages lost (${cause}); reading everything again`, {
        ...fields,
        messageId: 'syncLost',
        repeatKey: `sync-lost ${source}`,
      });
      return;
    }
    const isBack = to === 'current';
    this.#log[isBack ? 'info' : 'warn'](`${source}: ${isBack ? 'available' : to} (was ${from})`, {
      ...fields,
      ...(source === 'kernel' ? {} : { messageId: isBack ? 'sourceRestored' : 'sourceLost' }),
      repeatKey: `source ${source} ${to}`,
    });
  }

  #configReloaded(reload: Activity & { readonly kind: 'configReloaded' }): void {
    const { ok, changed, problems, seq } = reload;
    for (const { text, code } of problems) this.#log.error(text, { errorCode: code });
    if (!ok) {
      const errors = problems.length === 1 ? '1 error' : `${problems.length} errors`;
      this.#log.error(`configuration refused: ${errors}; keeping the current one`, {
        messageId: 'configRejected',
        seq,
        errors: problems.length,
      });
      return;
    }
    const what = changed.length === 0 ? 'no changes' : `changed: ${changed.join(', ')}`;
    this.#log.info(`configuration reloaded, ${what}`, { messageId: 'configReloaded', seq, changed });
  }
}
