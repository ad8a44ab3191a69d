/**
 * Warnings about the managers of links: a link that two managers claim, and a manager that is not running
 * although it is configured or had links. Each warning is reported once, and again only if its cause returns.
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
      /** The configuration names the manager; otherwise it ran before and had links. */
      readonly isConfigured: boolean;
      /** Managers that run instead. */
      readonly running: readonly Source[];
    };

/** The memory of the planner between two plans. Immutable. */
export interface OwnershipMemory {
  /** Links that two managers claim. */
  readonly claims: ReadonlyMap<IfIndex, PendingWarning>;
  readonly missing: ReadonlyMap<Manager, PendingWarning>;
}

interface PendingWarning {
  readonly since: Instant;
  readonly isReported: boolean;
}

export interface OwnershipPlan {
  readonly memory: OwnershipMemory;
  readonly notices: readonly OwnershipNotice[];
}

export const emptyOwnershipMemory: OwnershipMemory = { claims: new Map(), missing: new Map() };

/**
 * A cause that ends within this time is a transition: a manager that restarts, a link that changes its
 * manager.
 */
const gracePeriod: Millis = millis(10_000);

/** Plans the warnings that are due. Call it periodically: once a second is enough. */
export function planOwnershipWarnings(memory: OwnershipMemory, state: State, now: Instant): OwnershipPlan {
  const notices: OwnershipNotice[] = [];
  const claims = new Map<IfIndex, PendingWarning>();
  for (const [index, link] of claimedByTwo(state)) {
    claims.set(index, track(memory.claims.get(index), now, notices, { kind: 'claimedByTwo', index, link }));
  }
  const missing = new Map<Manager, PendingWarning>();
  const running = runningManagers(state);
  for (const manager of managers) {
    const isConfigured = state.backend === manager;
    if (!isMissing(state, manager, isConfigured)) continue;
    const notice = { kind: 'managerMissing', manager, isConfigured, running } as const;
    missing.set(manager, track(memory.missing.get(manager), now, notices, notice));
  }
  return { memory: { claims, missing }, notices };
}

const managers: readonly Manager[] = ['systemd-networkd', 'NetworkManager'];

/** Returns the warning as of `now`; adds its notice once the grace period is over. */
function track(
  previous: PendingWarning | undefined,
  now: Instant,
  notices: OwnershipNotice[],
  notice: OwnershipNotice,
): PendingWarning {
  const warning = previous ?? { since: now, isReported: false };
  if (warning.isReported || after(warning.since, gracePeriod) > now) return warning;
  notices.push(notice);
  return { ...warning, isReported: true };
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

/** Whether a configured manager is not running, or another one is gone while links still belong to it. */
function isMissing(state: State, manager: Manager, isConfigured: boolean): boolean {
  const { freshness } = manager === 'NetworkManager' ? state.networkManager : state.networkd;
  if (isConfigured) return freshness === 'absent' || freshness === 'stale';
  if (freshness !== 'stale' || state.backend !== 'auto') return false;
  for (const { owner } of state.links.values()) if (owner === manager) return true;
  return false;
}

function runningManagers({ networkd, networkManager, leases }: State): readonly Source[] {
  const running: Source[] = [];
  if (networkd.freshness === 'current') running.push('systemd-networkd');
  if (networkManager.freshness === 'current') running.push('NetworkManager');
  if (leases.active.size > 0) running.push('dhclient');
  return running;
}
