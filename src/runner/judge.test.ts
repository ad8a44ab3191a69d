import { expect, test } from 'bun:test';
import type { NativeUser } from '../platform/native.ts';
import { homeOf } from './judge.ts';

const user = (uid: number, home: string): NativeUser => ({ uid, gid: uid, groups: [], home });
const daemon = user(990, '/var/lib/netevd');

test("a hook with privileges never gets the daemon's home, where hooks without any can put a program's settings", () => {
  expect(homeOf(daemon, daemon)).toBe('/');
  // Another name for the same user.
  expect(homeOf(user(990, '/home/alias'), daemon)).toBe('/');
});

test('root and other users have their own', () => {
  expect(homeOf(user(0, '/root'), daemon)).toBe('/root');
  expect(homeOf(user(1000, '/home/a'), daemon)).toBe('/home/a');
  expect(homeOf(user(0, '/root'), user(0, '/root'))).toBe('/root');
});
