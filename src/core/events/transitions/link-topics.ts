/** Every topic of a link, in the order in which transitions that are due together are reported. */
import { addressChanged } from './address-changed.ts';
import { dnsSettings } from './dns.ts';
import { gateways } from './gateway.ts';
import { leases } from './lease.ts';
import { prefixes } from './prefix.ts';
import type { LinkTopic } from './topic.ts';

/** From cause to effect: a lease brings addresses, those a gateway and name servers. */
export const linkTopics: readonly LinkTopic[] = [
  ...leases,
  prefixes,
  addressChanged,
  ...gateways,
  dnsSettings,
];
