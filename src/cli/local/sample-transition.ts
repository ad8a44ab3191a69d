/** Transitions to try a script with: the value that the link has now, and one before it from RFC 5737. */
import type { Family } from '../../core/model/address.ts';
import type { HookDirectory } from '../../core/model/event-table.ts';
import { type Transition, type TransitionValues, transitionOf } from '../../core/model/transition.ts';
import type { LinkDetails } from '../../core/view/link-details.ts';

export interface SampleTransition {
  /** `EVENT`. */
  readonly name: string;
  readonly transition: Transition;
}

interface Sides {
  readonly name?: string;
  readonly family?: Family;
  readonly before: TransitionValues | undefined;
  readonly after: TransitionValues | undefined;
}

/** Makes the transition of an event in this directory. */
export function sampleTransition(directory: HookDirectory, details: LinkDetails): SampleTransition {
  const { name = directory, family, before, after } = sidesOf(directory, details);
  const reading = (values: TransitionValues | undefined) =>
    values === undefined ? undefined : ({ source: 'kernel', values } as const);
  return { name, transition: transitionOf(reading(before), reading(after), family) };
}

function sidesOf(directory: HookDirectory, details: LinkDetails): Sides {
  const { link, reachable, dns, domains, gateway = '192.0.2.1' } = details;
  const family = gateway.includes(':') ? 6 : 4;
  switch (directory) {
    case 'address-changed':
      return { before: { addresses: ['192.0.2.10'] }, after: { addresses: reachable } };
    case 'lease':
      return { name: 'changed', family: 4, ...leaseSides(details) };
    case 'prefix': {
      const [before, after] = ['2001:db8:1::/56', '2001:db8:2::/56'].map((prefix) => ({
        prefixes: [prefix],
      }));
      return { name: 'changed', family: 6, before, after };
    }
    case 'gateway':
      return { family, before: undefined, after: { gateway } };
    case 'dns':
      return { before: { dns: ['192.0.2.53'], domains: ['example.net'] }, after: { dns, domains } };
    case 'renamed':
      return { before: { link: 'eth9' }, after: { link: link.name } };
    case 'default-route':
      return { name: 'gained', family, before: undefined, after: { link: [link.name], gateway: [gateway] } };
    default: {
      const state = directory === 'online' ? ['offline', 'online'] : ['online', 'offline'];
      return { before: { state: state[0] ?? '' }, after: { state: state[1] ?? '' } };
    }
  }
}

function leaseSides({ reachable, dns, domains, gateway }: LinkDetails): Pick<Sides, 'before' | 'after'> {
  const after = {
    addresses: reachable.filter((address) => !address.includes(':')).slice(0, 1),
    gateway: gateway === undefined || gateway.includes(':') ? [] : [gateway],
    dns,
    domain: domains,
  };
  return { before: { ...after, addresses: ['192.0.2.10'] }, after };
}
