/** What the planner remembers between two plans. A plain value; each step returns the next one. */

import { isSameValue } from '../model/equality.ts';
import { after, type Instant, instant } from '../model/ids.ts';
import {
  callKey,
  hostLane,
  type LinkService,
  type LinkTarget,
  laneOf,
  linkKey,
  type ResolverCall,
  type ResolverOutcome,
  type ResolverResult,
} from './call.ts';
import { type Meaning, meaningOf, retryDelay } from './refusal.ts';
import { type ResolverSettings, type WantingState, wantedLinks } from './wanted-settings.ts';

/** A value that was sent. */
export interface Sent<T> {
  readonly value: T;
  /** The service has acknowledged it, and has not started anew since. */
  readonly isSure: boolean;
}

export interface SentLink {
  readonly link: LinkTarget;
  readonly dns?: Sent<readonly string[]>;
  readonly domains?: Sent<readonly string[]>;
}

export interface SentHostName extends Sent<string> {
  /** `linkKey` of the link whose lease it is of. */
  readonly from: string;
  /** The name that the host had; absent where an earlier run has set this one. */
  readonly before?: string;
  /** The name in /etc/hostname, which wins. */
  readonly overruledBy?: string;
}

/** A call that was not carried out. */
export interface Failure {
  readonly call: ResolverCall;
  readonly meaning: Meaning;
  readonly error: string;
  readonly text: string;
  readonly attempts: number;
  /** Absent: not before something else is wanted. */
  readonly retryAt?: Instant;
}

export interface ResolverMemory {
  /** By `linkKey`. */
  readonly links: ReadonlyMap<string, SentLink>;
  readonly host?: SentHostName;
  /** Lanes whose calls have not ended; nothing is planned for them meanwhile. True: the service has started anew since. */
  readonly inFlight: ReadonlyMap<string, boolean>;
  /** By `callKey`. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** Links of which resolved says that networkd manages them. */
  readonly managed: ReadonlySet<string>;
  /** Since when the address of a lease is awaited, by the lease's words. */
  readonly arriving: ReadonlyMap<string, Instant>;
  /** Notices that have been given, and hold still: each is given once. */
  readonly told: ReadonlySet<string>;
}

export const emptyResolverMemory: ResolverMemory = {
  links: new Map(),
  inFlight: new Map(),
  failures: new Map(),
  managed: new Set(),
  arriving: new Map(),
  told: new Set(),
};

/** What an earlier run has probably sent, by the state that it kept: it is sent again, or taken back. */
export function resumeResolver(recovered: WantingState, settings: ResolverSettings): ResolverMemory {
  const links = new Map<string, SentLink>();
  let host: SentHostName | undefined;
  for (const [key, { status, dns, domains, hostName }] of wantedLinks(recovered, settings)) {
    const service = status.owner === 'systemd-networkd' ? 'network1' : 'resolve1';
    const { index, generation, name } = status;
    if (hostName !== undefined) host ??= { value: hostName, isSure: false, from: key };
    if (dns.length + domains.length === 0) continue;
    links.set(key, {
      link: { service, index, generation, name },
      ...(dns.length > 0 && { dns: { value: dns, isSure: false } }),
      ...(domains.length > 0 && { domains: { value: domains, isSure: false } }),
    });
  }
  return { ...emptyResolverMemory, links, ...(host !== undefined && { host }) };
}

/** The service has come (back): what it was told it may have forgotten, and what it refused it may take now. */
export function noteServiceReturned(memory: ResolverMemory, service: LinkService): ResolverMemory {
  const isOf = (call: ResolverCall): boolean => 'link' in call && call.link.service === service;
  const failures = new Map([...memory.failures].filter(([, { call }]) => !isOf(call)));
  const links = [...memory.links].map(
    ([key, sent]) => [key, sent.link.service === service ? unsure(sent) : sent] as const,
  );
  const inFlight = [...memory.inFlight].map(([lane, again]) => [lane, again || lane !== hostLane] as const);
  return { ...memory, links: new Map(links), inFlight: new Map(inFlight), failures };
}

const unsure = ({ link, dns, domains }: SentLink): SentLink => ({
  link,
  ...(dns !== undefined && { dns: { ...dns, isSure: false } }),
  ...(domains !== undefined && { domains: { ...domains, isSure: false } }),
});

