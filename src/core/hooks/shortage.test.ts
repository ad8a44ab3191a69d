import { describe, expect, test } from 'bun:test';
import { millis } from '../model/ids.ts';
import { isShortage, retryDelay } from './shortage.ts';

describe('a shortage', () => {
  test('is an error of the moment, not of the script', () => {
    const codes = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE', 'ENOSPC', 'ETXTBSY'];
    expect(codes.filter((code) => !isShortage(code))).toEqual([]);
    expect(['ENOENT', 'EACCES', 'ENOEXEC', 'E2BIG', 'ELOOP', undefined].filter(isShortage)).toEqual([]);
  });

  test('is waited for longer and longer, up to five seconds', () => {
    const delays = [1, 2, 3, 7, 8, 100].map((attempts) => retryDelay('EAGAIN', attempts, millis(0)));
    expect(delays).toEqual([50, 100, 200, 3200, 5000, 5000].map(millis));
  });

  test('that lasts is the outcome', () => {
    expect(retryDelay('ENOMEM', 9, millis(599_999))).toBe(millis(5000));
    expect(retryDelay('ENOMEM', 9, millis(600_000))).toBeUndefined();
    expect(retryDelay('ETXTBSY', 9, millis(5000))).toBeUndefined();
    expect(retryDelay('ENOENT', 1, millis(0))).toBeUndefined();
  });
});
