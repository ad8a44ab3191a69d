/** Folds journal entries into what they describe. Mutable: made at the start and updated with each new entry. */
import type { Change, LinkRef } from '../model/change.ts';
import { isSameRoute } from '../model/equality.ts';
import type { EventId, Generation, IfIndex, Seq } from '../model/ids.ts';
import { seq } from '../model/ids.ts';
import type { AddressObject, LinkObject, RouteObject } from '../model/kernel-objects.ts';
import { addressKey, leaseKeyOf, routeKey } from '../model/keys.ts';
import type {
  ActiveLease,
  HostStatus,
  LinkStatus,
  NetworkdLink,
  NetworkManagerDevice,
} from '../model/state.ts';
import type { ReportedUpdates, TopicValue } from '../model/transition.ts';
import type { JournalEntry, JournaledEvent, JournaledScript, JournalSnapshot } from './entries.ts';
import type { SilentUpdate, Words } from './silent-update.ts';

interface Link {
  object: LinkObject;
  status: LinkStatus;
  readonly addresses: Map<string, AddressObject>;
}

interface Pending {
  event: JournaledEvent['event'];
  readonly scripts: Map<string, JournaledScript>;
}

/** What a journal describes after its last entry. */
export class JournalFold {
  readonly #links = new Map<IfIndex, Link>();
  readonly #generations = new Map<IfIndex, Generation>();
  readonly #routes = new Map<string, RouteObject[]>();
  readonly #leases = new Map<string, ActiveLease>();
  readonly #hosts = new Map<string, Readonly<Record<string, string>>>();
  readonly #networkd = new Map<IfIndex, NetworkdLink>();
  readonly #devices = new Map<IfIndex, NetworkManagerDevice>();
  /** Undefined as long as no entry has any: an older version wrote the journal. */
  #reported: Map<string, TopicValue> | undefined;
  #hostStatus: HostStatus | undefined;
  #complete = false;
  readonly #pending = new Map<EventId, Pending>();
  #lastSeq: Seq = seq(0);

