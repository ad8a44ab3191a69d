/** Where the transitions of vanished links go among the other events of a step. */
import type { EventDraft } from '../../model/event.ts';

/** Puts the transitions of each link before its `link-removed`, which is the last event of a link. */
export function placeBeforeRemovals(
  drafts: readonly EventDraft[],
  transitions: readonly EventDraft[],
): readonly EventDraft[] {
  if (transitions.length === 0) return drafts;
  const placed: EventDraft[] = [];
  const left = new Set(transitions);
  for (const draft of drafts) {
    if (draft.directory === 'link-removed') {
      for (const transition of left) {
        if (!isSameLink(transition, draft)) continue;
        placed.push(transition);
        left.delete(transition);
      }
    }
    placed.push(draft);
  }
  return [...left, ...placed];
}

const isSameLink = ({ link: a }: EventDraft, { link: b }: EventDraft): boolean =>
  a?.index === b?.index && a?.generation === b?.generation;
