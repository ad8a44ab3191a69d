/** What `ip -j` shows, for comparison with a folded state: an implementation that shares no line with ours. */
import { isReady } from '../../src/core/model/address-tally.ts';
import type { State } from '../../src/core/model/state.ts';
import { ip } from './in-namespace.ts';

interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly master?: string;
  readonly operstate: string;
  readonly address?: string;
  readonly addr_info?: readonly {
    readonly family: string;
    readonly local?: string;
    readonly address?: string;
    readonly prefixlen: number;
    readonly tentative?: boolean;
    readonly dadfailed?: boolean;
  }[];
}

interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
  readonly dev?: string;
  readonly table?: string;
  readonly metric?: number;
  readonly protocol?: string;
  readonly prefsrc?: string;
  readonly nhid?: number;
  readonly nexthops?: readonly {
    readonly gateway?: string;
    readonly via?: { readonly host: string };
    readonly dev: string;
    readonly weight: number;
  }[];
}

interface IpRule {
  readonly priority: number;
  readonly src: string;
  readonly srclen?: number;
  readonly table?: string;
}

const json = <T>(words: string): readonly T[] => {
  const text = ip(words);
  return text.trim() === '' ? [] : (JSON.parse(text) as readonly T[]);
};

/** Comparable lines, sorted: one for each link, address, route and rule. */
export function linesOfIp(): readonly string[] {
  const lines: string[] = [];
  const links = json<IpLink>('-j -N addr');
  const names = new Map(links.map((link) => [link.ifname, link.ifindex]));
  for (const link of links) {
    const up = link.flags.includes('UP');
    lines.push(
      `link ${link.ifindex} ${link.ifname} ${link.mtu} ${up} ${link.operstate} ${link.address} ` +
        `${link.master === undefined ? '' : names.get(link.master)}`,
    );
    for (const { local, prefixlen, tentative = false, dadfailed = false } of link.addr_info ?? []) {
      lines.push(`address ${link.ifindex} ${local}/${prefixlen} ${!tentative && !dadfailed}`);
    }
  }
  for (const family of [4, 6]) {
    for (const route of json<IpRoute>(`-${family} -j -N route show table all`)) {
      const line = lineOfRoute(family, route, names);
      if (line !== undefined) lines.push(line);
    }
    for (const rule of json<IpRule>(`-${family} -j -N rule`)) {
      lines.push(`rule ${family} ${rule.priority} ${rule.src}/${rule.srclen ?? ''} ${rule.table}`);
    }
  }
  return lines.sort(byText);
}

const kept: ReadonlySet<string> = new Set(['1', '6', '7', '8', '9']);

function lineOfRoute(family: number, route: IpRoute, names: ReadonlyMap<string, number>): string | undefined {
  const type = route.type ?? '1';
  // A local route to everything is kept: packets that look it up do not leave the machine.
  if (!kept.has(type) && !(type === '2' && route.dst === 'default')) return undefined;
  const isReject = type !== '1' && type !== '2';
  const way = (hop: { gateway?: string; via?: { host: string }; dev?: string; weight?: number }): string =>
    `${hop.gateway ?? hop.via?.host ?? ''}@${names.get(hop.dev ?? '') ?? 0}*${hop.weight ?? 1}`;
  const hops = isReject ? [] : (route.nexthops ?? [route]).map(way);
  const any = family === 4 ? '0.0.0.0/0' : '::/0';
  const destination = route.dst === 'default' ? any : route.dst;
  const whole = destination.includes('/') ? destination : `${destination}/${family === 4 ? 32 : 128}`;
  return `route ${family} ${route.table ?? '254'} ${type} ${whole} ${route.metric ?? 0} ${route.protocol ?? 3} ${
    route.prefsrc ?? ''
  } ${route.nhid ?? ''} ${hops.sort(byText).join(' ')}`;
}

const operstates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];

/** The same lines of a state that was folded. */
export function linesOfState(state: State): readonly string[] {
  const lines: string[] = [];
  for (const { object, addresses } of state.kernel.links.values()) {
    lines.push(
      `link ${object.index} ${object.name} ${object.mtu} ${(object.flags & 1) === 1} ` +
        `${operstates[object.operStatus]} ${object.hardwareAddress} ${object.master ?? ''}`,
    );
    for (const address of addresses.values()) {
      lines.push(`address ${object.index} ${address.address}/${address.prefixLength} ${isReady(address)}`);
    }
  }
  for (const route of [...state.kernel.routes.values()].flat()) {
    const hops = route.nextHops
      .map((hop) => `${hop.gateway ?? ''}@${hop.ifindex}*${hop.weight}`)
      .sort(byText);
    lines.push(
      `route ${route.family} ${route.table} ${route.type} ${route.destination}/${route.prefixLength} ` +
        `${route.priority} ${route.protocol} ${route.preferredSource ?? ''} ${route.nextHopId ?? ''} ${hops.join(' ')}`,
    );
  }
  for (const { rule, count } of state.kernel.rules.values()) {
    const source =
      rule.source === undefined
        ? 'all/'
        : `${rule.source.address}/${rule.source.length === (rule.family === 4 ? 32 : 128) ? '' : rule.source.length}`;
    for (let i = 0; i < count; i++)
      lines.push(`rule ${rule.family} ${rule.priority} ${source} ${rule.table}`);
  }
  return lines.sort(byText);
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
