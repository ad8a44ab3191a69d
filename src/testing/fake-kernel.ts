/**
 * A kernel for tests of policy routing: links, addresses, routes and rules, with the behaviour that matters
 * there. test/kernel/fake-kernel.kernel.test.ts compares it with the real one.
 */
import {
  contains,
  familyOf,
  type IpAddress,
  isLinkLocal,
  networkOf,
  unspecified,
} from '../core/model/address.ts';
import type { KernelSnapshot } from '../core/model/fact.ts';
import { type IfIndex, ifIndex, tableId } from '../core/model/ids.ts';
import {
  type AddressObject,
  LinkFlag,
  type LinkObject,
  ReservedTable,
  RouteFlag,
  type RouteObject,
  RouteProtocol,
  RouteType,
  RuleAction,
  type RuleObject,
  Scope,
} from '../core/model/kernel-objects.ts';
import { routeKey, ruleKey } from '../core/model/keys.ts';
import type { RoutingEffect, RoutingResult } from '../core/routing/plan/routing-effect.ts';

const main = tableId(ReservedTable.main);
const done: RoutingResult = { kind: 'done' };
const failed = (code: string): RoutingResult => ({ kind: 'failed', code });

/** `IFA_LOCAL` with its prefix, on an existing link. */
export interface AddressSpec {
  readonly link: IfIndex;
  readonly address: string;
  readonly prefixLength: number;
  readonly peer?: string;
  readonly flags?: number;
}

export class FakeKernel {
  readonly links: Map<IfIndex, LinkObject> = new Map();
  addresses: AddressObject[] = [];
  routes: RouteObject[] = [];
  rules: RuleObject[] = standardRules();
  #nextIndex = 1;

  constructor() {
    this.addLink('lo', { flags: LinkFlag.loopback | LinkFlag.up });
  }

