import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { isInterfaceName, isKernelInterfaceName } from './interface-name.ts';

describe('interface names', () => {
  const rows: [name: string, kernel: boolean, shown: boolean][] = [
    ['eth0', true, true],
    ['wan+1', true, true],
    ['eth0.100', true, true],
    ['br@lan', true, true],
    ['veth$(reboot)', true, true],
    ['a;b|c&d', true, true],
    ['-rf', true, true],
    ['...', true, true],
    ['網路', true, true],
    ['x'.repeat(15), true, true],
    ['x'.repeat(16), false, false],
    ['ééééééé', true, true],
    ['éééééééé', false, false],
    ['', false, false],
    ['.', false, false],
    ['..', false, false],
    ['a/b', false, false],
    ['eth0:1', false, false],
    ['a b', false, false],
    ['a\tb', false, false],
    ['a\nb', false, false],
    ['a\0b', false, false],
    ['a\x0bb', false, false],
    ['à', false, false],
    ['a\xa0b', false, false],
    ['a\x1b[2J', true, false],
    ['a\x7f', true, false],
    ['a\x01', true, false],
    ['a\u009b', true, false],
    ['a\ufffd', true, false],
    ['\\xff\\xfe', true, false],
    ['a\\xFF', true, true],
    ['a\ud800', false, false],
  ];
  for (const [name, kernel, shown] of rows) {
    test(`the kernel ${kernel ? 'accepts' : 'rejects'} ${JSON.stringify(name)} as a link name, hooks ${shown ? 'see' : 'do not see'} it`, () => {
      expect([isKernelInterfaceName(name), isInterfaceName(name)]).toEqual([kernel, shown]);
    });
  }

  test('an accepted link name is at most 15 bytes long', () => {
    const utf8 = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
        if (isKernelInterfaceName(name)) expect(utf8.encode(name).length).toBeLessThanOrEqual(15);
      }),
    );
  });
});
