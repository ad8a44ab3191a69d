import { describe, expect, test } from 'bun:test';
import { above, leaseDirectoriesOf, nameOf, parentOf, pathIn } from './lease-paths.ts';

describe('paths of lease files', () => {
  test('leaseDirectoriesOf returns each directory once, in the order of the patterns', () => {
    const directories = leaseDirectoriesOf(['/a/x*.leases', '/b/y', '/a/z.lease']);
    expect(directories.map(({ path }) => path)).toEqual(['/a', '/b']);
    const [a, b] = directories;
    const names = ['x.leases', 'x1.leases', 'x1.lease', 'z.lease', 'y'];
    expect(names.filter((name) => a?.matches(name))).toEqual(['x.leases', 'x1.leases', 'z.lease']);
    expect(names.filter((name) => b?.matches(name))).toEqual(['y']);
  });

  const paths: [path: string, parent: string, name: string, above: string[]][] = [
    ['/var/lib/dhcp', '/var/lib', 'dhcp', ['/var/lib', '/var', '/']],
    ['/x', '/', 'x', ['/']],
    ['/', '/', '', []],
  ];
  test.each(paths)('parentOf, nameOf and above split %p', (path, parent, name, ancestors) => {
    expect([parentOf(path), nameOf(path), above(path)]).toEqual([parent, name, ancestors]);
  });

  test('pathIn joins with one slash in the root directory', () => {
    expect([pathIn('/', 'x'), pathIn('/a', 'x')]).toEqual(['/x', '/a/x']);
  });
});
