/**
 * dhclient.leases(5), as ISC dhclient writes it, alone, for Debian's ifupdown, for RHEL's scripts and for
 * NetworkManager: a log of leases of both families, the last of each link being the one in use.
 */
import type { Lease } from './lease.ts';
import { readLease4 } from './lease4.ts';
import { readLease6 } from './lease6.ts';
import { keywordOf, type LeaseProblem, parseStatements, type Statement } from './statements.ts';

export type { LeaseProblem } from './statements.ts';

export type ParsedLeases =
  | {
      readonly ok: true;
      /** In the order of the file. */
      readonly leases: readonly Lease[];
      /** At most 100; `omitted` says how many more there were. */
      readonly problems: readonly LeaseProblem[];
      readonly omitted: number;
      /** The last statement is not finished: the file is being written, and has to be read again. */
      readonly incomplete: boolean;
    }
  | { readonly ok: false; readonly problem: LeaseProblem };

/**
 * Longest text that is read, in UTF-16 units: dhclient rewrites its file after some twenty leases, a kilobyte each.
 * The worst text of this length takes a quarter of a second.
 */
export const maxLeaseText: number = 1024 * 1024;
const maxProblems = 100;

/** Statements of the file itself that are no leases. */
const others: ReadonlySet<string> = new Set(['default-duid', 'authoring-byte-order', 'server-duid', 'key']);

/** Never throws. Complete leases before a mistake or a cut are kept, also those behind it where that can be known. */
export function parseLeases(text: string): ParsedLeases {
  if (text.length > maxLeaseText) {
    return { ok: false, problem: { line: 1, problem: `longer than ${maxLeaseText} characters` } };
  }
  const { statements, problems: torn, incomplete } = parseStatements(text);
  const problems = [...torn];
  const leases: Lease[] = [];
  let foreign = 0;
  for (const statement of statements) {
    const lease = readStatement(statement, problems);
    if (lease === 'foreign') foreign++;
    else if (lease !== undefined) leases.push(lease);
  }
  if (foreign > 0 && foreign === statements.length) {
    return { ok: false, problem: { line: statements[0]?.line ?? 1, problem: 'not a file of leases' } };
  }
  problems.sort((a, b) => a.line - b.line);
  const omitted = Math.max(0, problems.length - maxProblems);
  return { ok: true, leases, problems: problems.slice(0, maxProblems), omitted, incomplete };
}

function readStatement(statement: Statement, problems: LeaseProblem[]): Lease | 'foreign' | undefined {
  switch (keywordOf(statement)) {
    case 'lease':
      return readLease4(statement, problems);
    case 'lease6':
      return readLease6(statement, problems);
    default:
      if (others.has(keywordOf(statement))) return undefined;
      problems.push({ line: statement.line, problem: 'a statement that no file of leases has' });
      return 'foreign';
  }
}
