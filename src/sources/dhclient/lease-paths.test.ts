import { describe, expect, test } from 'bun:test';
import { above, nameOf, parentOf, pathIn, placesOf } from './lease-paths.ts';

describe('where lease files are', () => {
  test('each directory counts once, in the order of the patterns', () => {
    const places = placesOf(['/a/x*.leases', '/b/y', '/a/z.lease']);
    expect(places.map(({ directory }) => directory)).toEqual(['/a', '/b']);
    const [a, b] = places;
    const names = ['x.leases', 'x1.leases', 'x1.lease', 'z.lease', 'y'];
    expect(names.filter((name) => a?.matches(name))).toEqual(['x.leases', 'x1.leases', 'z.lease']);
    expect(names.filter((name) => b?.matches(name))).toEqual(['y']);
  });

  const paths: [path: string, parent: string, name: string, above: string[]][] = [
    ['/var/lib/dhcp', '/var/lib', 'dhcp', ['/var/lib', '/var', '/']],
    ['/x', '/', 'x', ['/']],
    ['/', '/', '', []],
  ];
  test.each(paths)('%p', (path, parent, name, ancestors) => {
    expect([parentOf(path), nameOf(path), above(path)]).toEqual([parent, name, ancestors]);
  });

  test('a file in the root directory has one slash', () => {
    expect([pathIn('/', 'x'), pathIn('/a', 'x')]).toEqual(['/x', '/a/x']);
  });
});