  addLink(name: string, over: Partial<LinkObject> = {}): IfIndex {
    const index = over.index ?? ifIndex(this.#nextIndex);
    this.#nextIndex = Math.max(this.#nextIndex, index) + 1;
    this.links.set(index, { ...blankLink, index, name, ...over });
    return index;
  }

  /** Removes the link with its addresses and routes; rules stay. */
  removeLink(index: IfIndex): void {
    this.links.delete(index);
    this.addresses = this.addresses.filter((address) => address.ifindex !== index);
    this.routes = this.routes.filter((route) => !leadsOut(route, index));
  }

  renameLink(index: IfIndex, name: string): void {
    this.#update(index, { name });
  }

  /** Down removes routes and IPv6 addresses; up restores the networks of the addresses. */
  setUp(index: IfIndex, up: boolean): void {
    const link = this.links.get(index);
    if (link === undefined || ((link.flags & LinkFlag.up) !== 0) === up) return;
    this.#update(index, { flags: up ? link.flags | LinkFlag.up : link.flags & ~LinkFlag.up });
    if (up) {
      for (const address of this.addresses) if (address.ifindex === index) this.#addNetwork(address);
      return;
    }
    this.routes = this.routes.filter((route) => !leadsOut(route, index));
    this.addresses = this.addresses.filter((address) => address.ifindex !== index || address.family === 4);
  }

  addAddress(spec: AddressSpec): void {
    const family = familyOf(spec.address as IpAddress);
    const address: AddressObject = {
      ifindex: spec.link,
      family,
      address: spec.address as IpAddress,
      prefixLength: spec.prefixLength,
      ...(spec.peer === undefined ? {} : { peer: spec.peer as IpAddress }),
      scope: isLinkLocal(spec.address as IpAddress) ? Scope.link : Scope.universe,
      flags: spec.flags ?? 0x80,
      validLifetime: 0xffff_ffff,
      preferredLifetime: 0xffff_ffff,
    };
    if (!this.links.has(spec.link) || this.addresses.some((other) => isSameAddress(other, address))) return;
    this.addresses.push(address);
    if (this.#isUp(spec.link)) this.#addNetwork(address);
  }

  /** With the last IPv4 address the kernel silently removes all IPv4 routes of the link (fib_disable_ip). */
  removeAddress(link: IfIndex, text: string): void {
    const gone = this.addresses.filter((one) => one.ifindex === link && one.address === text);
    this.addresses = this.addresses.filter((one) => !gone.includes(one));
    for (const address of gone) this.#removeNetwork(address);
    const last = !this.addresses.some((one) => one.ifindex === link && one.family === 4);
    if (last && gone.some((one) => one.family === 4)) {
      this.routes = this.routes.filter((route) => route.family === 6 || !leadsOut(route, link));
    }
  }

  /** The answer of rtnetlink. */
  apply(effect: RoutingEffect): RoutingResult {
    switch (effect.kind) {
      case 'addRule':
        return this.addRule(effect.rule);
      case 'removeRule':
        return this.removeRule(effect.rule);
      case 'addRoute':
        return this.addRoute(effect.route);
      case 'removeRoute':
        return this.removeRoute(effect.route);
    }
  }

  addRule(rule: RuleObject): RoutingResult {
    if (this.rules.some((other) => ruleKey(other) === ruleKey(rule))) return failed('EEXIST');
    this.rules.push(rule);
    return done;
  }

  /** Removes the first rule that matches every given selector (rule_find); others are not compared. */
  removeRule(rule: RuleObject): RoutingResult {
    const sorted = this.rules.toSorted((a, b) => a.priority - b.priority);
    const found = sorted.find((other) => isNamedBy(other, rule));
    if (found === undefined) return failed('ENOENT');
    this.rules = this.rules.filter((other) => other !== found);
    return done;
  }

  addRoute(route: RouteObject): RoutingResult {
    for (const hop of route.nextHops) {
      if (!this.links.has(hop.ifindex)) return failed('ENODEV');
      if (!this.#isUp(hop.ifindex)) return failed('ENETDOWN');
      const reached = hop.gateway === undefined || this.#reaches(route, hop.ifindex, hop.gateway);
      if (!reached && (hop.flags & RouteFlag.onlink) === 0) {
        return failed(route.family === 4 ? 'ENETUNREACH' : 'EHOSTUNREACH');
      }
    }
    if (this.routes.some((other) => routeKey(other) === routeKey(route))) return failed('EEXIST');
    this.routes.push(route);
    return done;
  }

  removeRoute(route: RouteObject): RoutingResult {
    const at = this.routes.findIndex(
      (other) => routeKey(other) === routeKey(route) && isSamePath(other, route),
    );
    if (at < 0) return failed('ESRCH');
    this.routes = this.routes.toSpliced(at, 1);
    return done;
  }

  snapshot(): KernelSnapshot {
    return {
      links: [...this.links.values()],
      drivers: new Map(),
      addresses: [...this.addresses],
      routes: [...this.routes],
      rules: [...this.rules],
    };
  }

  #isUp(index: IfIndex): boolean {
    return ((this.links.get(index)?.flags ?? 0) & LinkFlag.up) !== 0;
  }

  #update(index: IfIndex, over: Partial<LinkObject>): void {
    const link = this.links.get(index);
    if (link !== undefined) this.links.set(index, { ...link, ...over });
  }

  /** A gateway must be reachable on the link by a route of the same table or of main. */
  #reaches(route: RouteObject, index: IfIndex, gateway: IpAddress): boolean {
    if (familyOf(gateway) === 6 && isLinkLocal(gateway)) return true;
    return this.routes.some(
      (other) =>
        (other.table === route.table || other.table === main) &&
        other.prefixLength > 0 &&
        other.nextHops.some((hop) => hop.ifindex === index && hop.gateway === undefined) &&
        contains({ address: other.destination, length: other.prefixLength }, gateway),
    );
  }

  #addNetwork(address: AddressObject): void {
    const route = networkRouteOf(address);
    if (route !== undefined && !this.routes.some((other) => isSameNetwork(other, route))) {
      this.routes.push(route);
    }
  }

  #removeNetwork(address: AddressObject): void {
    const gone = networkRouteOf(address);
    if (gone === undefined) return;
    const still = this.addresses.some((other) => {
      const route = other.ifindex === address.ifindex ? networkRouteOf(other) : undefined;
      return route !== undefined && isSameNetwork(route, gone);
    });
    if (!still) this.routes = this.routes.filter((route) => !isSameNetwork(route, gone));
  }
}

