/**
 * What a listener of changes knows: it starts empty and applies each change. Throws for a change that does
 * not fit, because it is a repetition or one before it is missing.
 */
import assert from 'node:assert/strict';
import { isReady } from '../core/model/address-tally.ts';
import type { Change, LinkRef } from '../core/model/change.ts';
import type { RouteObject } from '../core/model/kernel-objects.ts';
import { addressKey, leaseKey, routeKey, ruleKey } from '../core/model/keys.ts';
import type { HostStatus, LinkStatus, State } from '../core/model/state.ts';

interface ProjectedLink {
  generation: number;
  name: string;
  mtu: number;
  owner: string;
  operational: string | undefined;
  administrative: string | undefined;
  device: string | undefined;
  readonly addresses: Set<string>;
}

export interface Projection {
  readonly links: Map<number, ProjectedLink>;
  /** Routes by key and content. */
  readonly routes: Set<string>;
  readonly rules: Map<string, number>;
  readonly leases: Map<string, string>;
  readonly hosts: Map<string, string>;
  host: HostStatus;
}

const routeText = (route: RouteObject): string => `${routeKey(route)} ${canonical(route)}`;

/** JSON with sorted keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : typeof entry === 'bigint'
        ? String(entry)
        : entry,
  );

const newLink = (status: LinkStatus): ProjectedLink => ({
  generation: status.generation,
  name: status.name,
  mtu: status.mtu,
  owner: status.owner,
  operational: undefined,
  administrative: undefined,
  device: undefined,
  addresses: new Set(),
});

const leaseText = ({
  expires: _expires,
  text: _text,
  ...lease
}: {
  expires: unknown;
  text: string;
}): string => canonical(lease);

/** What a listener knows after every change up to this state. */
export function project(state: State): Projection {
  const links = new Map<number, ProjectedLink>();
  for (const status of state.links.values()) {
    const link = newLink(status);
    link.operational = status.operational;
    link.administrative = status.administrative;
    link.device = status.device;
    for (const address of state.kernel.links.get(status.index)?.addresses.values() ?? []) {
      if (isReady(address)) link.addresses.add(addressKey(address));
    }
    links.set(status.index, link);
  }
  const hosts = new Map<string, string>();
  if (Object.keys(state.networkd.host).length > 0)
    hosts.set('systemd-networkd', canonical(state.networkd.host));
  if (Object.keys(state.networkManager.host).length > 0) {
    hosts.set('NetworkManager', canonical(state.networkManager.host));
  }
  return {
    links,
    routes: new Set([...state.kernel.routes.values()].flat().map(routeText)),
    rules: new Map([...state.kernel.rules].map(([key, { count }]) => [key, count])),
    leases: new Map([...state.leases.active.values()].map((lease) => [leaseKey(lease), leaseText(lease)])),
    hosts,
    host: state.host,
  };
}

/** Applies a change; throws where it does not fit. */
export function applyChange(known: Projection, change: Change): void {
  switch (change.kind) {
    case 'linkAppeared':
      assert(!known.links.has(change.link.index), `link ${change.link.index} appeared twice`);
      known.links.set(change.link.index, newLink(change.status));
      break;
    case 'linkVanished':
      assert.equal(linkOf(known, change.link).addresses.size, 0, 'addresses outlive their link');
      known.links.delete(change.link.index);
      break;
    case 'routeAppeared':
    case 'routeVanished':
    case 'routeReplaced':
      applyRoute(known, change);
      break;
    case 'ruleAppeared':
    case 'ruleVanished': {
      const key = ruleKey(change.rule);
      const left =
        (known.rules.get(key) ?? 0) + (change.kind === 'ruleAppeared' ? change.count : -change.count);
      assert(left >= 0 && change.count > 0, `rule ${key} ${left} times`);
      if (left === 0) known.rules.delete(key);
      else known.rules.set(key, left);
      break;
    }
    case 'leaseChanged': {
      const key = leaseKey(change);
      assert.equal(known.leases.get(key), change.from && leaseText(change.from));
      if (change.to === undefined) known.leases.delete(key);
      else known.leases.set(key, leaseText(change.to));
      break;
    }
    case 'hostChanged':
      assert.equal(known.hosts.get(change.source) ?? '{}', canonical(change.from));
      if (Object.keys(change.to).length === 0) known.hosts.delete(change.source);
      else known.hosts.set(change.source, canonical(change.to));
      break;
    case 'hostStatusChanged':
      assert.deepEqual(known.host, change.from);
      known.host = change.to;
      break;
    default:
      applyToLink(linkOf(known, change.link), change);
  }
}

function linkOf(known: Projection, ref: LinkRef): ProjectedLink {
  const link = known.links.get(ref.index);
  assert(link !== undefined, `a change of unknown link ${ref.index}`);
  assert.equal(link.generation, ref.generation);
  return link;
}

function applyToLink(link: ProjectedLink, change: Change): void {
  switch (change.kind) {
    case 'linkRenamed':
      assert.equal(link.name, change.from);
      assert.notEqual(link.name, change.link.name);
      link.name = change.link.name;
      break;
    case 'ownerChanged':
      assert.equal(link.owner, change.from);
      assert.notEqual(change.from, change.to);
      link.owner = change.to;
      break;
    case 'operationalStateChanged':
      assert.equal(link.operational, change.from);
      assert.notEqual(change.from, change.to);
      link.operational = change.to;
      break;
    case 'administrativeStateChanged':
      assert.equal(link.administrative, change.from);
      assert.notEqual(change.from, change.to);
      link.administrative = change.to;
      break;
    case 'deviceStateChanged':
      assert.equal(link.device, change.from);
      assert.notEqual(change.from, change.to);
      link.device = change.to;
      break;
    case 'mtuChanged':
      assert.equal(link.mtu, change.from);
      assert.notEqual(change.from, change.to);
      link.mtu = change.to;
      break;
    case 'addressAppeared':
      assert(!link.addresses.has(addressKey(change.address)), `${change.address.address} appeared twice`);
      link.addresses.add(addressKey(change.address));
      break;
    case 'addressVanished':
      assert(link.addresses.delete(addressKey(change.address)), `${change.address.address} vanished twice`);
      break;
  }
}

function applyRoute(known: Projection, change: Change & { kind: `route${string}` }): void {
  const gone =
    change.kind === 'routeVanished'
      ? change.route
      : change.kind === 'routeReplaced'
        ? change.from
        : undefined;
  const come =
    change.kind === 'routeAppeared' ? change.route : change.kind === 'routeReplaced' ? change.to : undefined;
  if (gone !== undefined) assert(known.routes.delete(routeText(gone)), `vanished twice: ${routeText(gone)}`);
  if (come === undefined) return;
  assert(!known.routes.has(routeText(come)), `appeared twice: ${routeText(come)}`);
  known.routes.add(routeText(come));
}
