/**
 * When to read systemd-networkd again because it has not spoken of a loss of carrier that the kernel told of. It nearly
 * always does within milliseconds; where it lost messages itself, or a flap was over before it looked, it never will, and
 * what it said before would be doubted for ever.
 */
import { after, type Instant, type Millis, millis } from '../model/ids.ts';
import type { NetworkdState } from '../model/state.ts';

/** Where the planner stands; a value. */
export interface AcknowledgementMachine {
  /** The links that were looked at last, and whether any of them is waited for. */
  readonly seen?: NetworkdState['links'];
  /** When to ask; absent where nothing is waited for. */
  readonly dueAt?: Instant;
  readonly patience: Millis;
}

export interface AcknowledgementPlan {
  readonly machine: AcknowledgementMachine;
  /** networkd is to be read now. */
  readonly isDue: boolean;
  /** When to plan again if nothing happens before. */
  readonly nextAt: Instant | undefined;
}

const leastPatience: Millis = millis(2_000);
const mostPatience: Millis = millis(60_000);

export const newAcknowledgementMachine: AcknowledgementMachine = { patience: leastPatience };

/** To be called after each fact and at `nextAt`. Costs nothing while what networkd said has not changed. */
export function planAcknowledgement(
  machine: AcknowledgementMachine,
  { links, freshness }: NetworkdState,
  now: Instant,
): AcknowledgementPlan {
  const noted = links === machine.seen ? machine : note(machine, links, now);
  if (noted.dueAt === undefined) return { machine: noted, isDue: false, nextAt: undefined };
  // One that is not there cannot be asked; when it returns it is read anyway.
  if (noted.dueAt > now || freshness !== 'current') {
    return { machine: noted, isDue: false, nextAt: freshness === 'current' ? noted.dueAt : undefined };
  }
  const patience = millis(Math.min(mostPatience, noted.patience * 2));
  const dueAt = after(now, patience);
  return { machine: { ...noted, patience, dueAt }, isDue: true, nextAt: dueAt };
}

function note(
  machine: AcknowledgementMachine,
  links: NetworkdState['links'],
  now: Instant,
): AcknowledgementMachine {
  for (const link of links.values()) {
    if (link.acknowledged) continue;
    return { ...machine, seen: links, dueAt: machine.dueAt ?? after(now, machine.patience) };
  }
  return { seen: links, patience: leastPatience };
}
