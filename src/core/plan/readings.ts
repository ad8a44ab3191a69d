/**
 * What is to be read again, and when: what is in doubt, what networkd has not spoken of, and now and then everything. Holds
 * what the planners of the three remember between their turns.
 */
import { type Instant, instant } from '../ids.ts';
import type { State } from '../state.ts';
import {
  type AcknowledgementMachine,
  newAcknowledgementMachine,
  planAcknowledgement,
} from './acknowledgement.ts';
import { newResyncMachine, planResync, type Reading, type ResyncMachine } from './resync.ts';
import { planAudit } from './routing-audit.ts';

export interface ReadingsTurn {
  readonly kernel: readonly Reading[];
  /** Whether systemd-networkd is to be read. */
  readonly networkd: boolean;
}

export class Readings {
  #resync: ResyncMachine = newResyncMachine;
  #resyncDueAt: Instant | undefined;
  #auditDueAt: Instant | undefined;
  #acknowledgement: AcknowledgementMachine = newAcknowledgementMachine;
  #acknowledgementDueAt: Instant | undefined;

  /** To be called after whatever has changed. `isAudited`: whether rules and routes of ours are to be looked after. */
  settle({ kernel, networkd }: State, isAudited: boolean, now: Instant): ReadingsTurn {
    const resync = planResync(this.#resync, kernel, now);
    this.#resync = resync.machine;
    this.#resyncDueAt = resync.nextAt;
    const audit = planAudit(this.#auditDueAt, isAudited, now);
    this.#auditDueAt = audit.nextAt;
    const heard = planAcknowledgement(this.#acknowledgement, networkd, now);
    this.#acknowledgement = heard.machine;
    this.#acknowledgementDueAt = heard.nextAt;
    return {
      kernel: audit.isDue ? [...resync.readings, { kind: 'everything' }] : resync.readings,
      networkd: heard.isDue,
    };
  }

  /** When to call `settle` if nothing else happens before. */
  nextWakeAt(): Instant | undefined {
    const due = [this.#resyncDueAt, this.#auditDueAt, this.#acknowledgementDueAt].filter(
      (at) => at !== undefined,
    );
    return due.length === 0 ? undefined : instant(Math.min(...due));
  }
}
