/**
 * One reading of the kernel as a state machine: what arrives goes in, what is to be done comes out, nothing else happens.
 *
 * Dumps run strictly one after another on the socket that brings the notifications, so that each notification lies
 * truly before, within or after the dump that its object is in: before, the dump has it; within, it is folded with the
 * dump (`meanwhile`); after, it is news of its own. Addresses are read before links: each of them then has its link, and
 * a link that came between has its addresses told afterwards.
 *
 * A reading starts with a probe, an empty request that the kernel only acknowledges. After an overrun the kernel drops
 * everything for a socket, without a word, until the socket was read empty (NETLINK_S_CONGESTED in af_netlink.c), the
 * acknowledgement too: when it comes, nothing can be lost silently any more.
 */
import type { Family } from '../../core/model/address.ts';
import type { KernelFact, KernelSnapshot } from '../../core/model/fact.ts';
import type { SyncLoss } from '../../core/model/invalidation.ts';
import type { AddressObject, LinkObject, RouteObject, RuleObject } from '../../core/model/kernel-objects.ts';
import { addressKey, routeKey } from '../../core/model/keys.ts';
import type { ResyncRequest } from '../../core/resync/kernel-resync.ts';
import type { DumpRequest } from '../../wire/netlink/read-request.ts';
import { type Notification, routesSubject, type Subject } from './notification.ts';

/** What a reading wants done. */
export type DumpAction =
  | { readonly kind: 'probe' }
  | { readonly kind: 'dump'; readonly request: DumpRequest }
  /** The reading is complete. `isShaky`: objects changed during every attempt, so that some may be missing. */
  | { readonly kind: 'complete'; readonly facts: readonly KernelFact[]; readonly isShaky: boolean }
  | { readonly kind: 'failed'; readonly cause: SyncLoss };

/** An object of a dump. */
export type DumpedObject =
  | { readonly kind: 'address'; readonly address: AddressObject }
  | { readonly kind: 'link'; readonly link: LinkObject }
  | { readonly kind: 'route'; readonly route: RouteObject }
  | { readonly kind: 'rule'; readonly rule: RuleObject };

const subjectsOf = (reading: ResyncRequest): readonly Subject[] =>
  reading.kind === 'everything'
    ? ['addresses', 'links', 'routes4', 'routes6', 'rules4', 'rules6']
    : [routesSubject(reading.family)];

const requests: Readonly<Record<Subject, DumpRequest>> = {
  addresses: { kind: 'addresses' },
  links: { kind: 'links' },
  routes4: { kind: 'routes', family: 4 },
  routes6: { kind: 'routes', family: 6 },
  rules4: { kind: 'rules', family: 4 },
  rules6: { kind: 'rules', family: 6 },
};

/** How often a dump during which its objects changed is begun again. */
const mostAttempts = 5;
/** More notifications than this during one reading, and the reading is too slow for this machine. */
const mostHeld = 500_000;

const noFacts: readonly KernelFact[] = [];

export class DumpSession {
  readonly #reading: ResyncRequest;
  readonly #subjects: readonly Subject[];
  /** Index of the dump under way; -1 while the probe is. */
  #at = -1;
  #attempt = 1;
  #datagrams = 0;
  /** Subjects whose first datagram has come, and those whose dump has ended. */
  readonly #begun = new Set<Subject>();
  readonly #ended = new Set<Subject>();
  readonly #meanwhile: KernelFact[] = [];
  readonly #later: KernelFact[] = [];
  #overlaps = false;
  #isShaky = false;
  readonly #taken = new Taken();

  constructor(reading: ResyncRequest) {
    this.#reading = reading;
    this.#subjects = subjectsOf(reading);
  }

  get reading(): ResyncRequest {
    return this.#reading;
  }

  /** The subject that is being dumped; undefined before the probe was answered. */
  get subject(): Subject | undefined {
    return this.#subjects[this.#at];
  }

  begin(): readonly DumpAction[] {
    return [{ kind: 'probe' }];
  }

  probeAnswered(): readonly DumpAction[] {
    return this.#at < 0 ? this.#next() : [];
  }

  /** A datagram of the dump under way has come. */
  datagram(): void {
    this.#datagrams++;
    const { subject } = this;
    if (subject !== undefined) this.#begun.add(subject);
  }

  object(object: DumpedObject): void {
    this.#taken.add(object);
  }

