/**
 * Transitions: what a value was and what it is now, as plain data that hooks, records and the journal share.
 */
import type { Family } from './address.ts';
import type { HookDirectory } from './event-table.ts';
import type { Timestamp } from './ids.ts';
import type { Source } from './vocabulary.ts';

/** Named values, by the keys of `before` and `after` in the JSON of an event. */
export type TransitionValues = Readonly<Record<string, string | readonly string[]>>;

/** What is true of one subject, and by whose word. */
export interface TopicValue {
  readonly source: Source;
  readonly values: TransitionValues;
  /** End of a lease. Never part of a comparison: a renewal changes nothing else. */
  readonly expires?: Timestamp | 'never';
}

/** Both sides of a transition. A side is null if there was, or is, nothing. */
export interface Transition {
  /** Keys of the values that differ, in the order of the values. */
  readonly changed: readonly string[];
  /** On transitions that exist once per family. */
  readonly family?: Family;
  readonly before: TransitionValues | null;
  readonly after: TransitionValues | null;
}

/** What the last report of each subject said, by the subject's key; a restart compares with it. */
export type ReportedValues = ReadonlyMap<string, TopicValue>;

/** Changes of `ReportedValues`, for the journal; null where nothing is left. */
export type ReportedUpdates = readonly (readonly [key: string, reading: TopicValue | null])[];

/**
 * Suffixes of `OLD_…` and `NEW_…` by the key of the value. A value without an entry has no variable.
 */
export const transitionVariables: Partial<Record<HookDirectory, Readonly<Record<string, string>>>> = {
  'address-changed': { addresses: 'ADDRESSES' },
  lease: {
    addresses: 'DHCP_ADDRESS',
    subnet_mask: 'DHCP_SUBNET_MASK',
    gateway: 'DHCP_GATEWAY',
    dns: 'DHCP_DNS',
    domain: 'DHCP_DOMAIN',
    hostname: 'DHCP_HOSTNAME',
    ntp: 'DHCP_NTP',
    routes: 'DHCP_ROUTES',
    prefixes: 'DHCP_PREFIXES',
    lease: 'DHCP_LEASE',
  },
  prefix: { prefixes: 'PREFIXES' },
  gateway: { gateway: 'GATEWAY' },
  dns: { dns: 'DNS', domains: 'DOMAINS' },
  renamed: { link: 'LINK' },
  'default-route': { link: 'LINK', gateway: 'GATEWAY' },
};

/** Whether two sets of values are the same. */
export function isSameTopicValue(a: TopicValue | undefined, b: TopicValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return changedKeys(a.values, b.values).length === 0;
}

/** Lists the keys whose values differ; a missing side has no values. */
export function changedKeys(before: TransitionValues = {}, after: TransitionValues = {}): readonly string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => textOf(before[key]) !== textOf(after[key]));
}

/** Builds the transition between two readings. */
export function transitionOf(
  before: TopicValue | undefined,
  after: TopicValue | undefined,
  family?: Family,
): Transition {
  return {
    changed: changedKeys(before?.values, after?.values),
    ...(family !== undefined && { family }),
    before: before?.values ?? null,
    after: after?.values ?? null,
  };
}

/** The value of a variable: a list with single spaces; empty if there is none. */
export const textOf = (value: string | readonly string[] | undefined): string =>
  typeof value === 'string' ? value : (value ?? []).join(' ');