/** Takes in how calls ended. With the first outcome of a lane all of its calls have ended. */
export function noteResolverOutcomes(
  memory: ResolverMemory,
  outcomes: readonly ResolverOutcome[],
  now: Instant,
): ResolverMemory {
  const lanes = new Set(outcomes.map(({ call }) => laneOf(call)));
  const isAnew = new Map(memory.inFlight);
  const inFlight = new Map([...memory.inFlight].filter(([lane]) => !lanes.has(lane)));
  let next: ResolverMemory = { ...memory, inFlight };
  for (const outcome of outcomes) {
    const { call, result } = outcome;
    const earlier = memory.failures.get(callKey(call));
    if (result.kind === 'done') {
      const isSure = isAnew.get(laneOf(call)) !== true;
      next = carriedOut(withoutFailure(next, call), call, isSure, result);
    } else next = refused(next, failureOf(call, result, earlier, now), earlier);
  }
  return next;
}

type HostNameFindings = Pick<ResolverResult & { readonly kind: 'done' }, 'before' | 'staticName'>;

function carriedOut(
  memory: ResolverMemory,
  call: ResolverCall,
  isSure: boolean,
  { before, staticName }: HostNameFindings,
): ResolverMemory {
  switch (call.kind) {
    case 'setLinkDns':
      return withPart(memory, call.link, { dns: { value: call.servers, isSure } });
    case 'setLinkDomains':
      return withPart(memory, call.link, { domains: { value: call.domains, isSure } });
    case 'revertLink':
      return withoutLink(memory, linkKey(call.link));
    case 'setHostname': {
      const original = memory.host === undefined ? before : memory.host.before;
      const host = {
        value: call.name,
        isSure,
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

function refused(memory: ResolverMemory, failure: Failure, earlier: Failure | undefined): ResolverMemory {
  const { call, meaning } = failure;
  if (call.kind === 'revertLink' && (meaning === 'no-such-link' || meaning === 'managed')) {
    // Nothing of ours is left: the link is gone, or its manager has taken over.
    return withoutLink(withoutFailure(memory, call), laneOf(call));
  }
  if ('link' in call && call.link.service === 'resolve1' && meaning === 'managed') {
    return sentToTheOther(memory, call, earlier);
  }
  const managed = new Set(memory.managed);
  if (meaning === 'unmanaged' || meaning === 'managed') managed.delete(laneOf(call));
  const failures = new Map(memory.failures).set(callKey(call), failure);
  const noted = { ...memory, managed, failures };
  return meaning === 'unanswered' ? perhapsCarriedOut(noted, call) : noted;
}

/** resolved names the other service: it is asked at once, but what that one has refused before goes on counting. */
function sentToTheOther(
  memory: ResolverMemory,
  call: ResolverCall,
  earlier: Failure | undefined,
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

/** What was not answered may have been done: it is to be taken back one day. */
function perhapsCarriedOut(memory: ResolverMemory, call: ResolverCall): ResolverMemory {
  const isRemoval = call.kind === 'revertLink' || call.kind === 'resetHostname';
  return isRemoval ? memory : carriedOut(memory, call, false, {});
}

function withPart(
  memory: ResolverMemory,
  link: LinkTarget,
  part: Pick<SentLink, 'dns'> | Pick<SentLink, 'domains'>,
): ResolverMemory {
  const key = linkKey(link);
  const before = memory.links.get(key);
  const kept = before?.link.service === link.service ? before : {};
  return { ...memory, links: new Map(memory.links).set(key, { ...kept, link, ...part }) };
}

function withoutLink(memory: ResolverMemory, key: string): ResolverMemory {
  const links = new Map(memory.links);
  links.delete(key);
  return { ...memory, links };
}

/** Whether both ask for the same, of whomever. */
export const isSameDemand = (a: ResolverCall, b: ResolverCall): boolean =>
  isSameValue(withoutService(a), withoutService(b));

const withoutService = (call: ResolverCall): unknown =>
  'link' in call ? { ...call, link: linkKey(call.link) } : call;

function failureOf(
  call: ResolverCall,
  { error, text }: { readonly error: string; readonly text: string },
  earlier: Failure | undefined,
  now: Instant,
): Failure {
  const meaning = meaningOf(error, text);
  const isRepeated = earlier !== undefined && isSameDemand(earlier.call, call);
  const attempts = (isRepeated ? earlier.attempts : 0) + 1;
  const delay = retryDelay(meaning, attempts);
  const failure = { call, meaning, error, text, attempts };
  return delay === undefined ? failure : { ...failure, retryAt: after(now, delay) };
}
