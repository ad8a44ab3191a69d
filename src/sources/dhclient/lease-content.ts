/** The text of a lease file in either of its two formats, parsed. */
import { type Timestamp, timestamp } from '../../core/model/ids.ts';
import { parseLeases } from '../../wire/lease/dhclient.ts';
import { internalLeaseLink, parseInternalLease } from '../../wire/lease/internal.ts';
import type { Lease } from '../../wire/lease/lease.ts';
import { nameOf } from './lease-paths.ts';

export interface LeaseContent {
  /** In the order of the file. */
  readonly leases: readonly Lease[];
  /** The text ends inside a declaration: dhclient is writing it, or never finished. */
  readonly incomplete: boolean;
  /** The parts that were left out, one phrase each. */
  readonly problems: readonly string[];
}

export type ContentResult =
  | { readonly ok: true; readonly content: LeaseContent }
  | { readonly ok: false; readonly problem: string };

/** Parses the text of the file at `path`; the name decides the format. Never throws. */
export function readContent(path: string, modified: Timestamp, text: string): ContentResult {
  const link = internalLeaseLink(nameOf(path));
  return link === undefined ? readDhclient(text) : readInternal(link, modified, text);
}

function readDhclient(text: string): ContentResult {
  const parsed = parseLeases(text);
  if (!parsed.ok) return { ok: false, problem: parsed.problem.problem };
  const { leases, incomplete } = parsed;
  const problems = parsed.problems.map(({ line, problem }) => `line ${line}: ${problem}`);
  return { ok: true, content: { leases, incomplete, problems } };
}

/** NetworkManager replaces these files as a whole. A lease without an address is not finished. */
function readInternal(link: string, modified: Timestamp, text: string): ContentResult {
  const written = timestamp(Math.floor(modified));
  const parsed = parseInternalLease(text, { interface: link, modified: written });
  const content: LeaseContent = parsed.ok
    ? { leases: [parsed.lease], incomplete: false, problems: [] }
    : { leases: [], incomplete: true, problems: [parsed.problem] };
  return { ok: true, content };
}
