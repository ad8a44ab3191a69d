/**
 * What is to be read again, and when: what is in doubt, what networkd has not spoken of, and now and then everything. Holds
 * what the planners of the three remember between their turns.
 */
import { type Instant, instant } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import { planAudit } from './audit.ts';
import { newResyncMachine, planResync, type ResyncMachine, type ResyncRequest } from './kernel-resync.ts';
import {
  type AcknowledgementMachine,
  newAcknowledgementMachine,
  planAcknowledgement,
} from './networkd-acknowledgement.ts';

export interface ResyncTurn {
  readonly kernel: readonly ResyncRequest[];
  /** Whether systemd-networkd is to be read. */
  readonly networkd: boolean;
}

export class ResyncLane {
  #resync: ResyncMachine = newResyncMachine;
  #resyncDueAt: Instant | undefined;
  #auditDueAt: Instant | undefined;
  #acknowledgement: AcknowledgementMachine = newAcknowledgementMachine;
  #acknowledgementDueAt: Instant | undefined;

  /** To be called after whatever has changed. `isAudited`: whether rules and routes of ours are to be looked after. */
  plan({ kernel, networkd }: State, isAudited: boolean, now: Instant): ResyncTurn {
    const resync = planResync(this.#resync, kernel, now);
    this.#resync = resync.machine;
    this.#resyncDueAt = resync.nextAt;
    const audit = planAudit(this.#auditDueAt, isAudited, now);
    this.#auditDueAt = audit.nextAt;
    const initialReads = planAcknowledgement(this.#acknowledgement, networkd, now);
    this.#acknowledgement = initialReads.machine;
    this.#acknowledgementDueAt = initialReads.nextAt;
    return {
      kernel: audit.isDue ? [...resync.readings, { kind: 'everything' }] : resync.readings,
      networkd: initialReads.isDue,
    };
  }

  /** When to call `plan` if nothing else happens before. */
  nextWakeAt(): Instant | undefined {
    const due = [this.#resyncDueAt, this.#auditDueAt, this.#acknowledgementDueAt].filter(
      (at) => at !== undefined,
    );
    return due.length === 0 ? undefined : instant(Math.min(...due));
  }
}
