import { expect, test } from 'bun:test';
import { cursorOf, encodeQuery, fillPath, parseCursor } from './url.ts';

test('parameters of a path are encoded', () => {
  expect(fillPath('/api/v1/interfaces/{name}', { name: 'a/b ?' })).toBe('/api/v1/interfaces/a%2Fb%20%3F');
});

test('a path without its parameter is a bug', () => {
  expect(() => fillPath('/x/{id}', {})).toThrow();
});

test('a query leaves out what is undefined', () => {
  expect(encodeQuery({ a: 1, b: undefined, c: 'x y', d: false })).toBe('?a=1&c=x+y&d=false');
  expect(encodeQuery({ a: undefined })).toBe('');
});

test('the name of a record has two spellings', () => {
  expect(cursorOf('0192-ab/12')).toBe('0192-ab.12');
  expect(parseCursor('0192-ab.12')).toEqual({ epoch: '0192-ab', seq: 12 });
  expect(parseCursor('0192-ab/12')).toEqual({ epoch: '0192-ab', seq: 12 });
  expect(parseCursor('12')).toBeUndefined();
});
