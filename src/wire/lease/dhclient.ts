/**
 * Parses dhclient.leases(5), as ISC dhclient writes it by itself, for Debian's ifupdown, for RHEL's scripts
 * and for NetworkManager: a log of leases of both families, of which the last of each link is in use.
 */
import type { Lease } from './lease.ts';
import { readLease4 } from './lease4.ts';
import { readLease6 } from './lease6.ts';
import { type LeaseProblem, leaseProblem } from './problem.ts';
import { keywordOf, parseStatements, type Statement } from './statements.ts';

export type ParsedLeases =
  | {
      readonly ok: true;
      /** In the order of the file. */
      readonly leases: readonly Lease[];
      /** At most 100; `omitted` is the number of further ones. */
      readonly problems: readonly LeaseProblem[];
      readonly omitted: number;
      /**
       * The last statement is unfinished: dhclient is writing the file, and the caller must read it again.
       */
      readonly incomplete: boolean;
    }
  | { readonly ok: false; readonly problem: LeaseProblem };

/**
 * Maximum length of a file in UTF-16 units: dhclient rewrites its file after about twenty leases of a
 * kilobyte each. The worst text of this length takes a quarter of a second.
 */
export const maxLeaseText: number = 1024 * 1024;
const maxProblems = 100;

/** Statements of a lease file other than leases. */
const ignoredStatements: ReadonlySet<string> = new Set([
  'default-duid',
  'authoring-byte-order',
  'server-duid',
  'key',
]);

/**
 * Parses a lease file; never throws. Keeps complete leases before a problem, and later ones where possible.
 */
export function parseLeases(text: string): ParsedLeases {
  if (text.length > maxLeaseText) {
    return { ok: false, problem: leaseProblem(1, 'too-long') };
  }
  const { statements, problems: syntaxProblems, incomplete } = parseStatements(text);
  const problems = [...syntaxProblems];
  const leases: Lease[] = [];
  let foreign = 0;
  for (const statement of statements) {
    const lease = readStatement(statement, problems);
    if (lease === 'foreign') foreign++;
    else if (lease !== undefined) leases.push(lease);
  }
  if (foreign > 0 && foreign === statements.length) {
    return { ok: false, problem: leaseProblem(statements[0]?.line ?? 1, 'not-leases') };
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
      if (ignoredStatements.has(keywordOf(statement))) return undefined;
      problems.push(leaseProblem(statement.line, 'unknown-statement', keywordOf(statement)));
      return 'foreign';
  }
}
