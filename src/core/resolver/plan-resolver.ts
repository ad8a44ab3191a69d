/**
 * Name resolution and the host's name as a reconciliation: what the leases say, less what was sent. Pure. To be called
 * again whenever the state has changed in a way that `isRelevantToResolver`, when the outcomes of calls have come, when a
 * service has come back, and when the time that the plan named has passed.
 */

import { isSameList } from '../model/equality.ts';
import { after, type Instant, type Millis, millis } from '../model/ids.ts';
import type { ActiveLease, State } from '../model/state.ts';
import { callKey, hostLane, type LinkTarget, laneOf, linkKey, type ResolverCall } from './call.ts';
import {
  type Failure,
  isSameDemand,
  type ResolverMemory,
  type Sent,
  type SentHostName,
  type SentLink,
} from './resolver-memory.ts';
import { type ResolverNotice, resolverNotices } from './resolver-notices.ts';
import { type ResolverSettings, type WantedLink, wantedLinks } from './wanted-settings.ts';

export interface ResolverPlan {
  readonly calls: readonly ResolverCall[];
  /** What the operator should know, once. */
  readonly notices: readonly ResolverNotice[];
  readonly memory: ResolverMemory;
  /** Plan again then, even if nothing happens. */
  readonly nextAt?: Instant;
}

/**
 * dhclient writes a lease down before its script sets the address: until then, what was sent of the lease before stays.
 * IPv6 addresses come with the end of duplicate address detection at the latest.
 */
const arrivalGrace: Millis = millis(5000);

export function planResolver(
  state: State,
  settings: ResolverSettings,
  memory: ResolverMemory,
  now: Instant,
): ResolverPlan {
  // Nothing was read yet: what leases say is not known.
  if (state.leases.freshness === 'absent') return { calls: [], notices: [], memory };
  const wanted = wantedLinks(state, settings);
  if (isIdle(wanted, memory)) return { calls: [], notices: [], memory };
  const arriving = noteArrivals(wanted, memory.arriving, now);
  const isAwaited = (key: string): boolean =>
    wanted.get(key)?.arriving.some((lease) => now < graceOf(arriving, lease, now)) === true;
  const there = linksThatAre(memory.links, state);
  const managed = new Set([...memory.managed].filter((key) => wanted.has(key) || there.has(key)));
  const links = linksInTheSameHands(there, wanted, managed);
  const gate = new Gate(memory, now);
  for (const key of new Set([...links.keys(), ...wanted.keys()])) {
    const sent = links.get(key);
    if (sent !== undefined && isAwaited(key)) continue;
    gate.offer(key, linkCalls(targetOf(sent, wanted.get(key), managed), sent, wanted.get(key)));
  }
  const isHostAwaited = memory.host !== undefined && isAwaited(memory.host.from);
  if (!isHostAwaited) gate.offer(hostLane, hostCalls(wanted, memory.host));
  const { calls, failures, waitUntil } = gate;
  const notices = resolverNotices({ failures, ...(memory.host !== undefined && { host: memory.host }) });
  const next: ResolverMemory = {
    ...memory,
    links,
    managed,
    arriving,
    failures,
    inFlight: new Map([...memory.inFlight, ...calls.map((call) => [laneOf(call), false] as const)]),
    told: new Set(notices.map(({ key }) => key)),
  };
  const graces = [...arriving.values()].map((since) => after(since, arrivalGrace)).filter((at) => at > now);
  const nextAt = earliest([waitUntil, ...graces]);
  const fresh = notices.filter(({ key }) => !memory.told.has(key));
  const plan = { calls, notices: fresh, memory: next };
  return nextAt === undefined ? plan : { ...plan, nextAt };
}

const isIdle = (wanted: ReadonlyMap<string, WantedLink>, memory: ResolverMemory): boolean =>
  wanted.size === 0 &&
  memory.links.size === 0 &&
  memory.host === undefined &&
  memory.failures.size === 0 &&
  memory.told.size === 0;

/** Since when each address is awaited: a lease that has waited in vain is not awaited again. */
function noteArrivals(
  wanted: ReadonlyMap<string, WantedLink>,
  before: ReadonlyMap<string, Instant>,
  now: Instant,
): ReadonlyMap<string, Instant> {
  const arriving = new Map<string, Instant>();
  for (const { arriving: leases } of wanted.values()) {
    for (const lease of leases) arriving.set(wordsOf(lease), before.get(wordsOf(lease)) ?? now);
  }
  return arriving;
}

const wordsOf = ({ interfaceName, addresses }: ActiveLease): string =>
  `${interfaceName} ${addresses.join(' ')}`;

const graceOf = (arriving: ReadonlyMap<string, Instant>, lease: ActiveLease, now: Instant): Instant =>
  after(arriving.get(wordsOf(lease)) ?? now, arrivalGrace);

