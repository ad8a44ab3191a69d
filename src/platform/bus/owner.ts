/**
 * Who owns a well-known name, as far as a follower knows: a value, and what the follower is told when it changes. Each
 * `appeared` stands for "read again", so it is told once for each time that signals may have been missed.
 */

export type Ownership =
  /** Nothing was told yet. */
  | { readonly kind: 'unknown' }
  /** The bus is gone, and the follower knows it. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'owned'; readonly owner: string }
  /** The owner sends more than is followed. */
  | { readonly kind: 'flooded'; readonly owner: string };

export type OwnershipInput =
  /** What the bus says of the name. */
  | { readonly kind: 'ownerIs'; readonly owner: string | undefined }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'overrun' }
  | { readonly kind: 'recovered' };

export type Telling =
  | { readonly kind: 'appeared'; readonly owner: string }
  | { readonly kind: 'vanished' }
  | { readonly kind: 'lost'; readonly cause: 'disconnected' | 'overrun' };

export interface OwnershipStep {
  readonly ownership: Ownership;
  readonly tell: readonly Telling[];
}

/** The bus has not been asked yet. */
export const ownerUnknown: Ownership = { kind: 'unknown' };

/** Where a name stands after an input, and what its followers are to be told. */
export function stepOwnership(ownership: Ownership, input: OwnershipInput): OwnershipStep {
  switch (input.kind) {
    case 'ownerIs':
      return input.owner === undefined ? noOwner(ownership) : ownerIs(ownership, input.owner);
    case 'disconnected':
      if (ownership.kind === 'lost') return { ownership, tell: [] };
      return { ownership: { kind: 'lost' }, tell: [{ kind: 'lost', cause: 'disconnected' }] };
    case 'overrun':
      if (ownership.kind !== 'owned') return { ownership, tell: [] };
      return {
        ownership: { kind: 'flooded', owner: ownership.owner },
        tell: [{ kind: 'lost', cause: 'overrun' }],
      };
    case 'recovered':
      if (ownership.kind !== 'flooded') return { ownership, tell: [] };
      return owned(ownership.owner);
  }
}

const owned = (owner: string): OwnershipStep => ({
  ownership: { kind: 'owned', owner },
  tell: [{ kind: 'appeared', owner }],
});

function noOwner(ownership: Ownership): OwnershipStep {
  if (ownership.kind === 'nobody') return { ownership, tell: [] };
  return { ownership: { kind: 'nobody' }, tell: [{ kind: 'vanished' }] };
}

function ownerIs(ownership: Ownership, owner: string): OwnershipStep {
  if (ownership.kind !== 'owned' && ownership.kind !== 'flooded') return owned(owner);
  if (ownership.owner === owner) return { ownership, tell: [] };
  return { ...owned(owner), tell: [{ kind: 'vanished' }, { kind: 'appeared', owner }] };
}
