/**
 * Which table each address of a link uses. An address prefers the gateway of its own network: a provider drops
 * packets that come from another's. The table of the link has its gateways in the usual order; addresses whose own
 * gateway is not the first one share a further table in which it is.
 */
import { contains, networkOf } from '../../model/address.ts';
import { type TableId, tableId } from '../../model/ids.ts';
import { FURTHER_TABLE_STEP, FURTHER_TABLES } from '../../model/routing-identity.ts';
import type { ViewAddress } from '../view/view.ts';
import type { GatewayRoute } from './gateways.ts';

/** Addresses that use one table, and the gateways in it, best first. */
export interface AddressTable {
  readonly table: TableId;
  readonly addresses: readonly ViewAddress[];
  readonly gateways: readonly GatewayRoute[];
}

const highest = 0xffff_ffff;

/** Returns the further tables that a link with the table `table` may use: their numbers follow from it alone. */
export const furtherTables = (table: TableId): readonly TableId[] =>
  Array.from({ length: FURTHER_TABLES }, (_, i) => table + FURTHER_TABLE_STEP * (i + 1))
    .filter((id) => id <= highest)
    .map(tableId);

/**
 * Returns the tables of a link with their addresses, the one of the link first. The number of a further table follows
 * from the rank of its gateway by address, so that it stays when metrics change.
 */
export function tablesOfAddresses(
  table: TableId,
  addresses: readonly ViewAddress[],
  gateways: readonly GatewayRoute[],
): readonly AddressTable[] {
  const further = furtherTables(table);
  const ranks = gateways.map(textOf).toSorted();
  const groups = new Map<TableId, ViewAddress[]>([[table, []]]);
  const preferred = new Map<TableId, GatewayRoute>();
  for (const address of addresses) {
    const own = gateways.find((gateway) => isOfNetwork(gateway, address));
    const isUsual = own === undefined || own === gateways[0];
    const wanted = isUsual ? table : (further[ranks.indexOf(textOf(own))] ?? table);
    if (own !== undefined && wanted !== table) preferred.set(wanted, own);
    const group = groups.get(wanted);
    if (group === undefined) groups.set(wanted, [address]);
    else group.push(address);
  }
  return [...groups].map(([id, members]) => {
    const first = preferred.get(id);
    const order = first === undefined ? gateways : [first, ...gateways.filter((other) => other !== first)];
    return { table: id, addresses: members, gateways: order };
  });
}

const textOf = ({ nextHops }: GatewayRoute): string => nextHops.map(({ gateway }) => gateway ?? '').join(' ');

/** Whether a gateway is in the network of the address. */
function isOfNetwork({ nextHops }: GatewayRoute, { address, peer, prefixLength }: ViewAddress): boolean {
  const network = networkOf(peer ?? address, prefixLength);
  return nextHops.some(
    ({ gateway }) => gateway !== undefined && isSameFamily(gateway, address) && contains(network, gateway),
  );
}

const isSameFamily = (one: string, other: string): boolean => one.includes(':') === other.includes(':');
