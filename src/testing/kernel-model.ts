/**
 * A model of the kernel: links, addresses, routes and rules. It applies actions and notifies like Linux,
 * which does not notify of everything. For properties that need thousands of histories.
 */
import { type Family, type IpAddress, unspecified } from '../core/model/address.ts';
import { isSameRoute } from '../core/model/equality.ts';
import type { KernelFact, KernelSnapshot, RouteNotification } from '../core/model/fact.ts';
import { type IfIndex, ifIndex, tableId } from '../core/model/ids.ts';
import {
  AddressFlag,
  type AddressObject,
  LinkFlag,
  type LinkObject,
  type NextHop,
  OperStatus,
  type RouteObject,
  RouteType,
  type RuleObject,
} from '../core/model/kernel-objects.ts';
import { addressKey, routeKey } from '../core/model/keys.ts';
import { sampleAddress, sampleLinkObject, sampleRoute } from './sample-state.ts';

/** One action; the numbers select among the present objects. */
export interface KernelAction {
  readonly kind:
    | 'addLink'
    | 'deleteLink'
    | 'moveLink'
    | 'setUp'
    | 'setDown'
    | 'gainCarrier'
    | 'loseCarrier'
    | 'rename'
    | 'setMtu'
    | 'enslave'
    | 'release'
    | 'addAddress'
    | 'deleteAddress'
    | 'endDad'
    | 'failDad'
    | 'deprecate'
    | 'addRoute'
    | 'appendRoute'
    | 'prependRoute'
    | 'replaceRoute'
    | 'deleteRoute'
    | 'deleteNextHop'
    | 'addRule'
    | 'deleteRule'
    | 'count';
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export const kernelActionKinds: readonly KernelAction['kind'][] = [
  'addLink',
  'deleteLink',
  'moveLink',
  'setUp',
  'setDown',
  'gainCarrier',
  'loseCarrier',
  'rename',
  'setMtu',
  'enslave',
  'release',
  'addAddress',
  'deleteAddress',
  'endDad',
  'failDad',
  'deprecate',
  'addRoute',
  'appendRoute',
  'prependRoute',
  'replaceRoute',
  'deleteRoute',
  'deleteNextHop',
  'addRule',
  'deleteRule',
  'count',
];

const linkCount = 5;
const { tentative, dadFailed, deprecated } = AddressFlag;

type ActionHandler = (action: KernelAction) => readonly KernelFact[];

export class KernelModel {
  readonly #links = new Map<IfIndex, LinkObject>();
  readonly #addresses = new Map<IfIndex, Map<string, AddressObject>>();
  readonly #routes = new Map<string, RouteObject[]>();
  readonly #rules: RuleObject[] = [];

  /** Applies the action if it is possible, and returns the kernel's notifications. */
  apply(action: KernelAction): readonly KernelFact[] {
    return this.#handlers[action.kind](action);
  }

