/** What views of links need beyond the state. */

import type { Snapshot } from '../../core/snapshot.ts';
import type { LinkViewContext } from '../../core/view/link-view.ts';
import type { ApiContext } from '../context.ts';

export const linkFacts = (context: Pick<ApiContext, 'tracker'>, snapshot: Snapshot): LinkViewContext => ({
  isMonitored: (name) => snapshot.selection.isMonitored(name),
  since: (index) => context.tracker.link(index)?.since,
  damping: (index) => snapshot.damping(index),
});
