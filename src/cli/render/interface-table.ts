/** `netevd list interfaces`. Pure. */
import type { Interface } from '../../client/types.ts';
import { stateSign } from './link-state.ts';
import type { Column } from './table.ts';
import { ageSince } from './time-text.ts';

/** An address with its prefix length; link-local ones last. */
const addressTexts = ({ addresses }: Interface): readonly string[] =>
  addresses
    .toSorted((a, b) => Number(a.scope === 'link') - Number(b.scope === 'link'))
    .map(({ ip, prefix }) => `${ip}/${prefix}`);

/** The first address, and how many more there are. */
function mainAddress(link: Interface): string {
  const [first = '-', ...more] = addressTexts(link);
  return more.length === 0 ? first : `${first} +${more.length}`;
}

const listText = (values: readonly string[]): string => (values.length === 0 ? '-' : values.join(','));

/** Columns in the order of the table; `now` is the clock that ages refer to, in milliseconds since 1970. */
export const interfaceColumns = (now: number): readonly Column<Interface>[] => [
  { key: 'index', title: 'IDX', cell: ({ index }) => String(index), align: 'right', dropOrder: 3 },
  { key: 'name', title: 'LINK', cell: ({ name }) => name },
  { key: 'type', title: 'TYPE', cell: ({ type }) => type, dropOrder: 2 },
  { key: 'state', title: 'STATE', cell: ({ state }, { paint }) => `${stateSign(state, paint)} ${state}` },
  { key: 'setup', title: 'SETUP', cell: ({ setup }) => setup ?? '-', dropOrder: 1 },
  { key: 'owner', title: 'OWNER', cell: ({ owner }) => owner, dropOrder: 5, canCut: true },
  { key: 'addresses', title: 'ADDRESSES', cell: mainAddress, canCut: true },
  { key: 'gateway', title: 'GATEWAY', cell: ({ gateway }) => gateway ?? '-', dropOrder: 6, canCut: true },
  { key: 'since', title: 'SINCE', cell: ({ since }) => ageSince(since, now) ?? '-', dropOrder: 4 },
  { key: 'mac_address', title: 'MAC', cell: (link) => link.mac_address ?? '-', onRequest: true },
  { key: 'mtu', title: 'MTU', cell: ({ mtu }) => String(mtu ?? '-'), align: 'right', onRequest: true },
  { key: 'flags', title: 'FLAGS', cell: ({ flags }) => listText(flags), onRequest: true },
  { key: 'master', title: 'MASTER', cell: ({ master }) => master ?? '-', onRequest: true },
  { key: 'driver', title: 'DRIVER', cell: ({ driver }) => driver ?? '-', onRequest: true },
  { key: 'dns', title: 'DNS', cell: ({ dns }) => listText(dns), onRequest: true },
  { key: 'domains', title: 'DOMAINS', cell: ({ domains }) => listText(domains), onRequest: true },
  { key: 'watched', title: 'WATCHED', cell: ({ watched }) => (watched ? 'yes' : 'no'), onRequest: true },
];
