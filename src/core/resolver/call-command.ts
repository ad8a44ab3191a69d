/** Formats calls for people: as the equivalent command, and by method name. */
import type { ResolverCall } from './call.ts';

/** Returns a shell command. resolvectl itself calls systemd-networkd for the links that networkd manages. */
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

/** Returns the D-Bus method of the call. */
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
