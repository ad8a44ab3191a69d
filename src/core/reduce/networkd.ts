/** Folds reports of systemd-networkd. */

import { isSameRecord } from '../model/equality.ts';
import type { NetworkdFact, NetworkdReport } from '../model/fact.ts';
import type { IfIndex } from '../model/ids.ts';
import { completeReport } from '../model/networkd-report.ts';
import type { KernelState, NetworkdLink, NetworkdState } from '../model/state.ts';
import { hasCarrier } from '../model/vocabulary.ts';
import { isGone, markAppeared, markLost, mergeProperties, mergeReport, reuseIfEqual } from './manager.ts';

/** Returns the same object if the fact changes nothing. `kernel` is the current kernel state. */
export function reduceNetworkd(
  networkd: NetworkdState,
  fact: NetworkdFact,
  kernel: KernelState,
): NetworkdState {
  switch (fact.kind) {
    case 'networkdAppeared':
      return markAppeared(networkd);
    case 'networkdVanished':
      return isGone(networkd) ? networkd : { ...markLost(networkd), host: {} };
    case 'networkdRead':
      return readNetworkd(networkd, fact, kernel);
    case 'networkdLinkObserved':
      return observeLink(networkd, fact.index, fact.link, kernel);
    case 'networkdHostObserved': {
      const host = mergeProperties(networkd.host, fact.host);
      return host === networkd.host ? networkd : { ...networkd, host };
    }
  }
}

function readNetworkd(
  networkd: NetworkdState,
  read: NetworkdFact & { readonly kind: 'networkdRead' },
  kernel: KernelState,
): NetworkdState {
  let { links } = networkd;
  for (const [index, report] of read.links) {
    const link = { ...report, acknowledged: isUpToDate(report, index, kernel) };
    links = links.set(index, reuseIfEqual(links.get(index), link));
  }
  for (const index of networkd.links.keys()) if (!read.links.has(index)) links = links.delete(index);
  const host = isSameRecord(networkd.host, read.host) ? networkd.host : read.host;
  if (links === networkd.links && host === networkd.host && networkd.freshness === 'current') return networkd;
  return { freshness: 'current', host, links };
}

/**
 * Whether a report reflects the kernel's carrier state. networkd made one with `carrier` before it knew of
 * the loss.
 */
const isUpToDate = (report: NetworkdReport, index: IfIndex, kernel: KernelState): boolean =>
  !hasCarrier(report.carrierState) || kernelHasCarrier(kernel, index) !== false;

/** Undefined if the kernel has not reported the link. */
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
  const previous = networkd.links.get(index);
  const next = previous === undefined ? initialReport(report) : mergeReport<NetworkdLink>(previous, report);
  if (next === undefined || next === previous) return networkd;
  const link = withCarrierReport(previous, next, kernelHasCarrier(kernel, index) === true);
  return { ...networkd, links: networkd.links.set(index, link) };
}

/** Returns the first report of a link; undefined if it has no states. */
function initialReport(partial: Partial<NetworkdReport>): NetworkdLink | undefined {
  const report = completeReport(partial);
  return report && { ...report, acknowledged: true };
}

/**
 * Relates a report to the kernel's carrier state. A report of a loss acknowledges the kernel's; if the kernel
 * has not reported one, networkd is ahead.
 */
function withCarrierReport(
  previous: NetworkdLink | undefined,
  next: NetworkdLink,
  kernelHas: boolean,
): NetworkdLink {
  const { aheadOfKernel, ...link } = next;
  if (hasCarrier(next.carrierState)) return link;
  const isAhead =
    kernelHas &&
    previous !== undefined &&
    (aheadOfKernel === true || (previous.acknowledged && hasCarrier(previous.carrierState)));
  return { ...link, acknowledged: true, ...(isAhead && { aheadOfKernel: true as const }) };
}

/** Marks the report of a link as not acknowledged after the kernel reported a loss of carrier. */
export function invalidateCarrier(networkd: NetworkdState, index: IfIndex): NetworkdState {
  const previous = networkd.links.get(index);
  if (previous === undefined) return networkd;
  const { aheadOfKernel: _aheadOfKernel, ...link } = previous;
  const acknowledged = !hasCarrier(previous.carrierState);
  if (acknowledged === previous.acknowledged && previous.aheadOfKernel === undefined) return networkd;
  return { ...networkd, links: networkd.links.set(index, { ...link, acknowledged }) };
}

/** Removes a link that is gone: another one may take its index. */
export function forgetNetworkdLink(networkd: NetworkdState, index: IfIndex): NetworkdState {
  const links = networkd.links.delete(index);
  return links === networkd.links ? networkd : { ...networkd, links };
}