  snapshot(): KernelSnapshot {
    return {
      links: [...this.#links.values()],
      drivers: new Map(),
      addresses: [...this.#addresses.values()].flatMap((addresses) => [...addresses.values()]),
      routes: this.routes(),
      rules: [...this.#rules],
    };
  }

  routes(family?: Family): readonly RouteObject[] {
    const all = [...this.#routes.values()].flat();
    return family === undefined ? all : all.filter((route) => route.family === family);
  }

  readonly #handlers: Readonly<Record<KernelAction['kind'], ActionHandler>> = {
    addLink: ({ a }) => {
      const index = ifIndex((a % linkCount) + 1);
      if (this.#links.has(index)) return [];
      this.#addresses.set(index, new Map());
      return this.#setLink(
        sampleLinkObject({ index, name: `eth${index}`, flags: 0, operStatus: OperStatus.down }),
      );
    },
    deleteLink: ({ a }) => this.#removeLink(a),
    moveLink: ({ a }) => this.#removeLink(a, 3),
    setUp: ({ a }) => this.#changeLink(a, (link) => ({ flags: link.flags | LinkFlag.up })),
    setDown: ({ a }) => this.#takeDown(a),
    gainCarrier: ({ a }) =>
      this.#changeLink(a, (link) =>
        (link.flags & LinkFlag.up) === 0
          ? {}
          : { flags: link.flags | LinkFlag.running | LinkFlag.lowerUp, operStatus: OperStatus.up },
      ),
    loseCarrier: ({ a }) => this.#changeLink(a, (link) => withoutCarrier(link)),
    rename: ({ a, b }) => this.#changeLink(a, (link) => ({ name: `name${link.index}${b % 3}` })),
    setMtu: ({ a, b }) => this.#changeLink(a, () => ({ mtu: 1400 + (b % 3) })),
    enslave: ({ a, b }) => this.#enslave(a, b),
    release: ({ a }) => this.#release(a),
    addAddress: (action) => this.#addAddress(action),
    deleteAddress: ({ a, b }) => this.#deleteAddress(a, b),
    endDad: ({ a, b }) => this.#changeAddress(a, b, (flags) => flags & ~tentative),
    failDad: ({ a, b }) =>
      this.#changeAddress(a, b, (flags) => ((flags & tentative) === 0 ? flags : flags | dadFailed)),
    deprecate: ({ a, b }) => this.#changeAddress(a, b, (flags) => flags | deprecated),
    addRoute: (action) => this.#insert(action, 'add'),
    appendRoute: (action) => this.#insert(action, 'append'),
    prependRoute: (action) => this.#insert(action, 'prepend'),
    replaceRoute: (action) => this.#insert(action, 'replace'),
    deleteRoute: ({ a, b }) => this.#deleteRoute(a, b),
    deleteNextHop: ({ a }) => this.#deleteNextHop(a),
    addRule: ({ a, b }) => {
      const rule = ruleOf(a, b);
      this.#rules.push(rule);
      return [{ kind: 'ruleObserved', rule }];
    },
    deleteRule: ({ a }) => {
      const [rule] = this.#rules.splice(a % Math.max(this.#rules.length, 1), 1);
      return rule === undefined ? [] : [{ kind: 'ruleVanished', rule }];
    },
    count: ({ a, b }) => {
      const link = this.#pickLink(a);
      const { statistics } = link ?? {};
      return link === undefined || statistics === undefined
        ? []
        : this.#setLink({ ...link, statistics: { ...statistics, rxPackets: b } });
    },
  };

  #pickLink(number: number): LinkObject | undefined {
    const links = [...this.#links.values()];
    return links[number % Math.max(links.length, 1)];
  }

  #setLink(link: LinkObject): readonly KernelFact[] {
    this.#links.set(link.index, link);
    return [{ kind: 'linkObserved', link }];
  }

  #changeLink(number: number, change: (link: LinkObject) => Partial<LinkObject>): readonly KernelFact[] {
    const link = this.#pickLink(number);
    return link === undefined ? [] : this.#setLink({ ...link, ...change(link) });
  }

  /** IPv4 routes vanish without a notification, IPv6 ones with one; addresses stay. */
  #takeDown(number: number): readonly KernelFact[] {
    const link = this.#pickLink(number);
    if (link === undefined) return [];
    const flags = link.flags & ~LinkFlag.up;
    const notified = this.#setLink({ ...link, ...withoutCarrier({ ...link, flags }) });
    return [...notified, ...this.#flushRoutes(link.index)];
  }

  #flushRoutes(index: IfIndex): readonly KernelFact[] {
    const notified: KernelFact[] = [];
    for (const [key, list] of this.#routes) {
      const left: RouteObject[] = [];
      for (const route of list) {
        const hops = route.nextHops.filter((hop) => hop.ifindex !== index);
        if (hops.length === route.nextHops.length) {
          left.push(route);
          continue;
        }
        if (route.family === 4) continue;
        const gone = route.nextHops.filter((hop) => hop.ifindex === index);
        if (hops.length > 0) left.push({ ...route, nextHops: hops });
        for (const hop of gone)
          notified.push({ kind: 'routeVanished', route: { ...route, nextHops: [hop] } });
      }
      this.#putRoutes(key, left);
    }
    return notified;
  }

