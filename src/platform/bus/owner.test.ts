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

/** What a follower is told, in words. */
function told(...inputs: readonly OwnershipInput[]): string[] {
  let ownership: Ownership = ownerUnknown;
  return inputs.flatMap((input) => {
    const step = stepOwnership(ownership, input);
    ownership = step.ownership;
    return step.tell.map((telling) =>
      telling.kind === 'appeared' ? telling.owner : telling.kind === 'lost' ? telling.cause : telling.kind,
    );
  });
}

test.each<readonly [string, readonly OwnershipInput[], readonly string[]]>([
  ['an owner', [is(a)], [a]],
  ['no owner', [is(undefined)], ['vanished']],
  ['the same owner again', [is(a), is(a)], [a]],
  ['nobody again', [is(undefined), is(undefined)], ['vanished']],
  ['one comes', [is(undefined), is(a)], ['vanished', a]],
  ['one goes', [is(a), is(undefined)], [a, 'vanished']],
  ['one takes the place of another', [is(a), is(b)], [a, 'vanished', b]],
  ['no bus from the beginning', [disconnected, disconnected], ['disconnected']],
  ['the bus goes and comes, the owner the same', [is(a), disconnected, is(a)], [a, 'disconnected', a]],
  [
    'the bus goes and comes without the owner',
    [is(a), disconnected, is(undefined)],
    [a, 'disconnected', 'vanished'],
  ],
  ['too many signals', [is(a), overrun, overrun, recovered, recovered], [a, 'overrun', a]],
  ['too many signals, then another owner', [is(a), overrun, is(b), recovered], [a, 'overrun', 'vanished', b]],
  ['too many signals, then no owner', [is(a), overrun, is(undefined), recovered], [a, 'overrun', 'vanished']],
  [
    'too many signals, then no bus',
    [is(a), overrun, disconnected, recovered],
    [a, 'overrun', 'disconnected'],
  ],
  ['too many signals of nobody', [is(undefined), overrun, recovered], ['vanished']],
])('%s', (_what, inputs, words) => {
  expect(told(...inputs)).toEqual([...words]);
});
