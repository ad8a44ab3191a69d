import { expect, test } from 'bun:test';
import { waitUntil } from './wait-until.ts';

test('waitUntil asks until it gets an answer, and returns that, also a falsy one', async () => {
  const answers = [undefined, null, false, 0];
  expect(await waitUntil<number>('a number', () => answers.shift() as number | undefined)).toBe(0);
});

test('waitUntil asks again after an error', async () => {
  let calls = 0;
  const answer = await waitUntil('the second call', () => {
    calls++;
    if (calls === 1) throw new Error('not yet');
    return Promise.resolve('there');
  });
  expect([answer, calls]).toEqual(['there', 2]);
});

test('waitUntil gives up after its deadline, with what it waited for, the last error and the evidence', async () => {
  const failing = (): never => {
    throw new Error('no file');
  };
  const waiting = waitUntil('the file', failing, 5, () => Promise.resolve('the folder is empty'));
  await expect(waiting).rejects.toThrow(/the file\nlast error: no file\nthe folder is empty$/);
});
