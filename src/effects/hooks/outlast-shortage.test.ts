import { describe, expect, test } from 'bun:test';
import { millis } from '../../core/model/ids.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { type RetriedCall, ShortageWaiter } from './outlast-shortage.ts';

interface Scene {
  readonly clock: ManualClock;
  readonly waiter: ShortageWaiter;
  readonly heard: string[];
}

function scene(): Scene {
  const clock = new ManualClock();
  const heard: string[] = [];
  const waiter = new ShortageWaiter(clock, {
    onShortage: (code, path) => heard.push(`${code} ${path}`),
    onShortageOver: () => heard.push('over'),
  });
  return { clock, waiter, heard };
}

/** Fails with each code in turn, then succeeds. */
function attempt(path: string, ...codes: readonly string[]): RetriedCall<string> & { tries: number } {
  return {
    path,
    tries: 0,
    run() {
      return codes[this.tries++] ?? 'started';
    },
    errnoOf: (result) => (result === 'started' ? undefined : result),
  };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await undefined;
};

describe('a start that meets a shortage', () => {
  test('is tried again until it succeeds, and is reported once', async () => {
    const { clock, waiter, heard } = scene();
    const start = attempt('/a', 'EAGAIN', 'EAGAIN', 'EMFILE');
    const done = waiter.outlast(start);
    expect(start.tries).toBe(1);
    for (const delay of [50, 100, 200]) {
      await settle();
      clock.advance(millis(delay));
    }
    expect(await done).toBe('started');
    expect(heard).toEqual(['EAGAIN /a', 'over']);
  });

  test('is over when nobody waits any more', async () => {
    const { clock, waiter, heard } = scene();
    const first = waiter.outlast(attempt('/a', 'ENOMEM'));
    const second = waiter.outlast(attempt('/b', 'ENOMEM', 'ENOMEM'));
    await settle();
    clock.advance(millis(50));
    expect(await first).toBe('started');
    await settle();
    clock.advance(millis(100));
    expect(await second).toBe('started');
    expect(heard.filter((line) => line !== 'over')).toEqual(['ENOMEM /a']);
    expect(heard.at(-1)).toBe('over');
  });

  test('fails at once for an error of the script', async () => {
    const { waiter, heard } = scene();
    const start = attempt('/a', 'ENOENT');
    expect([await waiter.outlast(start), start.tries, heard]).toEqual(['ENOENT', 1, []]);
  });

  test('is left to the next daemon when this one stops', async () => {
    const { waiter } = scene();
    const done = waiter.outlast(attempt('/a', 'EAGAIN', 'EAGAIN'));
    await settle();
    waiter.stop();
    expect(await done).toBe('stopped');
    expect(await waiter.outlast(attempt('/b', 'EAGAIN'))).toBe('stopped');
  });
});
