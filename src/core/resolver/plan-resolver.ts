/**
 * Reconciles name resolution and the host name: plans the difference between the settings of the leases and
 * those sent. Pure. Call it when the state changes in a way that `isRelevantToResolver`, after the outcomes
 * of calls, when a service returns, and at `nextAt`.
 */

import { isSameList } from '../model/equality.ts';
import { after, earliest, type Instant, type Millis, millis } from '../model/ids.ts';
import { linkKey } from '../model/keys.ts';
import type { ActiveLease, State } from '../model/state.ts';
import { callKey, hostLane, type LinkTarget, laneOf, type ResolverCall } from './call.ts';
import {
  isSameRequest,
  type ResolverFailure,
  type ResolverMemory,
  type Sent,
  type SentHostName,
  type SentLink,
} from './resolver-memory.ts';
import { type ResolverNotice, resolverNotices } from './resolver-notices.ts';
import { type ResolverSettings, type WantedLinkSettings, wantedLinks } from './wanted-settings.ts';

export interface ResolverPlan {
  readonly calls: readonly ResolverCall[];
  /** New notices for the operator. */
  readonly notices: readonly ResolverNotice[];
  readonly memory: ResolverMemory;
  /** When to plan again without a change. */
  readonly nextAt?: Instant;
}

/**
 * dhclient writes a lease before its script sets the address: until then the settings of the previous lease
 * stay. IPv6 addresses are ready at the latest after duplicate address detection.
 */
const arrivalGrace: Millis = millis(5000);

/** Plans the calls that lead from what was sent to what the active leases want. */
export function planResolver(
  state: State,
  settings: ResolverSettings,
  memory: ResolverMemory,
  now: Instant,
): ResolverPlan {
  // The leases are not read yet.
  if (state.leases.freshness === 'absent') return { calls: [], notices: [], memory };
  const wanted = wantedLinks(state, settings);
  if (isIdle(wanted, memory)) return { calls: [], notices: [], memory };
  const arriving = noteArrivals(wanted, memory.arriving, now);
  const isAwaited = (key: string): boolean =>
    wanted.get(key)?.arriving.some((lease) => now < graceOf(arriving, lease, now)) === true;
  const present = presentLinks(memory.links, state);
  const managed = new Set([...memory.managed].filter((key) => wanted.has(key) || present.has(key)));
  const links = linksWithSameService(present, wanted, managed);
  const batch = new CallBatch(memory, now);
  for (const key of new Set([...links.keys(), ...wanted.keys()])) {
    const sent = links.get(key);
    if (sent !== undefined && isAwaited(key)) continue;
    batch.add(key, linkCalls(targetOf(sent, wanted.get(key), managed), sent, wanted.get(key)));
  }
  const isHostAwaited = memory.host !== undefined && isAwaited(memory.host.from);
  if (!isHostAwaited) batch.add(hostLane, hostCalls(wanted, memory.host));
  const { calls, failures, waitUntil } = batch;
  const notices = resolverNotices({ failures, ...(memory.host !== undefined && { host: memory.host }) });
  const next: ResolverMemory = {
    ...memory,
    links,
    managed,
    arriving,
    failures,
    inFlight: new Map([...memory.inFlight, ...calls.map((call) => [laneOf(call), false] as const)]),
    reported: new Set(notices.map(({ key }) => key)),
  };
  const graces = [...arriving.values()].map((since) => after(since, arrivalGrace)).filter((at) => at > now);
  const nextAt = earliest([waitUntil, ...graces]);
  const newNotices = notices.filter(({ key }) => !memory.reported.has(key));
  const plan = { calls, notices: newNotices, memory: next };
  return nextAt === undefined ? plan : { ...plan, nextAt };
}

const isIdle = (wanted: ReadonlyMap<string, WantedLinkSettings>, memory: ResolverMemory): boolean =>
  wanted.size === 0 &&
  memory.links.size === 0 &&
  memory.host === undefined &&
  memory.failures.size === 0 &&
  memory.reported.size === 0;

/**
 * Returns since when each lease waits for its address: one whose grace period is over does not wait again.
 */
function noteArrivals(
  wanted: ReadonlyMap<string, WantedLinkSettings>,
  before: ReadonlyMap<string, Instant>,
  now: Instant,
): ReadonlyMap<string, Instant> {
  const arriving = new Map<string, Instant>();
  for (const { arriving: leases } of wanted.values()) {
    for (const lease of leases) arriving.set(leaseIdentity(lease), before.get(leaseIdentity(lease)) ?? now);
  }
  return arriving;
}

const leaseIdentity = ({ interfaceName, addresses }: ActiveLease): string =>
  `${interfaceName} ${addresses.join(' ')}`;

const graceOf = (arriving: ReadonlyMap<string, Instant>, lease: ActiveLease, now: Instant): Instant =>
  after(arriving.get(leaseIdentity(lease)) ?? now, arrivalGrace);

/**
 * Returns what was sent for links that still exist, except NetworkManager's: it has sent its own settings
 * since.
 */
