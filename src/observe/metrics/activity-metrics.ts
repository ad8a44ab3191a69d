/**
 * Counts the daemon's activity. Other occurrences are counted where they happen, through the same
 * `MetricsInput`.
 */
import type { Activity, Finding, RoutingChanged, SourceChanged } from '../../core/activity.ts';
import { millis } from '../../core/model/ids.ts';
import type { ActivityGap, ActivityObserver } from '../../ports/activity-observer.ts';
import type { MetricsInput } from './input.ts';

export class ActivityMetrics implements ActivityObserver {
  readonly name = 'metrics';
  /** Never reached: counting completes at once. */
  readonly queueLimit: number = 10_000;
  readonly #input: MetricsInput;
  readonly #isWatched: (link: string) => boolean;

  /** `isWatched`: whether the operator monitors the link of this name, by the current configuration. */
  constructor(input: MetricsInput, isWatched: (link: string) => boolean) {
    this.#input = input;
    this.#isWatched = isWatched;
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

  #countRoutingChange({ outcome }: RoutingChanged): void {
    if (outcome.result.kind === 'failed') this.#input.netlinkFailed();
  }

  #countSourceChange({ source, cause }: SourceChanged): void {
    if (cause === undefined) return;
    this.#input.resyncStarted(source, cause);
    if (source !== 'kernel') return;
    if (cause === 'overrun') this.#input.netlinkOverran();
    if (cause === 'undecodable') this.#input.netlinkFailed();
  }
}
