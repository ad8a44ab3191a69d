/** What there is to say to the operator about name resolution and the host's name, as log lines. */
import type { ResolverCall } from '../../core/resolver/call.ts';
import { methodOf } from '../../core/resolver/call-command.ts';
import type { ResolverFailure } from '../../core/resolver/resolver-memory.ts';
import type { ResolverNotice } from '../../core/resolver/resolver-notices.ts';
import type { LogFields } from '../../ports/logger.ts';

export interface ResolverLine {
  readonly message: string;
  readonly fields: LogFields;
}

/** Describes a problem of name resolution, with the fix. */
export function resolverLine(notice: ResolverNotice): ResolverLine {
  if (notice.kind === 'overruled') {
    const { name, staticName } = notice;
    const message =
      `the lease's host name '${name}' has no effect: '${staticName}' in /etc/hostname wins. ` +
      'Remove that file, or set backends.dhclient.use_hostname to false';
    return { message, fields: { messageId: 'callRefused' } };
  }
  const { call } = notice.failure;
  return {
    message: refusalText(notice.failure),
    fields: { messageId: 'callRefused', ...('link' in call && { interface: call.link.name }) },
  };
}

function refusalText({ call, errorKind, error, text }: ResolverFailure): string {
  const who = serviceName(call);
  const what = `${who} refuses ${methodOf(call)}`;
  switch (errorKind) {
    case 'denied':
      return `${what}: polkit has no rule for the user that netevd runs as. ${ruleRemedy}`;
    case 'no-polkit':
      return `${what}: nobody can allow it, polkit does not run. Install the package polkitd. ${ruleRemedy}`;
    case 'absent':
      return `${who} does not run: what leases say about ${subjectOf(call)} goes nowhere. Start it, or set ${optionOf(call)} to false`;
    case 'managed':
    case 'unmanaged':
      return `${what} for this link (${text}): it is left to whoever manages it`;
    case 'unanswered':
      return `${who} does not answer ${methodOf(call)} (${text}); it is tried again`;
    case 'invalid':
      return `${what} (${text})`;
    default:
      return `${what} (${error}: ${text}); it is tried again`;
  }
}

const ruleRemedy =
  'The rule that comes with netevd belongs into /usr/share/polkit-1/rules.d/50-netevd.rules. It is tried again every minute';

function serviceName(call: ResolverCall): string {
  if (!('link' in call)) return 'systemd-hostnamed';
  return call.link.service === 'network1' ? 'systemd-networkd' : 'systemd-resolved';
}

function subjectOf(call: ResolverCall): string {
  if (!('link' in call)) return 'the host name';
  return call.kind === 'setLinkDomains' ? 'domains' : 'DNS servers';
}

function optionOf(call: ResolverCall): string {
  if (!('link' in call)) return 'backends.dhclient.use_hostname';
  return `backends.dhclient.${call.kind === 'setLinkDomains' ? 'use_domain' : 'use_dns'}`;
}