function presentLinks(
  links: ReadonlyMap<string, SentLink>,
  { links: statuses }: State,
): ReadonlyMap<string, SentLink> {
  const present = [...links].filter(([key, { link }]) => {
    const status = statuses.get(link.index);
    return status !== undefined && linkKey(status) === key && status.owner !== 'NetworkManager';
  });
  return present.length === links.size ? links : new Map(present);
}

/**
 * Drops links with another service than before: with a change of the manager, each service forgets the
 * settings.
 */
function linksWithSameService(
  links: ReadonlyMap<string, SentLink>,
  wanted: ReadonlyMap<string, WantedLinkSettings>,
  managed: ReadonlySet<string>,
): ReadonlyMap<string, SentLink> {
  const same = [...links].filter(
    ([key, sent]) => targetOf(sent, wanted.get(key), managed)?.service === sent.link.service,
  );
  return same.length === links.size ? links : new Map(same);
}

/**
 * Returns the current target for calls of a link. A former service forgot its settings when the manager
 * changed.
 */
function targetOf(
  sent: SentLink | undefined,
  wanted: WantedLinkSettings | undefined,
  managed: ReadonlySet<string>,
): LinkTarget | undefined {
  if (wanted === undefined) return sent?.link;
  const { index, generation, name, owner } = wanted.status;
  const isManaged = owner === 'systemd-networkd' || managed.has(wanted.key);
  return { service: isManaged ? 'network1' : 'resolve1', index, generation, name };
}

function linkCalls(
  link: LinkTarget | undefined,
  before: SentLink | undefined,
  wanted: WantedLinkSettings | undefined,
): readonly ResolverCall[] {
  if (link === undefined) return [];
  const sent = before?.link.service === link.service ? before : undefined;
  const { dns = [], domains = [] } = wanted ?? {};
  if (dns.length + domains.length === 0) return hasSettings(sent) ? [{ kind: 'revertLink', link }] : [];
  const calls: ResolverCall[] = [];
  if (differs(sent?.dns, dns)) calls.push({ kind: 'setLinkDns', link, servers: dns });
  if (differs(sent?.domains, domains)) calls.push({ kind: 'setLinkDomains', link, domains });
  return calls;
}

const hasSettings = (sent: SentLink | undefined): boolean =>
  [sent?.dns, sent?.domains].some(
    (part) => part !== undefined && (part.value.length > 0 || !part.isAcknowledged),
  );

/** Whether the setting must be sent. A setting that netevd never sent is left as other programs set it. */
function differs(sent: Sent<readonly string[]> | undefined, wanted: readonly string[]): boolean {
  if (sent === undefined) return wanted.length > 0;
  return !(sent.isAcknowledged && isSameList(sent.value, wanted));
}

/**
 * Of several host names, the current one stays while its lease has it; else the link with the lowest index
 * wins.
 */
function hostCalls(
  wanted: ReadonlyMap<string, WantedLinkSettings>,
  sent: ResolverMemory['host'],
): readonly ResolverCall[] {
  const named = [...wanted.values()].filter(({ hostName }) => hostName !== undefined);
  const byIndex = named.toSorted((a, b) => a.status.index - b.status.index);
  const { hostName: name, key: from } = byIndex.find(({ key }) => key === sent?.from) ?? byIndex[0] ?? {};
  if (name === undefined || from === undefined) {
    return sent === undefined ? [] : [{ kind: 'resetHostname', expected: sent.value, to: ownNameOf(sent) }];
  }
  return sent?.isAcknowledged === true && sent.value === name ? [] : [{ kind: 'setHostname', name, from }];
}

/** Returns the name to restore. The fallback name applies without being set. */
const ownNameOf = ({ before = '' }: SentHostName): string => (/^localhost(\.|$)/i.test(before) ? '' : before);

/** Collects calls whose lane is idle; postpones those that failed recently. */
class CallBatch {
  readonly calls: ResolverCall[] = [];
  /** Failures of wanted calls. */
  readonly failures = new Map<string, ResolverFailure>();
  waitUntil: Instant | undefined;
  readonly #memory: ResolverMemory;
  readonly #now: Instant;

  constructor(memory: ResolverMemory, now: Instant) {
    this.#memory = memory;
    this.#now = now;
  }

  /** Calls wait while others of their lane are in flight. */
  add(lane: string, calls: readonly ResolverCall[]): void {
    const isFree = !this.#memory.inFlight.has(lane);
    for (const call of calls) {
      const failure = this.#memory.failures.get(callKey(call));
      const isRepeated = failure !== undefined && isSameRequest(failure.call, call);
      if (isRepeated) this.failures.set(callKey(call), failure);
      const isPostponed = isRepeated && (failure.retryAt === undefined || this.#now < failure.retryAt);
      if (isPostponed) this.#wait(failure.retryAt);
      else if (isFree) this.calls.push(call);
    }
  }

  #wait(until: Instant | undefined): void {
    this.waitUntil = earliest([this.waitUntil, until]);
  }
}
