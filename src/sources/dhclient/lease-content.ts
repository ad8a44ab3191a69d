/** What the text of a lease file says, whichever of the two grammars it is in. */
import { type Timestamp, timestamp } from '../../core/model/ids.ts';
import { parseLeases } from '../../wire/lease/dhclient.ts';
import { internalLeaseLink, parseInternalLease } from '../../wire/lease/internal.ts';
import type { Lease } from '../../wire/lease/lease.ts';
import { nameOf } from './lease-paths.ts';

export interface LeaseContent {
  /** In the order of the file. */
  readonly leases: readonly Lease[];
  /** It ends in the middle of something: it is being written, or was never finished. */
  readonly incomplete: boolean;
  /** What was left out, a phrase each. */
  readonly problems: readonly string[];
}

export type ContentResult =
  | { readonly ok: true; readonly content: LeaseContent }
  | { readonly ok: false; readonly problem: string };

/** Never throws. */
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

/** NetworkManager replaces these files: what has no address yet is not finished. */
function readInternal(link: string, modified: Timestamp, text: string): ContentResult {
  const written = timestamp(Math.floor(modified));
  const parsed = parseInternalLease(text, { interface: link, modified: written });
  const content: LeaseContent = parsed.ok
    ? { leases: [parsed.lease], incomplete: false, problems: [] }
    : { leases: [], incomplete: true, problems: [parsed.problem] };
  return { ok: true, content };
}
