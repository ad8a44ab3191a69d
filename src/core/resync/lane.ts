/**
 * Plans all resyncs: of invalidated kernel state, of networkd when it does not report a loss of carrier, and
 * the periodic audit. Stores what the three planners remember.
 */
import { earliest, type Instant } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import { planAudit } from './audit.ts';
import { emptyResyncMemory, planResync, type ResyncMemory, type ResyncRequest } from './kernel-resync.ts';
import {
  type AcknowledgementMemory,
  emptyAcknowledgementMemory,
  planAcknowledgement,
} from './networkd-acknowledgement.ts';

export interface ResyncTurn {
  readonly kernel: readonly ResyncRequest[];
  /** Whether to read systemd-networkd. */
  readonly networkd: boolean;
}

export class ResyncLane {
  #resync: ResyncMemory = emptyResyncMemory;
  #resyncDueAt: Instant | undefined;
  #auditDueAt: Instant | undefined;
  #acknowledgement: AcknowledgementMemory = emptyAcknowledgementMemory;
  #acknowledgementDueAt: Instant | undefined;

  /** Call it after each step. `isAudited`: whether netevd has rules and routes of its own to audit. */
  plan({ kernel, networkd }: State, isAudited: boolean, now: Instant): ResyncTurn {
    const resync = planResync(this.#resync, kernel, now);
    this.#resync = resync.memory;
    this.#resyncDueAt = resync.nextAt;
    const audit = planAudit(this.#auditDueAt, isAudited, now);
    this.#auditDueAt = audit.nextAt;
    const acknowledgement = planAcknowledgement(this.#acknowledgement, networkd, now);
    this.#acknowledgement = acknowledgement.memory;
    this.#acknowledgementDueAt = acknowledgement.nextAt;
    return {
      kernel: audit.isDue ? [...resync.dumps, { kind: 'everything' }] : resync.dumps,
      networkd: acknowledgement.isDue,
    };
  }

  /** When to call `plan` without a new step. */
  nextWakeAt(): Instant | undefined {
    return earliest([this.#resyncDueAt, this.#auditDueAt, this.#acknowledgementDueAt]);
  }
}
