import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { SeriesTree } from './series-tree.ts';

const contents = (tree: SeriesTree<number>): Record<string, number> =>
  Object.fromEntries([...tree.entries()].map(([values, leaf]) => [values.join(), leaf]));

describe('SeriesTree', () => {
  test('a tree without labels has one series', () => {
    const tree = new SeriesTree<number>([]);
    expect(tree.get([])).toBeUndefined();
    tree.set([], 3);
    tree.set([], 4);
    expect([tree.get([]), tree.size]).toEqual([4, 1]);
    expect([...tree.entries()]).toEqual([[[], 4]]);
  });

  test('values have the order of the labels, also if a wide label is innermost', () => {
    const tree = new SeriesTree<number>(['link', 'state'], ['link']);
    tree.set(['eth0', 'off'], 1);
    tree.set(['eth1', 'off'], 2);
    expect(contents(tree)).toEqual({ 'eth0,off': 1, 'eth1,off': 2 });
  });

  test('dropping a value removes its series and no others', () => {
    const tree = new SeriesTree<number>(['type', 'link', 'source'], ['link']);
    for (const link of ['a', 'b', 'c']) {
      tree.set(['x', link, 'k'], 1);
      tree.set(['y', link, 'b'], 1);
    }
    tree.delete(1, new Set(['a', 'b', 'k']));
    expect(contents(tree)).toEqual({ 'x,c,k': 1, 'y,c,b': 1 });
    expect(tree.size).toBe(2);
    tree.delete(0, new Set(['x']));
    expect(contents(tree)).toEqual({ 'y,c,b': 1 });
  });

  test('a tree behaves like a map of label sets after any operations', () => {
    const value = fc.constantFrom('', 'a', 'b', 'other');
    const step = fc.record({
      values: fc.tuple(value, value, value),
      leaf: fc.constantFrom(0, 1, 2),
      place: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const tree = new SeriesTree<number>(['one', 'two', 'three'], ['two']);
        const model = new Map<string, number>();
        for (const { values, leaf, place } of steps) {
          if (place === undefined) {
            tree.set(values, leaf);
            model.set(values.join(), leaf);
            continue;
          }
          const gone = values[place];
          tree.delete(place, new Set([gone]));
          for (const key of model.keys()) if (key.split(',')[place] === gone) model.delete(key);
        }
        expect(contents(tree)).toEqual(Object.fromEntries(model));
        expect(tree.size).toBe(model.size);
        for (const [key, leaf] of model) expect(tree.get(key.split(','))).toBe(leaf);
      }),
    );
  });
});
