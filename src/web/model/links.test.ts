import { describe, expect, test } from 'bun:test';
import { sampleEvent, sampleIso, sampleLink, sampleProblem } from '../../testing/api-samples.ts';
import { linkClass, stateClass } from './link-state.ts';
import {
  countStates,
  foldLinks,
  type Links,
  linksOf,
  listLinks,
  shownLinks,
  touchedLink,
  withLink,
  withoutLink,
} from './links.ts';

const linksWith = (...indexes: readonly number[]): Links =>
  new Map(indexes.map((index) => [index, sampleLink(index)]));

describe('a record', () => {
  test('of an operational state changes the link at once', () => {
    const after = foldLinks(linksWith(1, 2), sampleEvent(7));
    expect(after.get(2)).toMatchObject({ state: 'no-carrier', since: sampleIso(7) });
  });

  test('leaves every other link the same object', () => {
    const before = linksWith(1, 2);
    expect(foldLinks(before, sampleEvent(7)).get(1)).toBe(before.get(1) as never);
  });

  test.each([
    ['of a state that the link has already', sampleEvent(7, { event: 'routable', state: 'routable' })],
    ['of a setup state', sampleEvent(7, { event: 'configured', state: 'configured' })],
    ['that only carries the state along', sampleEvent(7, { event: 'address-added', state: 'degraded' })],
    ['of a link that is not known', sampleEvent(7, { index: 9, link: 'eth9' })],
    ['of the host', sampleEvent(7, { index: null, link: null, event: 'manager' })],
  ])('%s changes nothing', (_, record) => {
    const before = linksWith(1, 2);
    expect(foldLinks(before, record)).toBe(before);
  });

  test('of a link that is gone takes it away', () => {
    const gone = sampleEvent(7, { event: 'link-removed', state: 'missing' });
    expect([...foldLinks(linksWith(1, 2), gone).keys()]).toEqual([1]);
    expect(touchedLink(gone)).toBeUndefined();
  });

  test('of a rename keeps the link under its index', () => {
    const renamed = sampleEvent(7, { event: 'renamed', state: 'routable', link: 'wan0' });
    expect(foldLinks(linksWith(2), renamed).get(2)?.name).toBe('wan0');
  });

  test('names the link that has to be read again', () => {
    expect(touchedLink(sampleEvent(7))).toEqual({ name: 'eth2', index: 2 });
  });
});

describe('an answer', () => {
  test('keeps the objects of links that did not change', () => {
    const before = linksWith(1, 2);
    const after = linksOf(before, [sampleLink(1), sampleLink(2, { mtu: 9000 })]);
    expect(after.get(1)).toBe(before.get(1) as never);
    expect(after.get(2)?.mtu).toBe(9000);
  });

  test('that says nothing new changes nothing', () => {
    const before = linksWith(1);
    expect(withLink(before, sampleLink(1))).toBe(before);
    expect(withoutLink(before, 9)).toBe(before);
  });
});

describe('the order of links', () => {
  test('has those with a problem first, then the worse, then by index', () => {
    const links = new Map(
      [
        sampleLink(1),
        sampleLink(2, { state: 'off' }),
        sampleLink(3, { state: 'degraded' }),
        sampleLink(4, { state: 'no-carrier' }),
        sampleLink(5),
        sampleLink(6, { watched: false }),
      ].map((link) => [link.index, link]),
    );
    const { watched, notWatched } = listLinks(links, [sampleProblem('eth5')]);
    expect(watched.map(({ index }) => index)).toEqual([5, 4, 3, 1, 2]);
    expect(notWatched.map(({ index }) => index)).toEqual([6]);
  });

  test('shows the first ones, and the one that the timeline is filtered by', () => {
    const watched = [1, 2, 3].map((index) => sampleLink(index));
    const shown = (chosen: string): readonly number[] =>
      shownLinks(watched, 2, chosen).map(({ index }) => index);
    expect([shown(''), shown('eth2'), shown('eth3'), shown('eth9')]).toEqual([
      [1, 2],
      [1, 2],
      [3, 1, 2],
      [1, 2],
    ]);
  });

  test('counts states in that order', () => {
    expect(countStates([sampleLink(1, { state: 'no-carrier' }), sampleLink(2), sampleLink(3)])).toBe(
      '1 no-carrier, 2 routable',
    );
  });
});

test('a state has a class, also one that this page does not know', () => {
  expect(['routable', 'degraded', 'no-carrier', 'off', 'brand-new'].map(stateClass)).toEqual([
    'good',
    'partial',
    'bad',
    'off',
    'unknown',
  ]);
  expect(linkClass({ state: 'routable', setup: 'failed' })).toBe('bad');
});
