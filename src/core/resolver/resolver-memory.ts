/** The memory of the name resolution planner between two plans. Immutable. */

import { isSameValue } from '../model/equality.ts';
import { after, type Instant, instant } from '../model/ids.ts';
import { linkKey } from '../model/keys.ts';
import {
  callKey,
  hostLane,
  type LinkService,
  type LinkTarget,
  laneOf,
  type ResolverCall,
  type ResolverOutcome,
  type ResolverResult,
} from './call.ts';
import { classifyResolverError, type ResolverErrorKind, retryDelay } from './error-kind.ts';
import { type ResolverInput, type ResolverSettings, wantedLinks } from './wanted-settings.ts';

/** A value that was sent to a service. */
export interface Sent<T> {
  readonly value: T;
  /** The service acknowledged it and has not restarted since. */
  readonly isAcknowledged: boolean;
}

export interface SentLink {
  readonly link: LinkTarget;
  readonly dns?: Sent<readonly string[]>;
  readonly domains?: Sent<readonly string[]>;
}

export interface SentHostName extends Sent<string> {
  /** `linkKey` of the lease's link. */
  readonly from: string;
  /** The previous host name; absent if an earlier run set this one. */
  readonly before?: string;
  /** The name in /etc/hostname, which wins. */
  readonly overruledBy?: string;
}

/** A failed call. */
export interface ResolverFailure {
  readonly call: ResolverCall;
  readonly errorKind: ResolverErrorKind;
  readonly error: string;
  readonly text: string;
  readonly attempts: number;
  /** Absent: no retry until another value is wanted. */
  readonly retryAt?: Instant;
}

export interface ResolverMemory {
  /** By `linkKey`. */
  readonly links: ReadonlyMap<string, SentLink>;
  readonly host?: SentHostName;
  /** Lanes with calls in flight; nothing is planned for them meanwhile. True: the service restarted since. */
  readonly inFlight: ReadonlyMap<string, boolean>;
  /** By `callKey`. */
  readonly failures: ReadonlyMap<string, ResolverFailure>;
  /** Links that networkd manages according to resolved. */
  readonly managed: ReadonlySet<string>;
  /** Since when a lease waits for its address, by the identity of the lease. */
  readonly arriving: ReadonlyMap<string, Instant>;
  /** Keys of current notices that were reported: each is reported once. */
  readonly reported: ReadonlySet<string>;
}

export const emptyResolverMemory: ResolverMemory = {
  links: new Map(),
  inFlight: new Map(),
  failures: new Map(),
  managed: new Set(),
  arriving: new Map(),
  reported: new Set(),
};

/**
 * Returns what an earlier run probably sent, by its recovered state. The planner sends it again or reverts
 * it.
 */
export function resumeResolver(recovered: ResolverInput, settings: ResolverSettings): ResolverMemory {
  const links = new Map<string, SentLink>();
  let host: SentHostName | undefined;
  for (const [key, { status, dns, domains, hostName }] of wantedLinks(recovered, settings)) {
    const service = status.owner === 'systemd-networkd' ? 'network1' : 'resolve1';
    const { index, generation, name } = status;
    if (hostName !== undefined) host ??= { value: hostName, isAcknowledged: false, from: key };
    if (dns.length + domains.length === 0) continue;
    links.set(key, {
      link: { service, index, generation, name },
      ...(dns.length > 0 && { dns: { value: dns, isAcknowledged: false } }),
      ...(domains.length > 0 && { domains: { value: domains, isAcknowledged: false } }),
    });
  }
  return { ...emptyResolverMemory, links, ...(host !== undefined && { host }) };
}

/**
 * Records that a service returned: it may have forgotten its settings, and it may accept what it refused
 * before.
 */
export function noteServiceReturned(memory: ResolverMemory, service: LinkService): ResolverMemory {
  const isOf = (call: ResolverCall): boolean => 'link' in call && call.link.service === service;
  const failures = new Map([...memory.failures].filter(([, { call }]) => !isOf(call)));
  const links = [...memory.links].map(
    ([key, sent]) => [key, sent.link.service === service ? unacknowledged(sent) : sent] as const,
  );
  const inFlight = [...memory.inFlight].map(([lane, again]) => [lane, again || lane !== hostLane] as const);
  return { ...memory, links: new Map(links), inFlight: new Map(inFlight), failures };
}

const unacknowledged = ({ link, dns, domains }: SentLink): SentLink => ({
  link,
  ...(dns !== undefined && { dns: { ...dns, isAcknowledged: false } }),
  ...(domains !== undefined && { domains: { ...domains, isAcknowledged: false } }),
});

/** Records the outcomes of calls. The first outcome of a lane means that all of its calls have ended. */
export function noteResolverOutcomes(
  memory: ResolverMemory,
  outcomes: readonly ResolverOutcome[],
  now: Instant,
): ResolverMemory {
  const lanes = new Set(outcomes.map(({ call }) => laneOf(call)));
  const hasRestarted = new Map(memory.inFlight);
  const inFlight = new Map([...memory.inFlight].filter(([lane]) => !lanes.has(lane)));
  let next: ResolverMemory = { ...memory, inFlight };
  for (const outcome of outcomes) {
    const { call, result } = outcome;
    const earlier = memory.failures.get(callKey(call));
    if (result.kind === 'done') {
      const isAcknowledged = hasRestarted.get(laneOf(call)) !== true;
      next = noteDone(withoutFailure(next, call), call, isAcknowledged, result);
    } else next = noteRefused(next, failureOf(call, result, earlier, now), earlier);
  }
  return next;
}

