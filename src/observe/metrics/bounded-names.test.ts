import { describe, expect, test } from 'bun:test';
import { type Instant, instant, millis } from '../../core/model/ids.ts';
import { BoundedNames } from './bounded-names.ts';

function namesWith(limit: number): { names: BoundedNames; admitted: string[]; expired: string[] } {
  const admitted: string[] = [];
  const expired: string[] = [];
  const names = new BoundedNames({
    limit,
    keepGone: millis(1000),
    onAdmitted: (name) => void admitted.push(name),
    onExpired: (gone) => void expired.push(...gone),
  });
  return { names, admitted, expired };
}
const at = (time: number): Instant => instant(time);

describe('BoundedNames', () => {
  test('names up to the limit are their own label, further names are other', () => {
    const { names, admitted } = namesWith(2);
    expect(['a', 'b', 'c', 'a', 'd'].map((name) => names.label(name, at(0)))).toEqual([
      'a',
      'b',
      'other',
      'a',
      'other',
    ]);
    expect(admitted).toEqual(['a', 'b']);
  });

  test('a vanished name keeps its label for a while', () => {
    const { names, expired } = namesWith(1);
    names.label('a', at(0));
    names.markGone('a', at(100));
    expect(names.label('b', at(1099))).toBe('other');
    expect(names.label('b', at(1100))).toBe('b');
    expect(expired).toEqual(['a']);
  });

  test('the absence of a name is measured from its start', () => {
    const { names, expired } = namesWith(5);
    names.label('a', at(0));
    names.markGone('a', at(100));
    names.markGone('a', at(900));
    names.reconcile(new Set(), at(1000));
    names.expire(at(1100));
    expect(expired).toEqual(['a']);
  });

  test('a name that returns in time keeps its series', () => {
    const { names, admitted, expired } = namesWith(5);
    names.label('a', at(0));
    names.markGone('a', at(100));
    names.reconcile(new Set(['a']), at(600));
    names.expire(at(5000));
    expect([admitted, expired]).toEqual([['a'], []]);
  });

  test('a name that returns too late starts again', () => {
    const { names, admitted, expired } = namesWith(5);
    names.label('a', at(0));
    names.markGone('a', at(100));
    names.reconcile(new Set(['a']), at(1100));
    expect([admitted, expired]).toEqual([['a', 'a'], ['a']]);
  });

  test('a name that is reported after it vanished gets its own label, for a while', () => {
    const { names, expired } = namesWith(5);
    expect(names.label('ghost', at(0))).toBe('ghost');
    names.reconcile(new Set(['a']), at(10));
    names.reconcile(new Set(['a']), at(1010));
    expect(expired).toEqual(['ghost']);
  });
});
