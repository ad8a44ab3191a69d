/** Since when each link has been in its operational state, and what it was before. */
import type { Finding } from '../../core/activity.ts';
import type { LinkRef } from '../../core/model/change.ts';
import type { EventId, IfIndex, Timestamp } from '../../core/model/ids.ts';
import type { OperationalState } from '../../core/model/vocabulary.ts';

export interface LinkTime {
  readonly since: Timestamp;
  /** Undefined where it came in this state. */
  readonly from: OperationalState | undefined;
  readonly to: OperationalState;
  /** The record that says so, where the link is watched. */
  readonly causedBy: EventId | undefined;
}

export class LinkTimes {
  readonly #times = new Map<IfIndex, LinkTime>();

  get(index: IfIndex): LinkTime | undefined {
    return this.#times.get(index);
  }

  /** What the daemon found out while it ran. What it finds at its start happened earlier, nobody knows when. */
  follow({ changes, events, initial }: Finding, at: Timestamp): void {
    if (initial) return;
    const causeOf = ({ index }: LinkRef, state: string): EventId | undefined =>
      events.find((event) => event.link?.index === index && event.state === state)?.id;
    for (const change of changes) {
      if (change.kind === 'linkVanished') this.#times.delete(change.link.index);
      if (change.kind === 'linkAppeared') {
        const to = change.status.operational;
        const causedBy = causeOf(change.link, to);
        this.#times.set(change.link.index, { since: at, from: undefined, to, causedBy });
      }
      if (change.kind === 'operationalStateChanged') {
        const { from, to, link } = change;
        this.#times.set(link.index, { since: at, from, to, causedBy: causeOf(link, to) });
      }
    }
  }

  /** What an earlier daemon recorded; what this one saw itself is newer. */
  recall(index: IfIndex, time: LinkTime): void {
    if (!this.#times.has(index)) this.#times.set(index, time);
  }
}