const blankLink: Omit<LinkObject, 'index' | 'name'> = {
  altNames: [],
  hardwareType: 1,
  hardwareAddress: '02:00:00:00:00:01',
  broadcastAddress: 'ff:ff:ff:ff:ff:ff',
  flags: LinkFlag.up | LinkFlag.running | LinkFlag.lowerUp | LinkFlag.broadcast | LinkFlag.multicast,
  mtu: 1500,
  txQueueLength: 1000,
  operStatus: 6,
  group: 0,
  promiscuity: 0,
  numTxQueues: 1,
  numRxQueues: 1,
  gsoMaxSize: 65536,
  gsoMaxSegs: 65535,
};

/** The rules that every network namespace starts with. */
function standardRules(): RuleObject[] {
  const rule = (family: 4 | 6, priority: number, table: number): RuleObject => ({
    family,
    priority,
    table: tableId(table),
    action: RuleAction.toTable,
    protocol: RouteProtocol.kernel,
    tos: 0,
    flags: 0,
  });
  return [
    rule(4, 0, ReservedTable.local),
    rule(4, 32_766, ReservedTable.main),
    rule(4, 32_767, ReservedTable.default),
    rule(6, 0, ReservedTable.local),
    rule(6, 32_766, ReservedTable.main),
  ];
}

const leadsOut = (route: RouteObject, index: IfIndex): boolean =>
  route.nextHops.some((hop) => hop.ifindex === index);

const isSameAddress = (a: AddressObject, b: AddressObject): boolean =>
  a.ifindex === b.ifindex && a.address === b.address && (a.family === 6 || a.prefixLength === b.prefixLength);

/** The route that the kernel makes for the network of an address. */
function networkRouteOf(address: AddressObject): RouteObject | undefined {
  if ((address.flags & 0x200) !== 0) return undefined;
  const whole = address.prefixLength === (address.family === 4 ? 32 : 128);
  if (whole && address.peer === undefined && address.family === 4) return undefined;
  const network = networkOf(address.peer ?? address.address, address.prefixLength);
  return {
    ...blankRoute(address.family),
    destination: network.address,
    prefixLength: network.length,
    protocol: RouteProtocol.kernel,
    scope: address.family === 4 ? Scope.link : Scope.universe,
    priority: address.family === 4 ? 0 : 256,
    nextHops: [{ ifindex: address.ifindex, weight: 1, flags: 0 }],
    ...(address.family === 4 ? { preferredSource: address.address } : {}),
  };
}

/** Several links may have the same network: one route each. */
const isSameNetwork = (a: RouteObject, b: RouteObject): boolean =>
  a.protocol === RouteProtocol.kernel &&
  b.protocol === RouteProtocol.kernel &&
  routeKey(a) === routeKey(b) &&
  a.nextHops[0]?.ifindex === b.nextHops[0]?.ifindex;

/** A default route of the main table without next hops. */
export const blankRoute = (family: 4 | 6): RouteObject => ({
  family,
  table: main,
  destination: unspecified(family),
  prefixLength: 0,
  sourceLength: 0,
  tos: 0,
  type: RouteType.unicast,
  protocol: RouteProtocol.boot,
  scope: Scope.universe,
  flags: 0,
  priority: family === 4 ? 0 : 1024,
  nextHops: [],
});

const isSamePath = (existing: RouteObject, named: RouteObject): boolean =>
  (named.protocol === 0 || existing.protocol === named.protocol) &&
  existing.type === named.type &&
  named.nextHops.every((hop, i) => {
    const other = existing.nextHops[i];
    return other?.ifindex === hop.ifindex && other.gateway === hop.gateway;
  });

/** rule_find of net/core/fib_rules.c, for the selectors that netevd uses. */
function isNamedBy(existing: RuleObject, named: RuleObject): boolean {
  return (
    existing.family === named.family &&
    existing.priority === named.priority &&
    existing.table === named.table &&
    existing.action === named.action &&
    (named.protocol === 0 || existing.protocol === named.protocol) &&
    (named.suppressPrefixLength === undefined ||
      existing.suppressPrefixLength === named.suppressPrefixLength) &&
    existing.source?.address === named.source?.address &&
    existing.source?.length === named.source?.length &&
    existing.destination?.address === named.destination?.address &&
    existing.destination?.length === named.destination?.length
  );
}