  /** Folds in one entry. Total: an entry about an unknown event or link has no effect. */
  add(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'opened':
        this.#open(entry.snapshot);
        break;
      case 'found':
        this.#complete ||= entry.initial === true;
        for (const change of entry.changes) this.#change(change);
        if (entry.silentUpdate !== undefined) this.#applySilentUpdate(entry.silentUpdate);
        for (const event of entry.events) {
          this.#pending.set(event.id, { event, scripts: new Map() });
          this.#lastSeq = seq(Math.max(this.#lastSeq, event.seq));
        }
        for (const id of entry.superseded) this.#pending.delete(id);
        this.#report(entry.reported);
        this.#lastSeq = seq(Math.max(this.#lastSeq, entry.lastSeq ?? 0));
        break;
      case 'taken':
        this.#take(entry);
        break;
      case 'starting':
        this.#script(entry.id, entry.path, { progress: 'starting' });
        break;
      case 'launched':
        this.#script(entry.id, entry.path, { progress: 'launched' });
        break;
      case 'started': {
        const { pid, startTime } = entry;
        this.#script(entry.id, entry.path, { progress: 'started', pid, startTime });
        break;
      }
      case 'finished':
        this.#script(entry.id, entry.path, { progress: 'finished' });
        break;
      case 'withdrawn':
        this.#pending.get(entry.id)?.scripts.delete(entry.path);
        break;
      case 'numbered':
        this.#lastSeq = seq(Math.max(this.#lastSeq, entry.lastSeq));
        break;
      case 'done':
        this.#pending.delete(entry.id);
    }
  }

  /** Number of the newest record. */
  get lastSeq(): Seq {
    return this.#lastSeq;
  }

  /** Events whose hooks have not all had their turn. */
  get pendingEvents(): number {
    return this.#pending.size;
  }

  /** Everything that is known, as the first entry of the next journal. */
  snapshot(): JournalSnapshot {
    this.#forgetGenerations();
    const links = [...this.#links.values()].map(({ object, status, addresses }) => ({
      object,
      status,
      addresses: [...addresses.values()],
    }));
    const pending = [...this.#pending.values()].map(({ event, scripts }) => ({
      event,
      scripts: Object.fromEntries(scripts),
    }));
    return {
      complete: this.#complete,
      links,
      generations: [...this.#generations],
      routes: [...this.#routes.values()].flat(),
      leases: [...this.#leases.values()],
      hosts: Object.fromEntries(this.#hosts),
      words: { networkd: [...this.#networkd], networkManager: [...this.#devices] },
      ...(this.#hostStatus !== undefined && { hostStatus: this.#hostStatus }),
      ...(this.#reported !== undefined && { reported: [...this.#reported] }),
      pending,
      lastSeq: this.#lastSeq,
    };
  }

  #open(snapshot: JournalSnapshot): void {
    this.#complete = snapshot.complete;
    this.#applyReports(snapshot.words);
    for (const { object, status, addresses } of snapshot.links) {
      const byKey = new Map(addresses.map((address) => [addressKey(address), address]));
      this.#links.set(object.index, { object, status, addresses: byKey });
    }
    for (const [index, generation] of snapshot.generations) this.#generations.set(index, generation);
    for (const route of snapshot.routes) this.#addRoute(route);
    for (const lease of snapshot.leases)
      this.#leases.set(leaseKeyOf(lease.interfaceName, lease.family), lease);
    for (const [source, host] of Object.entries(snapshot.hosts)) this.#hosts.set(source, host);
    this.#hostStatus = snapshot.hostStatus;
    if (snapshot.reported !== undefined) this.#reported = new Map(snapshot.reported);
    for (const { event, scripts } of snapshot.pending) {
      this.#pending.set(event.id, { event, scripts: new Map(Object.entries(scripts)) });
    }
    this.#lastSeq = snapshot.lastSeq;
  }

  #change(change: Change): void {
    switch (change.kind) {
      case 'linkAppeared': {
        const { object, status } = change;
        this.#links.set(object.index, { object, status, addresses: new Map() });
        this.#generations.set(object.index, status.generation);
        break;
      }
      case 'linkVanished':
        if (this.#linkOf(change.link) !== undefined) this.#links.delete(change.link.index);
        break;
      case 'linkRenamed':
        this.#update(change.link, { name: change.link.name });
        break;
      case 'mtuChanged':
        this.#update(change.link, { mtu: change.to });
        break;
      case 'ownerChanged':
        this.#update(change.link, { owner: change.to });
        break;
      case 'operationalStateChanged':
        this.#update(change.link, { operational: change.to, operationalSource: change.source });
        break;
      case 'administrativeStateChanged':
        this.#setAdministrative(change);
        break;
      case 'deviceStateChanged':
        this.#setDevice(change);
        break;
      case 'addressAppeared':
        this.#linkOf(change.link)?.addresses.set(addressKey(change.address), change.address);
        break;
      case 'addressVanished':
        this.#linkOf(change.link)?.addresses.delete(addressKey(change.address));
        break;
      case 'routeAppeared':
        this.#addRoute(change.route);
        break;
      case 'routeVanished':
        this.#removeRoute(change.route);
        break;
      case 'routeReplaced':
        this.#removeRoute(change.from);
        this.#addRoute(change.to);
        break;
      case 'leaseChanged': {
        const key = leaseKeyOf(change.interfaceName, change.family);
        if (change.to === undefined) this.#leases.delete(key);
        else this.#leases.set(key, change.to);
        break;
      }
      case 'hostChanged':
        this.#hosts.set(change.source, change.to);
        break;
      case 'hostStatusChanged':
        this.#hostStatus = change.to;
        break;
      case 'ruleAppeared':
      case 'ruleVanished':
        // Rules cause no events, and policy routing recognizes its own rules by their protocol number.
        break;
      default:
        change satisfies never;
    }
  }

  #applySilentUpdate(silentUpdate: SilentUpdate): void {
    this.#applyReports(silentUpdate);
    for (const object of silentUpdate.objects) {
      const link = this.#links.get(object.index);
      if (link !== undefined) link.object = object;
    }
    for (const address of silentUpdate.addresses ?? []) {
      this.#links.get(address.ifindex)?.addresses.set(addressKey(address), address);
    }
  }

  #applyReports({ networkd, networkManager }: Words): void {
    for (const [index, link] of networkd) put(this.#networkd, index, link);
    for (const [index, device] of networkManager) put(this.#devices, index, device);
  }

  #report(updates: ReportedUpdates | undefined): void {
    if (updates === undefined) return;
    this.#reported ??= new Map();
    for (const [key, reading] of updates) put(this.#reported, key, reading);
  }

  /** Drops generations of links that are gone and have no pending event: nothing can be confused with them. */
  #forgetGenerations(): void {
    const needed = new Set(this.#links.keys());
    for (const { event } of this.#pending.values())
      if (event.link !== undefined) needed.add(event.link.index);
    for (const index of this.#generations.keys()) if (!needed.has(index)) this.#generations.delete(index);
  }

  #linkOf({ index, generation }: LinkRef): Link | undefined {
    const link = this.#links.get(index);
    return link?.status.generation === generation ? link : undefined;
  }

  #update(ref: LinkRef, part: Partial<LinkStatus>): void {
    const link = this.#linkOf(ref);
    if (link !== undefined) link.status = { ...link.status, ...part };
  }

  #setAdministrative(change: Change & { readonly kind: 'administrativeStateChanged' }): void {
    const link = this.#linkOf(change.link);
    if (link === undefined) return;
    const { administrative: _, administrativeSource: __, ...rest } = link.status;
    link.status =
      change.to === undefined
        ? rest
        : { ...rest, administrative: change.to, administrativeSource: change.source };
  }

  #setDevice(change: Change & { readonly kind: 'deviceStateChanged' }): void {
    const link = this.#linkOf(change.link);
    if (link === undefined) return;
    const { device: _, ...rest } = link.status;
    link.status = change.to === undefined ? rest : { ...rest, device: change.to };
  }

  #addRoute(route: RouteObject): void {
    const key = routeKey(route);
    this.#routes.set(key, [...(this.#routes.get(key) ?? []), route]);
  }

  #removeRoute(route: RouteObject): void {
    const key = routeKey(route);
    const others = (this.#routes.get(key) ?? []).filter((known) => !isSameRoute(known, route));
    if (others.length === 0) this.#routes.delete(key);
    else this.#routes.set(key, others);
  }

  #take({ id, covers, event }: JournalEntry & { readonly kind: 'taken' }): void {
    const scripts = this.#pending.get(id)?.scripts ?? new Map<string, JournaledScript>();
    for (const covered of covers) this.#pending.delete(covered);
    this.#pending.set(id, { event, scripts });
  }

  #script(id: EventId, path: string, script: JournaledScript): void {
    this.#pending.get(id)?.scripts.set(path, script);
  }
}

function put<K, T>(map: Map<K, T>, key: K, value: T | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}
