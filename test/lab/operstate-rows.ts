/** Rows of test/fixtures/operstate: facts of the kernel about one link, and networkd's words for it. */
import type { LinkDetails } from './kernel-facts.ts';
import type { HostWords, NetworkdWords, Snapshot } from './networkd-oracle.ts';

export interface LinkRow {
  readonly row: 'link';
  readonly link: LinkDetails;
  /** Links whose master is this one. */
  readonly ports: readonly LinkDetails[];
  readonly networkd: NetworkdWords;
}

/** networkd's words for the host, and the links' words at that moment: each once, whatever number of links had them. */
export interface HostRow {
  readonly row: 'host';
  readonly links: readonly { readonly type: string; readonly networkd: NetworkdWords }[];
  readonly networkd: HostWords;
}

export type Row = LinkRow | HostRow;

/** One row for each link that networkd has seen as it is, and one for the host. */
export function rowsOf(snapshot: Snapshot): Row[] {
  const rows: Row[] = [];
  const links: { type: string; networkd: NetworkdWords }[] = [];
  const all = [...snapshot.kernel.values()];
  for (const link of all) {
    const networkd = snapshot.networkd.get(link.index);
    if (networkd === undefined) throw new Error(`networkd does not know ${link.name}`);
    if (!links.some((each) => isSame(each, { type: link.type, networkd })))
      links.push({ type: link.type, networkd });
    if (snapshot.blind.has(link.index)) continue;
    rows.push({ row: 'link', link, ports: all.filter((each) => each.master === link.index), networkd });
  }
  rows.push({ row: 'host', links, networkd: snapshot.host });
  return rows;
}

/**
 * What can matter for networkd's words: two rows of the same key are the same test case. Names, indexes, sizes and
 * the digits of addresses do not belong to it.
 */
export function rowKey(row: Row): string {
  if (row.row === 'host') {
    const words = row.links.map(({ type, networkd }) => [type === 'loopback', networkd]);
    return JSON.stringify([
      [...new Set(words.map((each) => JSON.stringify(each)))].sort(byText),
      row.networkd,
    ]);
  }
  const shape = (link: LinkDetails): unknown => [
    link.kind,
    link.flags,
    link.operStatus,
    link.master !== undefined,
  ];
  const addresses = row.link.addresses.map((each) => `${each.family} ${each.scope} ${each.flags}`);
  const ports = row.ports.map((port) => JSON.stringify(shape(port)));
  return JSON.stringify([
    shape(row.link),
    [...new Set(addresses)].sort(byText),
    ports.sort(byText),
    row.networkd,
  ]);
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
