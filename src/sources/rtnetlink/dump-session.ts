/**
 * One dump session of the kernel as a state machine: messages go in, actions come out. It does no I/O.
 *
 * Dumps run one after another on the socket that also receives the notifications. Each notification therefore
 * arrives before, within or after the dump of its object. Before: the dump includes it. Within: it is folded
 * with the dump (`meanwhile`). After: it is a fact of its own. Addresses are read before links, so that each
 * address has its link; a link that appears between the two dumps gets its addresses from notifications.
 *
 * A session starts with a probe, an empty request that the kernel only acknowledges. After an overrun the
 * kernel silently drops everything for a socket, acknowledgements included, until the socket was read empty
 * (NETLINK_S_CONGESTED in af_netlink.c). Once the acknowledgement arrives, nothing can be lost silently.
 */
import type { Family } from '../../core/model/address.ts';
import type { KernelFact, KernelSnapshot } from '../../core/model/fact.ts';
import type { SyncLoss } from '../../core/model/invalidation.ts';
import type {
  AddressObject,
  LinkObject,
  NextHopObject,
  RouteObject,
  RuleObject,
} from '../../core/model/kernel-objects.ts';
import { addressKey, routeKey } from '../../core/model/keys.ts';
import type { ResyncRequest } from '../../core/resync/kernel-resync.ts';
import type { DumpRequest } from '../../wire/netlink/read-request.ts';
import { type DumpSubject, type Notification, routesSubject } from './notification.ts';

/** What the session's owner must do. */
export type DumpAction =
  | { readonly kind: 'probe' }
  | { readonly kind: 'dump'; readonly request: DumpRequest }
  /** `mayBeIncomplete`: objects changed during every attempt, so that some may be missing. */
  | { readonly kind: 'complete'; readonly facts: readonly KernelFact[]; readonly mayBeIncomplete: boolean }
  | { readonly kind: 'failed'; readonly cause: SyncLoss };

/** An object of a dump. */
export type DumpedObject =
  | { readonly kind: 'address'; readonly address: AddressObject }
  | { readonly kind: 'link'; readonly link: LinkObject }
  | { readonly kind: 'nextHop'; readonly nextHop: NextHopObject }
  | { readonly kind: 'route'; readonly route: RouteObject }
  | { readonly kind: 'rule'; readonly rule: RuleObject };

const subjectsOf = (reading: ResyncRequest): readonly DumpSubject[] =>
  reading.kind === 'everything'
    ? ['addresses', 'links', 'nextHops', 'routes4', 'routes6', 'rules4', 'rules6']
    : [routesSubject(reading.family)];

const requests: Readonly<Record<DumpSubject, DumpRequest>> = {
  addresses: { kind: 'addresses' },
  links: { kind: 'links' },
  nextHops: { kind: 'nextHops' },
  routes4: { kind: 'routes', family: 4 },
  routes6: { kind: 'routes', family: 6 },
  rules4: { kind: 'rules', family: 4 },
  rules6: { kind: 'rules', family: 6 },
};

/** How often a dump whose objects change is started. */
const maxAttempts = 5;
/** With more notifications than this during one session, the machine cannot keep up. */
const maxBuffered = 500_000;

const noFacts: readonly KernelFact[] = [];

export class DumpSession {
  readonly #reading: ResyncRequest;
  readonly #subjects: readonly DumpSubject[];
  /** Index of the running dump; -1 until the probe is answered. */
  #at = -1;
  #attempt = 1;
  #datagrams = 0;
  /** Subjects whose first datagram has arrived, and subjects whose dump has ended. */
  readonly #begun = new Set<DumpSubject>();
  readonly #ended = new Set<DumpSubject>();
  readonly #meanwhile: KernelFact[] = [];
  readonly #later: KernelFact[] = [];
  #overlaps = false;
  #mayBeIncomplete = false;
  readonly #objects = new DumpedObjects();

  constructor(reading: ResyncRequest) {
    this.#reading = reading;
    this.#subjects = subjectsOf(reading);
  }

  get reading(): ResyncRequest {
    return this.#reading;
  }

  /** The subject of the running dump; undefined before the probe is answered. */
  get subject(): DumpSubject | undefined {
    return this.#subjects[this.#at];
  }

  begin(): readonly DumpAction[] {
    return [{ kind: 'probe' }];
  }

  probeAnswered(): readonly DumpAction[] {
    return this.#at < 0 ? this.#next() : [];
  }

  /** A datagram of the running dump has arrived. */
  datagram(): void {
    this.#datagrams++;
    const { subject } = this;
    if (subject !== undefined) this.#begun.add(subject);
  }

  object(object: DumpedObject): void {
    this.#objects.add(object);
  }

