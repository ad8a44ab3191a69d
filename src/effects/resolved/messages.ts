/**
 * Method calls of org.freedesktop.resolve1(5) and org.freedesktop.network1(5), which take the same arguments.
 */
import { familyOf, type IpAddress, parseIpBytes } from '../../core/model/address.ts';
import type { LinkTarget, ResolverCall } from '../../core/resolver/call.ts';
import { methodOf } from '../../core/resolver/call-command.ts';
import type { BusCall } from '../../ports/bus-connection.ts';
import type { BusBody, BusValue } from '../../wire/dbus/value.ts';

export type LinkCall = Extract<ResolverCall, { readonly link: LinkTarget }>;

/** Whether a call is about a link. */
export const isLinkCall = (call: ResolverCall): call is LinkCall => 'link' in call;

/** The call as a message to the service that the link is for. */
export function messageOf(call: LinkCall): BusCall {
  const { service } = call.link;
  const name = `org.freedesktop.${service}`;
  return {
    destination: name,
    path: `/org/freedesktop/${service}`,
    interface: `${name}.Manager`,
    member: methodOf(call),
    body: bodyOf(call),
    // resolved starts on demand; a networkd that does not run manages no link.
    mayStartService: service === 'resolve1',
  };
}

function bodyOf(call: LinkCall): BusBody {
  const { index } = call.link;
  switch (call.kind) {
    case 'setLinkDns':
      return { signature: 'ia(iay)', values: [index, call.servers.map(serverOf)] };
    case 'setLinkDomains':
      // Domains to search in: `route_only` is false.
      return { signature: 'ia(sb)', values: [index, call.domains.map((domain) => [domain, false])] };
    case 'revertLink':
      return { signature: 'i', values: [index] };
  }
}

/** AF_INET and AF_INET6 of sys/socket.h. */
const addressFamilies = { 4: 2, 6: 10 } as const;

const serverOf = (address: IpAddress): BusValue => [
  addressFamilies[familyOf(address)],
  parseIpBytes(address) ?? new Uint8Array(),
];