/** What was sent for links that are still there, and not NetworkManager's by now: it has sent its own since. */
function linksThatAre(
  links: ReadonlyMap<string, SentLink>,
  { links: statuses }: State,
): ReadonlyMap<string, SentLink> {
  const there = [...links].filter(([key, { link }]) => {
    const status = statuses.get(link.index);
    return status !== undefined && linkKey(status) === key && status.owner !== 'NetworkManager';
  });
  return there.length === links.size ? links : new Map(there);
}

/** With its manager a link's settings are forgotten: what the one was told, the other does not hold, nor the one again. */
function linksInTheSameHands(
  links: ReadonlyMap<string, SentLink>,
  wanted: ReadonlyMap<string, WantedLink>,
  managed: ReadonlySet<string>,
): ReadonlyMap<string, SentLink> {
  const same = [...links].filter(
    ([key, sent]) => targetOf(sent, wanted.get(key), managed)?.service === sent.link.service,
  );
  return same.length === links.size ? links : new Map(same);
}

/** Where calls for the link go now. What was sent to another service was forgotten with the change of the manager. */
function targetOf(
  sent: SentLink | undefined,
  wanted: WantedLink | undefined,
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
  wanted: WantedLink | undefined,
): readonly ResolverCall[] {
  if (link === undefined) return [];
  const sent = before?.link.service === link.service ? before : undefined;
  const { dns = [], domains = [] } = wanted ?? {};
  if (dns.length + domains.length === 0) return isAnythingSent(sent) ? [{ kind: 'revertLink', link }] : [];
  const calls: ResolverCall[] = [];
  if (differs(sent?.dns, dns)) calls.push({ kind: 'setLinkDns', link, servers: dns });
  if (differs(sent?.domains, domains)) calls.push({ kind: 'setLinkDomains', link, domains });
  return calls;
}

const isAnythingSent = (sent: SentLink | undefined): boolean =>
  [sent?.dns, sent?.domains].some((part) => part !== undefined && (part.value.length > 0 || !part.isSure));

/** What was never set is left as others have set it. */
function differs(sent: Sent<readonly string[]> | undefined, wanted: readonly string[]): boolean {
  if (sent === undefined) return wanted.length > 0;
  return !(sent.isSure && isSameList(sent.value, wanted));
}

/** Of several names the one that was set stays as long as its lease has it, else that of the lowest link. */
function hostCalls(
  wanted: ReadonlyMap<string, WantedLink>,
  sent: ResolverMemory['host'],
): readonly ResolverCall[] {
  const named = [...wanted.values()].filter(({ hostName }) => hostName !== undefined);
  const byIndex = named.toSorted((a, b) => a.status.index - b.status.index);
  const { hostName: name, key: from } = byIndex.find(({ key }) => key === sent?.from) ?? byIndex[0] ?? {};
  if (name === undefined || from === undefined) {
    return sent === undefined ? [] : [{ kind: 'resetHostname', expected: sent.value, to: ownNameOf(sent) }];
  }
  return sent?.isSure === true && sent.value === name ? [] : [{ kind: 'setHostname', name, from }];
}

/** The fallback name is the host's own without being set. */
const ownNameOf = ({ before = '' }: SentHostName): string => (/^localhost(\.|$)/i.test(before) ? '' : before);

/** Lets calls pass whose lane is free, and that have not failed lately. */
class Gate {
  readonly calls: ResolverCall[] = [];
  /** Failures of calls that are still wanted. */
  readonly failures = new Map<string, Failure>();
  waitUntil: Instant | undefined;
  readonly #memory: ResolverMemory;
  readonly #now: Instant;

  constructor(memory: ResolverMemory, now: Instant) {
    this.#memory = memory;
    this.#now = now;
  }

  /** While calls of the lane are under way, the next ones wait for their end. */
  offer(lane: string, calls: readonly ResolverCall[]): void {
    const isFree = !this.#memory.inFlight.has(lane);
    for (const call of calls) {
      const failure = this.#memory.failures.get(callKey(call));
      const isAgain = failure !== undefined && isSameDemand(failure.call, call);
      if (isAgain) this.failures.set(callKey(call), failure);
      const waits = isAgain && (failure.retryAt === undefined || this.#now < failure.retryAt);
      if (waits) this.#wait(failure.retryAt);
      else if (isFree) this.calls.push(call);
    }
  }

  #wait(until: Instant | undefined): void {
    this.waitUntil = earliest([this.waitUntil, until]);
  }
}

const earliest = (instants: readonly (Instant | undefined)[]): Instant | undefined =>
  instants.reduce(
    (best, at) => (best === undefined || (at !== undefined && at < best) ? at : best),
    undefined,
  );
