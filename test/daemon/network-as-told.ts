/** The network as the daemon sees it, by its diagnostics, and as `ip` shows it: in lines that can be compared. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../src/testing/wait-until.ts';
import type { DaemonUnderTest, Site } from './daemon-under-test.ts';
import { ip } from './links.ts';

interface Diagnostics {
  readonly kernel: {
    readonly freshness: string;
    readonly invalidations: object;
    readonly socket: { readonly overruns: number; readonly receiveBuffer: number };
  };
  readonly network: {
    readonly links: readonly {
      readonly index: number;
      readonly name: string;
      readonly mtu: number;
      readonly status: { readonly operational: string };
      readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
    }[];
    readonly routes: readonly {
      readonly table: number;
      readonly family: number;
      readonly destination: string;
      readonly prefixLength: number;
      readonly priority: number;
    }[];
  };
}

export async function diagnosticsOf(site: Site, daemon: DaemonUnderTest): Promise<Diagnostics> {
  const path = join(site.runtime, 'diagnostics.json');
  rmSync(path, { force: true });
  daemon.signal('SIGUSR2');
  await waitUntil('the diagnostics', () => existsSync(path));
  return JSON.parse(readFileSync(path, 'utf8')) as Diagnostics;
}

/** Waits until the daemon knows that the link is in this state. */
export async function hasSeen(
  site: Site,
  daemon: DaemonUnderTest,
  name: string,
  state: string,
): Promise<void> {
  for (;;) {
    const { network } = await diagnosticsOf(site, daemon);
    if (network.links.some((link) => link.name === name && link.status.operational === state)) return;
  }
}

/** One line for each link, address and route of the main table. */
export function asToldBy({ network }: Diagnostics): string[] {
  const links = network.links.flatMap(({ index, name, mtu, addresses }) => [
    `link ${index} ${name} ${mtu}`,
    ...addresses.map(({ address, prefixLength }) => `address ${name} ${address}/${prefixLength}`),
  ]);
  const routes = network.routes
    .filter(({ table }) => table === 254)
    .map((route) => `route ${route.destination}/${route.prefixLength} ${route.priority}`);
  return [...links, ...routes].sort(byText);
}

interface ShownLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly mtu: number;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

interface ShownRoute {
  readonly type?: string;
  readonly dst: string;
  readonly metric?: number;
}

export function asShownByIp(): string[] {
  const links = (JSON.parse(ip('-j addr show')) as ShownLink[]).flatMap((link) => [
    `link ${link.ifindex} ${link.ifname} ${link.mtu}`,
    ...link.addr_info.map(({ local, prefixlen }) => `address ${link.ifname} ${local}/${prefixlen}`),
  ]);
  const routes = ([4, 6] as const).flatMap((family) =>
    (JSON.parse(ip(`-${family} -j -d route show table main`)) as ShownRoute[])
      .filter(({ type }) => type === undefined || type === 'unicast')
      .map(({ dst, metric = 0 }) => `route ${network(dst, family)} ${metric}`),
  );
  return [...links, ...routes].sort(byText);
}

function network(destination: string, family: 4 | 6): string {
  if (destination === 'default') return family === 4 ? '0.0.0.0/0' : '::/0';
  return destination.includes('/') ? destination : `${destination}/${family === 4 ? 32 : 128}`;
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
