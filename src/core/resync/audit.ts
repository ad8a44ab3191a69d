/**
 * The periodic audit of policy routing: a complete dump without any invalidation. It finds rules and routes
 * that the kernel removed without a message.
 */
import { after, type Instant, type Millis, millis } from '../model/ids.ts';

/** A dump of four thousand rules takes the kernel and netevd about fifty milliseconds. */
export const auditInterval: Millis = millis(10 * 60_000);

export interface AuditPlan {
  /** Whether to dump everything now. */
  readonly isDue: boolean;
  /** Time of the next audit; undefined if none is needed. */
  readonly nextAt: Instant | undefined;
}

/** Plans the audit. `dueAt` is `nextAt` of the last plan; `isNeeded`: policy routing has links. */
export function planAudit(dueAt: Instant | undefined, isNeeded: boolean, now: Instant): AuditPlan {
  if (!isNeeded) return { isDue: false, nextAt: undefined };
  const isDue = dueAt !== undefined && dueAt <= now;
  return { isDue, nextAt: dueAt === undefined || isDue ? after(now, auditInterval) : dueAt };
}
