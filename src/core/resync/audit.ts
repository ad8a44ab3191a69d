/**
 * The slow audit of policy routing: now and then everything is read again, although nothing says that it should be. What the
 * kernel has dropped without a word that is known today is found by it.
 */
import { after, type Instant, type Millis, millis } from '../model/ids.ts';

/** Reading four thousand rules takes the kernel and us some fifty milliseconds. */
export const auditInterval: Millis = millis(10 * 60_000);

export interface AuditPlan {
  /** Whether everything is to be read now. */
  readonly isDue: boolean;
  /** When the next audit is; undefined where there is nothing to look after. */
  readonly nextAt: Instant | undefined;
}

/** `dueAt` is what the last plan named; `isNeeded`: some link has a table of its own. */
export function planAudit(dueAt: Instant | undefined, isNeeded: boolean, now: Instant): AuditPlan {
  if (!isNeeded) return { isDue: false, nextAt: undefined };
  const isDue = dueAt !== undefined && dueAt <= now;
  return { isDue, nextAt: dueAt === undefined || isDue ? after(now, auditInterval) : dueAt };
}
