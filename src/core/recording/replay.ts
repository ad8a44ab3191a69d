/**
 * Replays a recording through the engine of the daemon, on the times of the recording. Hooks take no time:
 * the replay shows what would have run, not how long it took.
 */
import type { Activity } from '../activity.ts';
import type { Effect } from '../effect.ts';
import { Engine } from '../engine.ts';
import type { EnginePolicy, Moment } from '../engine-options.ts';
import type { HookRunOrder } from '../hooks/hook-order.ts';
import { epoch, type Instant, instant, seq, timestamp } from '../model/ids.ts';
import type { Recording } from './recording.ts';

/** What the daemon would have done at one moment. */
export type ReplayedDecision = {
  /** Milliseconds since the start of the recording. */
  readonly after: number;
} & (
  | { readonly kind: 'activity'; readonly activity: Activity }
  | { readonly kind: 'hooks'; readonly order: HookRunOrder }
  | { readonly kind: 'effect'; readonly effect: Exclude<Effect, { readonly kind: 'publish' | 'runHooks' }> }
);

/** The epoch of replayed records: their numbers mean nothing outside of the replay. */
export const replayEpoch: string = '00000000-0000-7000-8000-000000000000';

/** Bounds the wakes between two steps: retries of what nobody answers in a replay. */
const maxWakes = 100_000;

/** Yields the decisions in order. `policy` may differ from the one of the recording. */
export function* replay({ header, steps }: Recording, policy: EnginePolicy): Generator<ReplayedDecision> {
  const collected: Effect[] = [];
  const options = { policy, epoch: epoch(replayEpoch), lastSeq: seq(0) };
  const engine = new Engine(options, (effect) => collected.push(effect));
  const at = (after: number): Moment => ({
    now: instant(after),
    wall: timestamp(header.startedAt + after),
  });
  const drain = function* (after: number): Generator<ReplayedDecision> {
    for (let effect = collected.shift(); effect !== undefined; effect = collected.shift()) {
      yield decisionOf(effect, after);
      if (effect.kind === 'runHooks') {
        const { lane, event } = effect.order;
        engine.hooksFinished(lane, { link: event.link, rejected: [] }, at(after));
      }
    }
  };
  const wakeUntil = function* (until: number): Generator<ReplayedDecision> {
    let wakes = 0;
    for (let due = engine.nextWakeAt(); due !== undefined && due <= until; due = later(engine, due)) {
      wakes++;
      if (wakes > maxWakes) return;
      engine.wake(at(due));
      yield* drain(due);
    }
  };
  for (const { after, facts } of steps) {
    yield* wakeUntil(after);
    engine.observe(facts, at(after));
    yield* drain(after);
  }
  const end = steps.at(-1)?.after ?? 0;
  yield* wakeUntil(end + (policy.damping.enabled ? policy.damping.maxSuppress : 0) + lastWait);
}

/** Debounce and duplicate address detection end within this time after the last fact. */
const lastWait = 10_000;

/** An engine that asks to be woken at the same moment again waits for an answer that a replay cannot give. */
function later(engine: Engine, woken: Instant): Instant | undefined {
  const due = engine.nextWakeAt();
  return due !== undefined && due > woken ? due : undefined;
}

function decisionOf(effect: Effect, after: number): ReplayedDecision {
  switch (effect.kind) {
    case 'publish':
      return { after, kind: 'activity', activity: effect.activity };
    case 'runHooks':
      return { after, kind: 'hooks', order: effect.order };
    default:
      return { after, kind: 'effect', effect };
  }
}
