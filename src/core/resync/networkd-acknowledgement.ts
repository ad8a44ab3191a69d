/**
 * Plans when to read systemd-networkd again because it has not acknowledged a loss of carrier that the kernel
 * reported. It nearly always does within milliseconds. If networkd lost messages, or if the flap was shorter
 * than its reaction, it never does, and netevd would ignore its report permanently.
 */
import { after, type Instant, type Millis, millis } from '../model/ids.ts';
import type { NetworkdState } from '../model/state.ts';

/** The memory of the planner between two plans. Immutable. */
export interface AcknowledgementMemory {
  /** The links at the last call. */
  readonly seen?: NetworkdState['links'];
  /** When to read networkd; absent if every loss is acknowledged. */
  readonly dueAt?: Instant;
  readonly timeout: Millis;
}

export interface AcknowledgementPlan {
  readonly memory: AcknowledgementMemory;
  /** Whether to read networkd now. */
  readonly isDue: boolean;
  /** When to plan again without a new fact. */
  readonly nextAt: Instant | undefined;
}

const minTimeout: Millis = millis(2_000);
const maxTimeout: Millis = millis(60_000);

export const emptyAcknowledgementMemory: AcknowledgementMemory = { timeout: minTimeout };

/** Call it after each fact and at `nextAt`. Costs nothing while networkd's reports do not change. */
export function planAcknowledgement(
  memory: AcknowledgementMemory,
  { links, freshness }: NetworkdState,
  now: Instant,
): AcknowledgementPlan {
  const noted = links === memory.seen ? memory : note(memory, links, now);
  if (noted.dueAt === undefined) return { memory: noted, isDue: false, nextAt: undefined };
  // A networkd that is not running cannot answer; its return causes a read anyway.
  if (noted.dueAt > now || freshness !== 'current') {
    return { memory: noted, isDue: false, nextAt: freshness === 'current' ? noted.dueAt : undefined };
  }
  const timeout = millis(Math.min(maxTimeout, noted.timeout * 2));
  const dueAt = after(now, timeout);
  return { memory: { ...noted, timeout, dueAt }, isDue: true, nextAt: dueAt };
}

function note(
  memory: AcknowledgementMemory,
  links: NetworkdState['links'],
  now: Instant,
): AcknowledgementMemory {
  for (const link of links.values()) {
    if (link.acknowledged) continue;
    return { ...memory, seen: links, dueAt: memory.dueAt ?? after(now, memory.timeout) };
  }
  return { seen: links, timeout: minTimeout };
}
