import { expect, test } from 'bun:test';
import { Turns } from './timeline.ts';

test('one timeline at a time, and a bounded number that wait', async () => {
  const turns = new Turns();
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  };
  const all = Array.from({ length: 40 }, () => turns.take(work));
  const taken = all.filter((one) => one !== undefined);
  expect(taken).toHaveLength(16);
  await Promise.all(taken);
  expect(most).toBe(1);
  await turns.take(work);
});

test('one that fails keeps nobody from the next', async () => {
  const turns = new Turns();
  const failed = turns.take(() => Promise.reject(new Error('x')));
  expect(failed).rejects.toThrow('x');
  expect(await turns.take(() => Promise.resolve(1))).toBe(1);
});