type HostNameResult = Pick<ResolverResult & { readonly kind: 'done' }, 'before' | 'staticName'>;

function noteDone(
  memory: ResolverMemory,
  call: ResolverCall,
  isAcknowledged: boolean,
  { before, staticName }: HostNameResult,
): ResolverMemory {
  switch (call.kind) {
    case 'setLinkDns':
      return withSetting(memory, call.link, { dns: { value: call.servers, isAcknowledged } });
    case 'setLinkDomains':
      return withSetting(memory, call.link, { domains: { value: call.domains, isAcknowledged } });
    case 'revertLink':
      return withoutLink(memory, linkKey(call.link));
    case 'setHostname': {
      const original = memory.host === undefined ? before : memory.host.before;
      const host = {
        value: call.name,
        isAcknowledged,
        from: call.from,
        ...(original !== undefined && { before: original }),
        ...(staticName !== undefined && { overruledBy: staticName }),
      };
      return { ...memory, host };
    }
    case 'resetHostname': {
      const { host: _, ...rest } = memory;
      return rest;
    }
  }
}

function noteRefused(
  memory: ResolverMemory,
  failure: ResolverFailure,
  earlier: ResolverFailure | undefined,
): ResolverMemory {
  const { call, errorKind } = failure;
  if (call.kind === 'revertLink' && (errorKind === 'no-such-link' || errorKind === 'managed')) {
    // No setting of netevd is left: the link is gone, or its manager has taken over.
    return withoutLink(withoutFailure(memory, call), laneOf(call));
  }
  if ('link' in call && call.link.service === 'resolve1' && errorKind === 'managed') {
    return redirectToNetworkd(memory, call, earlier);
  }
  const managed = new Set(memory.managed);
  if (errorKind === 'unmanaged' || errorKind === 'managed') managed.delete(laneOf(call));
  const failures = new Map(memory.failures).set(callKey(call), failure);
  const noted = { ...memory, managed, failures };
  return errorKind === 'unanswered' ? notePossiblyDone(noted, call) : noted;
}

/** resolved refers to networkd: the call goes there at once, but earlier failures of networkd still count. */
function redirectToNetworkd(
  memory: ResolverMemory,
  call: ResolverCall,
  earlier: ResolverFailure | undefined,
): ResolverMemory {
  const managed = new Set(memory.managed).add(laneOf(call));
  if (earlier === undefined) return { ...memory, managed };
  const counted = { ...earlier, retryAt: instant(0) };
  return { ...memory, managed, failures: new Map(memory.failures).set(callKey(call), counted) };
}

function withoutFailure(memory: ResolverMemory, call: ResolverCall): ResolverMemory {
  if (!memory.failures.has(callKey(call))) return memory;
  const failures = new Map(memory.failures);
  failures.delete(callKey(call));
  return { ...memory, failures };
}

/** Records an unanswered call as possibly executed, so that netevd reverts it later. */
function notePossiblyDone(memory: ResolverMemory, call: ResolverCall): ResolverMemory {
  const isRemoval = call.kind === 'revertLink' || call.kind === 'resetHostname';
  return isRemoval ? memory : noteDone(memory, call, false, {});
}

function withSetting(
  memory: ResolverMemory,
  link: LinkTarget,
  part: Pick<SentLink, 'dns'> | Pick<SentLink, 'domains'>,
): ResolverMemory {
  const key = linkKey(link);
  const before = memory.links.get(key);
  const previous = before?.link.service === link.service ? before : {};
  return { ...memory, links: new Map(memory.links).set(key, { ...previous, link, ...part }) };
}

function withoutLink(memory: ResolverMemory, key: string): ResolverMemory {
  const links = new Map(memory.links);
  links.delete(key);
  return { ...memory, links };
}

/** Whether both calls request the same, from any service. */
export const isSameRequest = (a: ResolverCall, b: ResolverCall): boolean =>
  isSameValue(withoutService(a), withoutService(b));

const withoutService = (call: ResolverCall): unknown =>
  'link' in call ? { ...call, link: linkKey(call.link) } : call;

function failureOf(
  call: ResolverCall,
  { error, text }: { readonly error: string; readonly text: string },
  earlier: ResolverFailure | undefined,
  now: Instant,
): ResolverFailure {
  const errorKind = classifyResolverError(error, text);
  const isRepeated = earlier !== undefined && isSameRequest(earlier.call, call);
  const attempts = (isRepeated ? earlier.attempts : 0) + 1;
  const delay = retryDelay(errorKind, attempts);
  const failure = { call, errorKind, error, text, attempts };
  return delay === undefined ? failure : { ...failure, retryAt: after(now, delay) };
}
