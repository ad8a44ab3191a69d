/**
 * Counts the daemon's activity. Other occurrences are counted where they happen, through the same
 * `MetricsInput`.
 */
import type { Activity, Finding, RoutingChanged, SourceChanged } from '../../core/activity.ts';
import { type IfIndex, millis } from '../../core/model/ids.ts';
import type { ActivityGap, ActivityObserver } from '../../ports/activity-observer.ts';
import type { MetricsInput } from './input.ts';

/** The present links. */
export interface MetricsLinks {
  /** Whether the operator monitors the link of this name, by the current configuration. */
  readonly isWatched: (link: string) => boolean;
  readonly nameOf: (link: IfIndex) => string;
}

export class ActivityMetrics implements ActivityObserver {
  readonly name = 'metrics';
  /** Never reached: counting completes at once. */
  readonly queueLimit: number = 10_000;
  readonly #input: MetricsInput;
  readonly #isWatched: (link: string) => boolean;
  readonly #nameOf: (link: IfIndex) => string;

  constructor(input: MetricsInput, links: MetricsLinks) {
    this.#input = input;
    this.#isWatched = links.isWatched;
    this.#nameOf = links.nameOf;
  }

  observe(activity: Activity | ActivityGap): void {
    switch (activity.kind) {
      case 'finding':
        this.#countFinding(activity);
        break;
      case 'hookRunEnded':
        this.#input.scriptRan(activity.run);
        break;
      case 'routingChanged':
        this.#countRoutingChange(activity);
        break;
      case 'sourceChanged':
        this.#countSourceChange(activity);
        break;
      case 'configReloaded':
        this.#input.configReloaded(activity.ok);
        break;
      default:
    }
  }

  #countFinding({ events, withoutHooks, superseded, changes }: Finding): void {
    for (const { id, directory, link, source } of events) {
      this.#input.eventFound(directory, link?.name, source);
      if (withoutHooks?.has(id) === true) this.#input.eventDone(directory, millis(0));
    }
    for (const _order of superseded) this.#input.eventSuperseded();
    for (const change of changes) {
      if (change.kind === 'linkVanished') this.#input.linkVanished(change.link.name);
      else if (change.kind === 'linkRenamed') this.#input.linkVanished(change.from);
      else if (change.kind === 'operationalStateChanged' && this.#isWatched(change.link.name)) {
        this.#input.linkStateChanged(change.link.name, change.to);
      }
    }
  }

  #countRoutingChange({ outcome: { effect, result } }: RoutingChanged): void {
    if (result.kind === 'failed') this.#input.netlinkFailed();
    else if (effect.repairs !== undefined) this.#input.routingRepaired(this.#nameOf(effect.repairs));
  }

  #countSourceChange({ source, cause }: SourceChanged): void {
    if (cause === undefined) return;
    this.#input.resyncStarted(source, cause);
    if (source !== 'kernel') return;
    if (cause === 'overrun') this.#input.netlinkOverran();
    if (cause === 'undecodable') this.#input.netlinkFailed();
  }
}
