import { expect, test } from 'bun:test';
import { type Ownership, type OwnershipInput, ownerUnknown, stepOwnership } from './owner.ts';

const a = ':1.1';
const b = ':1.2';
const is = (owner: string | undefined): OwnershipInput => ({ kind: 'ownerIs', owner });
const [disconnected, overrun, recovered] = (['disconnected', 'overrun', 'recovered'] as const).map(
  (kind) => ({
    kind,
  }),
) as [OwnershipInput, OwnershipInput, OwnershipInput];

/** The reports of a follower as text. */
function reportsOf(...inputs: readonly OwnershipInput[]): string[] {
  let ownership: Ownership = ownerUnknown;
  return inputs.flatMap((input) => {
    const step = stepOwnership(ownership, input);
    ownership = step.ownership;
    return step.reports.map((report) =>
      report.kind === 'appeared' ? report.owner : report.kind === 'lost' ? report.cause : report.kind,
    );
  });
}

test.each<readonly [string, readonly OwnershipInput[], readonly string[]]>([
  ['an owner', [is(a)], [a]],
  ['no owner', [is(undefined)], ['vanished']],
  ['the same owner again', [is(a), is(a)], [a]],
  ['no owner again', [is(undefined), is(undefined)], ['vanished']],
  ['a new owner', [is(undefined), is(a)], ['vanished', a]],
  ['an owner that leaves', [is(a), is(undefined)], [a, 'vanished']],
  ['an owner that replaces another', [is(a), is(b)], [a, 'vanished', b]],
  ['a bus that is absent from the start', [disconnected, disconnected], ['disconnected']],
  ['a reconnected bus with the same owner', [is(a), disconnected, is(a)], [a, 'disconnected', a]],
  [
    'a reconnected bus without the owner',
    [is(a), disconnected, is(undefined)],
    [a, 'disconnected', 'vanished'],
  ],
  ['an overrun', [is(a), overrun, overrun, recovered, recovered], [a, 'overrun', a]],
  ['an overrun, then another owner', [is(a), overrun, is(b), recovered], [a, 'overrun', 'vanished', b]],
  ['an overrun, then no owner', [is(a), overrun, is(undefined), recovered], [a, 'overrun', 'vanished']],
  ['an overrun, then no bus', [is(a), overrun, disconnected, recovered], [a, 'overrun', 'disconnected']],
  ['no overrun without an owner', [is(undefined), overrun, recovered], ['vanished']],
])('stepOwnership reports %s', (_what, inputs, reports) => {
  expect(reportsOf(...inputs)).toEqual([...reports]);
});
