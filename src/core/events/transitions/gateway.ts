/** `gateway.d`: the default gateway of a link, per family. */
import { type Family, familyOf } from '../../model/address.ts';
import { isReady } from '../../model/address-tally.ts';
import type { KernelLink } from '../../model/state.ts';
import type { TopicValue } from '../../model/transition.ts';
import { type LinkSubject, settingsReports } from './subject.ts';
import type { LinkTopic } from './topic.ts';

/** One topic per family. */
export const gateways: readonly LinkTopic[] = ([4, 6] as const).map((family) => ({
  key: `gateway/${family}`,
  directory: 'gateway',
  family,
  read: (subject) => readGateway(subject, family),
}));

/**
 * The kernel's default route over the link decides; without one, what a lease or manager reports: kernel and
 * manager report one change one after the other, and that is one event. A link without an address of the
 * family has no gateway: nothing can be sent to it.
 */
function readGateway(subject: LinkSubject, family: Family): TopicValue | undefined {
  if (!hasAddress(subject.kernel, family)) return undefined;
  const { index } = subject.link;
  const route = subject.defaultRoutes.ofLink(index, family);
  const hop = route?.nextHops.find((one) => one.ifindex === index);
  if (route !== undefined) {
    // A default route without a gateway (`default dev ppp0`) overrides what a manager may report.
    return hop?.gateway === undefined ? undefined : { source: 'kernel', values: { gateway: hop.gateway } };
  }
  for (const { source, settings } of settingsReports(subject)) {
    const gateway = settings.gateways.find((one) => familyOf(one) === family);
    if (gateway !== undefined) return { source, values: { gateway } };
  }
  return undefined;
}

/** Whether the link has a ready address of the family, be it link-local. */
function hasAddress({ addresses }: Pick<KernelLink, 'addresses'>, family: Family): boolean {
  for (const address of addresses.values()) if (address.family === family && isReady(address)) return true;
  return false;
}
