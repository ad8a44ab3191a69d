/** The log lines about name resolution and the host name. */
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
      `the lease's host name '${name}' has no effect: '${staticName}' in /etc/hostname overrides it. ` +
      'To fix it, remove that file or set backends.dhclient.use_hostname to false';
    return { message, fields: { messageId: 'callRefused' } };
  }
  const { call } = notice.failure;
  return {
    message: refusalText(notice.failure),
    fields: { messageId: 'callRefused', ...('link' in call && { interface: call.link.name }) },
  };
}

function refusalText({ call, errorKind, error, text }: ResolverFailure): string {
  const service = serviceName(call);
  const what = `${service} refuses ${methodOf(call)}`;
  switch (errorKind) {
    case 'denied':
      return `${what}: polkit has no rule for the user that netevd runs as. ${ruleRemedy}`;
    case 'no-polkit':
      return `${what}: polkit does not run, so it cannot allow the call. To fix it, install the package polkitd. ${ruleRemedy}`;
    case 'absent':
      return `${service} does not run: ${subjectOf(call)} from leases have no effect. To fix it, start ${service} or set ${optionOf(call)} to false`;
    case 'managed':
    case 'unmanaged':
      return `${what} for this link (${text}): the manager of the link is responsible for it`;
    case 'unanswered':
      return `${service} does not answer ${methodOf(call)} (${text}); netevd tries again`;
    case 'invalid':
      return `${what} (${text})`;
    default:
      return `${what} (${error}: ${text}); netevd tries again`;
  }
}

const ruleRemedy =
  "To fix it, install netevd's rule as /usr/share/polkit-1/rules.d/50-netevd.rules. netevd tries again every minute";

function serviceName(call: ResolverCall): string {
  if (!('link' in call)) return 'systemd-hostnamed';
  return call.link.service === 'network1' ? 'systemd-networkd' : 'systemd-resolved';
}

function subjectOf(call: ResolverCall): string {
  if (!('link' in call)) return 'host names';
  return call.kind === 'setLinkDomains' ? 'domains' : 'DNS servers';
}

function optionOf(call: ResolverCall): string {
  if (!('link' in call)) return 'backends.dhclient.use_hostname';
  return `backends.dhclient.${call.kind === 'setLinkDomains' ? 'use_domain' : 'use_dns'}`;
}
