/** Folding what systemd-networkd says. */

import { isSameRecord } from '../model/equality.ts';
import type { NetworkdFact, NetworkdReport } from '../model/fact.ts';
import type { IfIndex } from '../model/ids.ts';
import { completedReport } from '../model/networkd-report.ts';
import type { KernelState, NetworkdLink, NetworkdState } from '../model/state.ts';
import { hasCarrier } from '../model/vocabulary.ts';
import { appeared, kept, lost, mergedRecord, overlay } from './manager.ts';

/** The same object where the fact is no news. `kernel` is what the kernel has told so far. */
export function reduceNetworkd(
  networkd: NetworkdState,
  fact: NetworkdFact,
  kernel: KernelState,
): NetworkdState {
  switch (fact.kind) {
    case 'networkdAppeared':
      return appeared(networkd);
    case 'networkdVanished':
      return isSilent(networkd) ? networkd : { ...lost(networkd), host: {} };
    case 'networkdRead':
      return readNetworkd(networkd, fact, kernel);
    case 'networkdLinkObserved':
      return observeLink(networkd, fact.index, fact.link, kernel);
    case 'networkdHostObserved': {
      const host = mergedRecord(networkd.host, fact.host);
      return host === networkd.host ? networkd : { ...networkd, host };
    }
  }
}

const isSilent = ({ freshness, host }: NetworkdState): boolean =>
  freshness === 'absent' || (freshness === 'stale' && Object.keys(host).length === 0);

function readNetworkd(
  networkd: NetworkdState,
  read: NetworkdFact & { readonly kind: 'networkdRead' },
  kernel: KernelState,
): NetworkdState {
  let { links } = networkd;
  for (const [index, report] of read.links) {
    const link = { ...report, acknowledged: isUpToDate(report, index, kernel) };
    links = links.set(index, kept(links.get(index), link));
  }
  for (const index of networkd.links.keys()) if (!read.links.has(index)) links = links.delete(index);
  const host = isSameRecord(networkd.host, read.host) ? networkd.host : read.host;
  if (links === networkd.links && host === networkd.host && networkd.freshness === 'current') return networkd;
  return { freshness: 'current', host, links };
}

/** A reading that says `carrier` of a link that has none was made before networkd heard of the loss. */
const isUpToDate = (report: NetworkdReport, index: IfIndex, kernel: KernelState): boolean =>
  !hasCarrier(report.carrierState) || kernelHasCarrier(kernel, index) !== false;

/** Undefined where the kernel has not told of the link. */
function kernelHasCarrier(kernel: KernelState, index: IfIndex): boolean | undefined {
  const state = kernel.links.get(index)?.carrierState;
  return state === undefined ? undefined : hasCarrier(state);
}

function observeLink(
  networkd: NetworkdState,
  index: IfIndex,
  report: Partial<NetworkdReport>,
  kernel: KernelState,
): NetworkdState {
  const held = networkd.links.get(index);
  const told = held === undefined ? initialReport(report) : overlay<NetworkdLink>(held, report);
  if (told === undefined || told === held) return networkd;
  const link = withCarrierWord(held, told, kernelHasCarrier(kernel, index) === true);
  return { ...networkd, links: networkd.links.set(index, link) };
}

/** A link of which nothing is known yet: enough must be told to say what state it is in. */
function initialReport(told: Partial<NetworkdReport>): NetworkdLink | undefined {
  const report = completedReport(told);
  return report && { ...report, acknowledged: true };
}

/**
 * What a report means for the carrier. A loss acknowledges what the kernel said; where the kernel said
 * nothing of the kind, networkd has been quicker.
 */
function withCarrierWord(
  held: NetworkdLink | undefined,
  told: NetworkdLink,
  kernelHas: boolean,
): NetworkdLink {
  const { aheadOfKernel, ...link } = told;
  if (hasCarrier(told.carrierState)) return link;
  const isAhead =
    kernelHas &&
    held !== undefined &&
    (aheadOfKernel === true || (held.acknowledged && hasCarrier(held.carrierState)));
  return { ...link, acknowledged: true, ...(isAhead && { aheadOfKernel: true as const }) };
}

/** The kernel has lost the carrier: what networkd said before is of the past until it says so too. */
export function invalidateCarrier(networkd: NetworkdState, index: IfIndex): NetworkdState {
  const held = networkd.links.get(index);
  if (held === undefined) return networkd;
  const { aheadOfKernel: _caughtUp, ...link } = held;
  const acknowledged = !hasCarrier(held.carrierState);
  if (acknowledged === held.acknowledged && held.aheadOfKernel === undefined) return networkd;
  return { ...networkd, links: networkd.links.set(index, { ...link, acknowledged }) };
}

/** The link is gone, and its index may be taken by another. */
export function forgetNetworkdLink(networkd: NetworkdState, index: IfIndex): NetworkdState {
  const links = networkd.links.delete(index);
  return links === networkd.links ? networkd : { ...networkd, links };
}
