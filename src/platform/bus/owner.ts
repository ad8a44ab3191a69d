/**
 * The owner of a well-known name as a follower knows it: a value, and the reports for each change. `appeared`
 * means "read again", so it is reported once for each time that signals may have been missed.
 */

export type Ownership =
  /** Nothing has been reported yet. */
  | { readonly kind: 'unknown' }
  /** The bus is gone, and the follower knows it. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'owned'; readonly owner: string }
  /** The owner sends more signals than the budget allows. */
  | { readonly kind: 'flooded'; readonly owner: string };

export type OwnershipInput =
  /** What the bus reports of the name. */
  | { readonly kind: 'ownerIs'; readonly owner: string | undefined }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'overrun' }
  | { readonly kind: 'recovered' };

export type OwnershipReport =
  | { readonly kind: 'appeared'; readonly owner: string }
  | { readonly kind: 'vanished' }
  | { readonly kind: 'lost'; readonly cause: 'disconnected' | 'overrun' };

export interface OwnershipStep {
  readonly ownership: Ownership;
  readonly reports: readonly OwnershipReport[];
}

/** The bus has not been asked yet. */
export const ownerUnknown: Ownership = { kind: 'unknown' };

/** The ownership after an input, and the reports for the followers. */
export function stepOwnership(ownership: Ownership, input: OwnershipInput): OwnershipStep {
  switch (input.kind) {
    case 'ownerIs':
      return input.owner === undefined ? noOwner(ownership) : ownerIs(ownership, input.owner);
    case 'disconnected':
      if (ownership.kind === 'lost') return { ownership, reports: [] };
      return { ownership: { kind: 'lost' }, reports: [{ kind: 'lost', cause: 'disconnected' }] };
    case 'overrun':
      if (ownership.kind !== 'owned') return { ownership, reports: [] };
      return {
        ownership: { kind: 'flooded', owner: ownership.owner },
        reports: [{ kind: 'lost', cause: 'overrun' }],
      };
    case 'recovered':
      if (ownership.kind !== 'flooded') return { ownership, reports: [] };
      return owned(ownership.owner);
  }
}

const owned = (owner: string): OwnershipStep => ({
  ownership: { kind: 'owned', owner },
  reports: [{ kind: 'appeared', owner }],
});

function noOwner(ownership: Ownership): OwnershipStep {
  if (ownership.kind === 'absent') return { ownership, reports: [] };
  return { ownership: { kind: 'absent' }, reports: [{ kind: 'vanished' }] };
}

function ownerIs(ownership: Ownership, owner: string): OwnershipStep {
  if (ownership.kind !== 'owned' && ownership.kind !== 'flooded') return owned(owner);
  if (ownership.owner === owner) return { ownership, reports: [] };
  return { ...owned(owner), reports: [{ kind: 'vanished' }, { kind: 'appeared', owner }] };
}
