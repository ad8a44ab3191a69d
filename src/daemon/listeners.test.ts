import { expect, test } from 'bun:test';
import type { HookDirectory } from '../core/event.ts';
import { Listeners } from './listeners.ts';

test('a directory is looked up once in a step, and again in the next', () => {
  const asked: HookDirectory[] = [];
  let isThere = false;
  const listeners = new Listeners((directory) => {
    asked.push(directory);
    return isThere;
  });
  expect([listeners.hears('routes'), listeners.hears('routes'), listeners.hears('mtu')]).toEqual([
    false,
    false,
    false,
  ]);
  expect(asked).toEqual(['routes', 'mtu']);
  isThere = true;
  expect(listeners.hears('routes')).toBe(false);
  listeners.lookAgain();
  expect(listeners.hears('routes')).toBe(true);
});