  #putRoutes(key: string, list: readonly RouteObject[]): void {
    if (list.length === 0) this.#routes.delete(key);
    else this.#routes.set(key, [...list]);
  }

  #removeLink(number: number, movedTo?: number): readonly KernelFact[] {
    const link = this.#pickLink(number);
    if (link === undefined) return [];
    const released = [...this.#links.values()]
      .filter((port) => port.master === link.index)
      .flatMap(({ master: _master, ...port }) => this.#setLink(port));
    const addresses: KernelFact[] = [...(this.#addresses.get(link.index)?.values() ?? [])].map((address) => ({
      kind: 'addressVanished',
      address,
    }));
    const flushed = this.#flushRoutes(link.index);
    this.#links.delete(link.index);
    this.#addresses.delete(link.index);
    const { index } = link;
    const gone: KernelFact = { kind: 'linkVanished', index, ...(movedTo !== undefined && { movedTo }) };
    return [...released, ...addresses, ...flushed, gone];
  }

  #enslave(number: number, to: number): readonly KernelFact[] {
    const port = this.#pickLink(number);
    const master = this.#pickLink(to);
    if (port === undefined || master === undefined || this.#reaches(master, port.index)) return [];
    return this.#setLink({ ...port, master: master.index });
  }

  /** Whether `index` is the link or one above it: the kernel refuses a loop of masters. */
  #reaches(link: LinkObject | undefined, index: IfIndex): boolean {
    if (link === undefined) return false;
    return (
      link.index === index ||
      (link.master !== undefined && this.#reaches(this.#links.get(link.master), index))
    );
  }

  #release(number: number): readonly KernelFact[] {
    const link = this.#pickLink(number);
    if (link?.master === undefined) return [];
    const { master: _master, ...free } = link;
    return this.#setLink(free);
  }

  #addAddress({ a, b, c }: KernelAction): readonly KernelFact[] {
    const link = this.#pickLink(a);
    if (link === undefined) return [];
    const text = c % 2 === 0 ? `192.0.2.${b % 4}` : c % 3 === 0 ? `fe80::${b % 4}` : `2001:db8::${b % 4}`;
    const isLinkLocal = text.startsWith('fe80');
    const address = sampleAddress(text, {
      ifindex: link.index,
      flags: text.includes(':') ? tentative : 0,
      scope: isLinkLocal ? 253 : 0,
    });
    return this.#setAddress(address);
  }

  #setAddress(address: AddressObject): readonly KernelFact[] {
    this.#addresses.get(address.ifindex)?.set(addressKey(address), address);
    return [{ kind: 'addressObserved', address }];
  }

  #pickAddress(link: number, number: number): AddressObject | undefined {
    const addresses = [...(this.#addresses.get(this.#pickLink(link)?.index ?? ifIndex(0))?.values() ?? [])];
    return addresses[number % Math.max(addresses.length, 1)];
  }

  #changeAddress(a: number, b: number, change: (flags: number) => number): readonly KernelFact[] {
    const address = this.#pickAddress(a, b);
    if (address === undefined || address.family === 4) return [];
    return this.#setAddress({ ...address, flags: change(address.flags) });
  }

  /** Routes with an IPv4 address as their source vanish with it, without a notification. */
  #deleteAddress(a: number, b: number): readonly KernelFact[] {
    const address = this.#pickAddress(a, b);
    if (address === undefined) return [];
    this.#addresses.get(address.ifindex)?.delete(addressKey(address));
    for (const [key, list] of this.#routes) {
      this.#putRoutes(
        key,
        list.filter((route) => route.preferredSource !== address.address),
      );
    }
    return [{ kind: 'addressVanished', address }];
  }

  #insert(action: KernelAction, how: RouteNotification): readonly KernelFact[] {
    const route = this.#routeOf(action);
    if (route === undefined) return [];
    const key = routeKey(route);
    const present = this.#routes.get(key) ?? [];
    if (present.length === 0) return this.#notifyRoute(key, [route], route, 'add');
    if (how === 'add' || present.some((other) => isSameRoute(other, route))) return [];
    return route.family === 4
      ? this.#insertIpv4(key, present, route, how)
      : this.#insertIpv6(key, present, route, how);
  }

  #notifyRoute(
    key: string,
    list: readonly RouteObject[],
    route: RouteObject,
    how: RouteNotification,
  ): readonly KernelFact[] {
    this.#putRoutes(key, list);
    return [{ kind: 'routeObserved', route, how }];
  }

  #insertIpv4(
    key: string,
    present: RouteObject[],
    route: RouteObject,
    how: RouteNotification,
  ): readonly KernelFact[] {
    if (how === 'append') return this.#notifyRoute(key, [...present, route], route, how);
    if (how === 'prepend') return this.#notifyRoute(key, [route, ...present], route, how);
    return this.#notifyRoute(key, [route, ...present.slice(1)], route, how);
  }

  #insertIpv6(
    key: string,
    present: RouteObject[],
    route: RouteObject,
    how: RouteNotification,
  ): readonly KernelFact[] {
    const isJoined = (other: RouteObject): boolean => other.nextHops[0]?.gateway !== undefined;
    const taken = present.some((other) =>
      other.nextHops.some((hop) => route.nextHops.some((own) => isSameNextHop(own, hop))),
    );
    if (taken && how !== 'replace') return [];
    const at = present.findIndex((other) => isJoined(other) === isJoined(route));
    if (how === 'replace') return this.#notifyRoute(key, present.with(Math.max(at, 0), route), route, how);
    const whole = present[at];
    if (whole === undefined || !isJoined(route))
      return this.#notifyRoute(key, [...present, route], route, how);
    // The notification has the new next hop first, whatever its place (rt6_fill_node).
    const joined = { ...whole, nextHops: [...route.nextHops, ...whole.nextHops] };
    return this.#notifyRoute(key, present.with(at, joined), joined, how);
  }

  #routeOf({ a, b, c }: KernelAction): RouteObject | undefined {
    const links = [...this.#links.values()].filter((link) => (link.flags & LinkFlag.up) !== 0);
    const link = links[a % Math.max(links.length, 1)];
    if (link === undefined) return undefined;
    const family: Family = c % 2 === 0 ? 4 : 6;
    const count = 1 + (b % 2);
    const nextHops = Array.from({ length: count }, (_, i) =>
      nextHopOf(family, link.index, c % 3 === 0, b + i),
    );
    if (c % 3 === 0 && count > 1) return undefined;
    const source = [...(this.#addresses.get(link.index)?.values() ?? [])].find((one) => one.family === 4);
    return sampleRoute({
      family,
      destination: unspecified(family),
      type: RouteType.unicast,
      priority: family === 4 ? 0 : 1024,
      nextHops,
      ...(family === 4 && source !== undefined && b % 3 === 0 && { preferredSource: source.address }),
    });
  }

  #pickRoutes(number: number): readonly [string, RouteObject[]] | undefined {
    const entries = [...this.#routes];
    return entries[number % Math.max(entries.length, 1)];
  }

  #deleteRoute(a: number, b: number): readonly KernelFact[] {
    const picked = this.#pickRoutes(a);
    const route = picked?.[1][b % Math.max(picked[1].length, 1)];
    if (picked === undefined || route === undefined) return [];
    this.#putRoutes(
      picked[0],
      picked[1].filter((other) => other !== route),
    );
    return [{ kind: 'routeVanished', route }];
  }

  #deleteNextHop(a: number): readonly KernelFact[] {
    const picked = this.#pickRoutes(a);
    const route = picked?.[1].find((other) => other.family === 6 && other.nextHops.length > 1);
    const [hop, ...left] = route?.nextHops ?? [];
    if (picked === undefined || route === undefined || hop === undefined) return [];
    const [key, list] = picked;
    this.#putRoutes(
      key,
      list.map((other) => (other === route ? { ...route, nextHops: left } : other)),
    );
    return [{ kind: 'routeVanished', route: { ...route, nextHops: [hop] } }];
  }
}

const isSameNextHop = (a: NextHop, b: NextHop): boolean => a.ifindex === b.ifindex && a.gateway === b.gateway;

function withoutCarrier(link: LinkObject): Partial<LinkObject> {
  return { flags: link.flags & ~(LinkFlag.running | LinkFlag.lowerUp), operStatus: OperStatus.down };
}

function nextHopOf(family: Family, index: IfIndex, onDevice: boolean, number: number): NextHop {
  const gateway = `${family === 4 ? '192.0.2.' : '2001:db8::'}${10 + (number % 4)}` as IpAddress;
  return { ifindex: index, weight: 1, flags: 0, ...(!onDevice && { gateway }) };
}

const ruleOf = (a: number, b: number): RuleObject => ({
  family: a % 2 === 0 ? 4 : 6,
  priority: 100 + (b % 2),
  table: tableId(100 + (a % 3)),
  action: 1,
  protocol: 3,
  tos: 0,
  flags: 0,
});
