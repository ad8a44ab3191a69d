import { expect, test } from 'bun:test';
import { listenDescriptor } from './listen-environment.ts';

test.each([
  [{ LISTEN_PID: '7', LISTEN_FDS: '1' }, 3],
  [{ LISTEN_PID: '8', LISTEN_FDS: '1' }, undefined],
  [{ LISTEN_PID: '7', LISTEN_FDS: '2' }, undefined],
  [{ LISTEN_PID: '7', LISTEN_FDS: '0' }, undefined],
  [{ LISTEN_PID: '7' }, undefined],
  [{ LISTEN_FDS: '1' }, undefined],
  [{}, undefined],
])('%j gives process 7 descriptor %p', (env, descriptor) => {
  expect(listenDescriptor(env, 7)).toBe(descriptor as number);
});
