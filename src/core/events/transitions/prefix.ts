/** `prefix.d`: the IPv6 prefixes that a DHCPv6 server delegated to a link (RFC 8415, IA_PD). */
import { leaseEventName, readLease } from './lease.ts';
import type { LinkTopic } from './topic.ts';

export const prefixes: LinkTopic = {
  key: 'prefix',
  directory: 'prefix',
  family: 6,
  read(subject) {
    const lease = readLease(subject, 6);
    const delegated = lease?.values['prefixes'];
    if (lease === undefined || delegated === undefined || delegated.length === 0) return undefined;
    const { source, expires } = lease;
    return { source, values: { prefixes: delegated }, ...(expires !== undefined && { expires }) };
  },
  /** A prefix that is gone is `expired`, also if its lease was released: nothing may use it any more. */
  nameOf(before, after, context) {
    const name = leaseEventName(before, after, context);
    return name === 'released' ? 'expired' : name;
  },
};
