import { describe, expect, test } from 'bun:test';
import type { HookRunOrder } from '../../core/hooks/hook-order.ts';
import type { HookRun } from '../../core/hooks/hook-run.ts';
import type { NetworkEvent } from '../../core/model/event.ts';
import { millis, timestamp } from '../../core/model/ids.ts';
import type { MetricsInput } from '../../observe/metrics/input.ts';
import { sampleEvent } from '../../testing/sample-state.ts';
import { countedLanes } from './counted-lanes.ts';

/** The start latencies that are counted for an event whose hooks take this long after it to start. */
async function latenciesOf(
  event: Partial<NetworkEvent>,
  ...runs: readonly { readonly after: number; readonly duration?: number; readonly retry?: boolean }[]
): Promise<number[]> {
  const counted: number[] = [];
  const input: Partial<MetricsInput> = {
    eventDispatched: () => {},
    eventDone: () => {},
    hookStarted: (latency) => void counted.push(latency),
  };
  const found = sampleEvent(event);
  const lanes = countedLanes(
    {
      async run(_order, onRun) {
        for (const { after, duration = 5, retry = false } of runs) {
          const startedAt = timestamp(found.at + after);
          onRun({ startedAt, duration: millis(duration), retry } as HookRun);
        }
        return { rejected: [] };
      },
    },
    () => input as MetricsInput,
    { wall: () => found.at },
  );
  await lanes.run({ event: found, covers: [found.id] } as unknown as HookRunOrder, () => {});
  return counted;
}

describe('the start latency of an event', () => {
  test('is that of its first script', async () => {
    expect(await latenciesOf({}, { after: 3 }, { after: 40 })).toEqual([3]);
  });

  test('leaves out a script that did not start, or may have started before', async () => {
    expect(await latenciesOf({}, { after: 1, duration: 0 }, { after: 2, retry: true }, { after: 7 })).toEqual(
      [7],
    );
  });

  test('is not counted where no message reported the change', async () => {
    expect(await latenciesOf({ initial: true }, { after: 3 })).toEqual([]);
    expect(await latenciesOf({ resync: true }, { after: 3 })).toEqual([]);
  });
});
