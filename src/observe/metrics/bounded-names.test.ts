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

describe('bounded names', () => {
  test('are themselves up to the limit, and others beyond it', () => {
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

  test('keep their place for a while after they are gone', () => {
    const { names, expired } = namesWith(1);
    names.label('a', at(0));
    names.markGone('a', at(100));
    expect(names.label('b', at(1099))).toBe('other');
    expect(names.label('b', at(1100))).toBe('b');
    expect(expired).toEqual(['a']);
  });

  test('count their absence from its beginning', () => {
    const { names, expired } = namesWith(5);
    names.label('a', at(0));
    names.markGone('a', at(100));
    names.markGone('a', at(900));
    names.reconcile(new Set(), at(1000));
    names.expire(at(1100));
    expect(expired).toEqual(['a']);
  });

  test('that come back in time keep their series', () => {
    const { names, admitted, expired } = namesWith(5);
    names.label('a', at(0));
    names.markGone('a', at(100));
    names.reconcile(new Set(['a']), at(600));
    names.expire(at(5000));
    expect([admitted, expired]).toEqual([['a'], []]);
  });

  test('that come back too late begin again', () => {
    const { names, admitted, expired } = namesWith(5);
    names.label('a', at(0));
    names.markGone('a', at(100));
    names.reconcile(new Set(['a']), at(1100));
    expect([admitted, expired]).toEqual([['a', 'a'], ['a']]);
  });

  test('that are reported for what is no longer there are not unknown, and do not stay for ever', () => {
    const { names, expired } = namesWith(5);
    expect(names.label('ghost', at(0))).toBe('ghost');
    names.reconcile(new Set(['a']), at(10));
    names.reconcile(new Set(['a']), at(1010));
    expect(expired).toEqual(['ghost']);
  });
});
