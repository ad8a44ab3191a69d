/** A call in the words of people: as the command that does the same, and by its method. */
import type { ResolverCall } from './call.ts';

/** Can be typed at a shell; resolvectl turns to systemd-networkd by itself for the links that it manages. */
export function callCommand(call: ResolverCall): string {
  switch (call.kind) {
    case 'setLinkDns':
      return `resolvectl dns ${call.link.name} ${listOf(call.servers)}`;
    case 'setLinkDomains':
      return `resolvectl domain ${call.link.name} ${listOf(call.domains)}`;
    case 'revertLink':
      return `resolvectl revert ${call.link.name}`;
    case 'setHostname':
      return `hostnamectl hostname --transient ${call.name}`;
    case 'resetHostname':
      return `hostnamectl hostname --transient ${call.to === '' ? "''" : call.to}`;
  }
}

const listOf = (values: readonly string[]): string => (values.length === 0 ? "''" : values.join(' '));

/** The D-Bus method that the call is. */
export function methodOf(call: ResolverCall): string {
  switch (call.kind) {
    case 'setLinkDns':
      return 'SetLinkDNS';
    case 'setLinkDomains':
      return 'SetLinkDomains';
    case 'revertLink':
      return call.link.service === 'network1' ? 'RevertLinkDNS' : 'RevertLink';
    default:
      return 'SetHostname';
  }
}