  /** The dump is over. `interrupted`: NLM_F_DUMP_INTR was seen in it. */
  done(interrupted: boolean): readonly DumpAction[] {
    const { subject } = this;
    if (subject === undefined) return [];
    if (interrupted || this.#mayHaveSlipped(subject)) {
      if (this.#attempt < mostAttempts) return this.#again(subject);
      this.#isShaky = true;
    }
    this.#ended.add(subject);
    return this.#next();
  }

  /** The kernel has refused the dump. What it does not have is empty. */
  refused(isUnsupported: boolean): readonly DumpAction[] {
    if (!isUnsupported) return [{ kind: 'failed', cause: 'interrupted' }];
    const { subject } = this;
    if (subject === undefined) return [];
    this.#begun.add(subject);
    this.#ended.add(subject);
    return this.#next();
  }

  /**
   * Takes a notification that came during the reading; false where it is no business of this reading and is to be
   * passed on at once.
   */
  hold({ subject, fact }: Notification): boolean {
    if (!this.#subjects.includes(subject)) {
      if (fact.kind === 'linkVanished') this.#taintBy();
      return false;
    }
    // Until the probe is answered nothing is being read, and what comes is news.
    if (this.#at < 0) return false;
    // A doubt is raised before the kernel has flushed the routes that it is about: the reading may be too early for it.
    if (this.#ended.has(subject) || fact.kind === 'routesInvalidated') this.#later.push(fact);
    else if (this.#begun.has(subject)) this.#holdWithin(fact);
    else if (subject === this.subject) this.#holdBefore(fact);
    return true;
  }

  /** Whether so much has been held that the reading does not keep up. */
  get isOverwhelmed(): boolean {
    return this.#meanwhile.length + this.#later.length > mostHeld;
  }

  /** A link went while its routes were read: which of them the reading still has is open. */
  #taintBy(): void {
    if (this.#reading.kind === 'routes') this.#later.push(doubtOf(this.#reading.family));
  }

  /**
   * The dump has been asked for and its first datagram comes next. IPv4 alone tells of a route's end before it ends it
   * (fib_table_delete), so that the dump may still have it.
   */
  #holdBefore(fact: KernelFact): void {
    if (fact.kind === 'routeVanished' && fact.route.family === 4) this.#later.push(doubtOf(4));
  }

  #holdWithin(fact: KernelFact): void {
    this.#overlaps = true;
    this.#meanwhile.push(fact);
    // Which route it displaces depends on whether the dump was made before or after.
    if (fact.kind === 'routeObserved' && fact.how === 'replace') this.#later.push(doubtOf(fact.route.family));
  }

  /**
   * Whether objects that did not change may be missing although the kernel says nothing: the dumps of IPv6 routes and of
   * rules find their place again by counting (inet6_dump_fib, fib_nl_dumprule), and equal rules cannot be told apart.
   */
  #mayHaveSlipped(subject: Subject): boolean {
    if (!this.#overlaps) return false;
    if (subject === 'routes6') return this.#datagrams > 2;
    return subject === 'rules4' || subject === 'rules6';
  }

  #again(subject: Subject): readonly DumpAction[] {
    this.#attempt++;
    this.#datagrams = 0;
    this.#overlaps = false;
    this.#taken.beginAgain(subject);
    return [{ kind: 'dump', request: requests[subject] }];
  }

  #next(): readonly DumpAction[] {
    this.#at++;
    this.#attempt = 1;
    this.#datagrams = 0;
    this.#overlaps = false;
    const { subject } = this;
    if (subject !== undefined) return [{ kind: 'dump', request: requests[subject] }];
    return [{ kind: 'complete', facts: [this.#fact(), ...this.#later], isShaky: this.#isShaky }];
  }

  #fact(): KernelFact {
    const meanwhile = this.#meanwhile.length === 0 ? noFacts : this.#meanwhile;
    const reading = this.#reading;
    if (reading.kind === 'everything') {
      return { kind: 'kernelRead', snapshot: this.#taken.snapshot(), meanwhile };
    }
    return { kind: 'routesRead', family: reading.family, routes: this.#taken.routes(), meanwhile };
  }
}

const doubtOf = (family: Family): KernelFact => ({
  kind: 'routesInvalidated',
  family,
  cause: 'ambiguous-message',
});

/**
 * What the dumps have brought. An attempt that was interrupted may lack objects, never invents them: what an earlier one had
 * and a later one has not is kept, for if it is gone, a notification says so.
 */
class Taken {
  readonly #links = new Map<number, LinkObject>();
  readonly #addresses = new Map<string, AddressObject>();
  readonly #routes = new Map<string, RouteObject[]>();
  #rules: RuleObject[] = [];
  /** Keys of routes that an earlier attempt brought: the next one replaces them. */
  #outdated = new Set<string>();

  add(object: DumpedObject): void {
    switch (object.kind) {
      case 'link':
        this.#links.set(object.link.index, object.link);
        break;
      case 'address':
        this.#addresses.set(`${object.address.ifindex} ${addressKey(object.address)}`, object.address);
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

  beginAgain(subject: Subject): void {
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
    };
  }
}
