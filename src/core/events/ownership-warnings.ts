/**
 * What the operator should know about who manages what: a link that two managers claim, and a manager that is missing
 * although it was asked for or has links of its own. Each is told once, and again only after it was over.
 */
import { after, type IfIndex, type Instant, type Millis, millis } from '../model/ids.ts';
import type { NetworkdLink, NetworkManagerDevice, State } from '../model/state.ts';
import type { AdministrativeState, Source } from '../model/vocabulary.ts';

type Manager = 'systemd-networkd' | 'NetworkManager';

export type OwnershipNotice =
  | {
      readonly kind: 'claimedByTwo';
      readonly index: IfIndex;
      readonly link: string;
    }
  | {
      readonly kind: 'managerMissing';
      readonly manager: Manager;
      /** The configuration names it; otherwise it was there before and had links. */
      readonly isConfigured: boolean;
      /** Managers that are there instead. */
      readonly running: readonly Source[];
    };

/** Where the planner stands; a value. */
export interface OwnershipMemory {
  /** Links that two claim: since when, and whether that was told. */
  readonly claims: ReadonlyMap<IfIndex, Doubt>;
  readonly missing: ReadonlyMap<Manager, Doubt>;
}

interface Doubt {
  readonly since: Instant;
  readonly isTold: boolean;
}

export interface OwnershipPlan {
  readonly memory: OwnershipMemory;
  readonly notices: readonly OwnershipNotice[];
}

export const emptyOwnershipMemory: OwnershipMemory = { claims: new Map(), missing: new Map() };

/** Whatever is over by then was on its way: a manager that restarts, a link that is handed over. */
const patience: Millis = millis(10_000);

/** To be called now and then: once in a second is enough. */
export function planOwnershipWarnings(memory: OwnershipMemory, state: State, now: Instant): OwnershipPlan {
  const notices: OwnershipNotice[] = [];
  const claims = new Map<IfIndex, Doubt>();
  for (const [index, link] of claimedByTwo(state)) {
    claims.set(
      index,
      doubtSince(memory.claims.get(index), now, notices, { kind: 'claimedByTwo', index, link }),
    );
  }
  const missing = new Map<Manager, Doubt>();
  const running = runningManagers(state);
  for (const manager of managers) {
    const isConfigured = state.backend === manager;
    if (!isMissing(state, manager, isConfigured)) continue;
    const notice = { kind: 'managerMissing', manager, isConfigured, running } as const;
    missing.set(manager, doubtSince(memory.missing.get(manager), now, notices, notice));
  }
  return { memory: { claims, missing }, notices };
}

const managers: readonly Manager[] = ['systemd-networkd', 'NetworkManager'];

/** The doubt as it stands now; where its time has come, its notice is told. */
function doubtSince(
  held: Doubt | undefined,
  now: Instant,
  notices: OwnershipNotice[],
  notice: OwnershipNotice,
): Doubt {
  const invalidation = held ?? { since: now, isTold: false };
  if (invalidation.isTold || after(invalidation.since, patience) > now) return invalidation;
  notices.push(notice);
  return { ...invalidation, isTold: true };
}

function claimedByTwo({ networkd, networkManager, links }: State): [IfIndex, string][] {
  if (networkd.freshness !== 'current' || networkManager.freshness !== 'current') return [];
  const claimed: [IfIndex, string][] = [];
  for (const [index, device] of networkManager.devices) {
    const report = networkd.links.get(index);
    const name = links.get(index)?.name;
    if (name !== undefined && report !== undefined && claims(report, device)) claimed.push([index, name]);
  }
  return claimed;
}

const managedSetups: ReadonlySet<AdministrativeState> = new Set(['configuring', 'configured']);

const claims = (report: NetworkdLink, { managed }: NetworkManagerDevice): boolean =>
  managed && managedSetups.has(report.administrative);

/**
 * A manager that was asked for is missing where it is not there; another one where it is gone, and the links that it had
 * are followed without it.
 */
function isMissing(state: State, manager: Manager, isConfigured: boolean): boolean {
  const { freshness } = manager === 'NetworkManager' ? state.networkManager : state.networkd;
  if (isConfigured) return freshness === 'absent' || freshness === 'stale';
  if (freshness !== 'stale' || state.backend !== 'auto') return false;
  for (const { owner } of state.links.values()) if (owner === manager) return true;
  return false;
}

function runningManagers({ networkd, networkManager, leases }: State): readonly Source[] {
  const there: Source[] = [];
  if (networkd.freshness === 'current') there.push('systemd-networkd');
  if (networkManager.freshness === 'current') there.push('NetworkManager');
  if (leases.held.size > 0) there.push('dhclient');
  return there;
}