  /** The dump has ended. `interrupted`: a message had NLM_F_DUMP_INTR. */
  done(interrupted: boolean): readonly DumpAction[] {
    const { subject } = this;
    if (subject === undefined) return [];
    if (interrupted || this.#mayLackObjects(subject)) {
      if (this.#attempt < maxAttempts) return this.#restart(subject);
      this.#mayBeIncomplete = true;
    }
    this.#ended.add(subject);
    return this.#next();
  }

  /** The kernel has refused the dump. A subject that the kernel does not support is empty. */
  refused(isUnsupported: boolean): readonly DumpAction[] {
    if (!isUnsupported) return [{ kind: 'failed', cause: 'interrupted' }];
    const { subject } = this;
    if (subject === undefined) return [];
    this.#begun.add(subject);
    this.#ended.add(subject);
    return this.#next();
  }

  /**
   * Takes a notification that arrives during the session. Returns false if the notification does not belong
   * to the session; the caller then passes it on at once.
   */
  take({ subject, fact }: Notification): boolean {
    if (!this.#subjects.includes(subject)) {
      if (fact.kind === 'linkVanished') this.#invalidateRoutes();
      return false;
    }
    // No dump runs until the probe is answered.
    if (this.#at < 0) return false;
    // The kernel sends an invalidation before it flushes the routes: the dump may still have them.
    if (this.#ended.has(subject) || fact.kind === 'routesInvalidated') this.#later.push(fact);
    else if (this.#begun.has(subject)) this.#takeWithin(fact);
    else if (subject === this.subject) this.#takeBefore(fact);
    // The routes of this session may refer to the object and were resolved without it.
    if (fact.kind === 'nextHopObserved') this.#later.push(invalidationOf(4), invalidationOf(6));
    return true;
  }

  /** Whether the session has buffered so much that it cannot keep up. */
  get isOverwhelmed(): boolean {
    return this.#meanwhile.length + this.#later.length > maxBuffered;
  }

  /** A link vanished while its routes were dumped: the dump may still have some of them. */
  #invalidateRoutes(): void {
    if (this.#reading.kind === 'routes') this.#later.push(invalidationOf(this.#reading.family));
  }

  /**
   * The dump is requested and its first datagram has not arrived. The kernel reports the end of an IPv4 route
   * before it removes it (fib_table_delete), so that the dump may still have it. It does so for IPv4 alone.
   */
  #takeBefore(fact: KernelFact): void {
    if (fact.kind === 'routeVanished' && fact.route.family === 4) this.#later.push(invalidationOf(4));
  }

  #takeWithin(fact: KernelFact): void {
    this.#overlaps = true;
    this.#meanwhile.push(fact);
    // Whether the dump was made before or after decides which route it displaces.
    if (fact.kind === 'routeObserved' && fact.how === 'replace') {
      this.#later.push(invalidationOf(fact.route.family));
    }
  }

  /**
   * Whether unchanged objects may be missing although the kernel reports no interruption. The dumps of IPv6
   * routes and of rules find their position again by counting (inet6_dump_fib, fib_nl_dumprule), and equal
   * rules look the same.
   */
  #mayLackObjects(subject: DumpSubject): boolean {
    if (!this.#overlaps) return false;
    if (subject === 'routes6') return this.#datagrams > 2;
    return subject === 'rules4' || subject === 'rules6';
  }

  #restart(subject: DumpSubject): readonly DumpAction[] {
    this.#attempt++;
    this.#datagrams = 0;
    this.#overlaps = false;
    this.#objects.restart(subject);
    return [{ kind: 'dump', request: requests[subject] }];
  }

  #next(): readonly DumpAction[] {
    this.#at++;
    this.#attempt = 1;
    this.#datagrams = 0;
    this.#overlaps = false;
    const { subject } = this;
    if (subject !== undefined) return [{ kind: 'dump', request: requests[subject] }];
    const facts = [this.#fact(), ...this.#later];
    return [{ kind: 'complete', facts, mayBeIncomplete: this.#mayBeIncomplete }];
  }

  #fact(): KernelFact {
    const meanwhile = this.#meanwhile.length === 0 ? noFacts : this.#meanwhile;
    const reading = this.#reading;
    if (reading.kind === 'everything') {
      return { kind: 'kernelRead', snapshot: this.#objects.snapshot(), meanwhile };
    }
    return { kind: 'routesRead', family: reading.family, routes: this.#objects.routes(), meanwhile };
  }
}

const invalidationOf = (family: Family): KernelFact => ({
  kind: 'routesInvalidated',
  family,
  cause: 'ambiguous-message',
});

/**
 * The objects of all dumps. An interrupted attempt may lack objects but never invents them: an object that an
 * earlier attempt had and a later one lacks stays. If it is gone, a notification reports that.
 */
class DumpedObjects {
  readonly #links = new Map<number, LinkObject>();
  readonly #addresses = new Map<string, AddressObject>();
  readonly #nextHops = new Map<number, NextHopObject>();
  readonly #routes = new Map<string, RouteObject[]>();
  #rules: RuleObject[] = [];
  /** Keys of routes from an earlier attempt; the next attempt replaces them. */
  #outdated = new Set<string>();

  add(object: DumpedObject): void {
    switch (object.kind) {
      case 'link':
        this.#links.set(object.link.index, object.link);
        break;
      case 'address':
        this.#addresses.set(`${object.address.ifindex} ${addressKey(object.address)}`, object.address);
        break;
      case 'nextHop':
        this.#nextHops.set(object.nextHop.id, object.nextHop);
        break;
      case 'route':
        this.#addRoute(object.route);
        break;
      case 'rule':
        this.#rules.push(object.rule);
        break;
    }
  }

  #addRoute(route: RouteObject): void {
    const key = routeKey(route);
    const alternatives = this.#routes.get(key);
    if (alternatives === undefined || this.#outdated.delete(key)) this.#routes.set(key, [route]);
    else alternatives.push(route);
  }

  restart(subject: DumpSubject): void {
    if (subject === 'rules4' || subject === 'rules6') {
      const family = subject === 'rules4' ? 4 : 6;
      this.#rules = this.#rules.filter((rule) => rule.family !== family);
    }
    this.#outdated = new Set(this.#routes.keys());
  }

  routes(): readonly RouteObject[] {
    return [...this.#routes.values()].flat();
  }

  snapshot(): KernelSnapshot {
    return {
      links: [...this.#links.values()],
      drivers: new Map(),
      addresses: [...this.#addresses.values()],
      routes: this.routes(),
      rules: this.#rules,
      nextHops: [...this.#nextHops.values()],
    };
  }
}
