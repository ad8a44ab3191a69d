import { describe, expect, test } from 'bun:test';
import { selectLinks } from './link-selection.ts';

const exclude = ['lo', 'docker*', 'veth*'];
const names = ['lo', 'eth0', 'eth1', 'wlan0', 'docker0', 'veth1234'];

const monitored = (patterns: Partial<Parameters<typeof selectLinks>[0]>): readonly string[] => {
  const selection = selectLinks({ interfaces: [], matchPatterns: [], exclude, ...patterns });
  return names.filter((name) => selection.isMonitored(name));
};

describe('the links that are monitored', () => {
  test('are all but the excluded ones where nothing is named', () => {
    expect(monitored({})).toEqual(['eth0', 'eth1', 'wlan0']);
  });

  test('are all where the list of excluded ones is empty', () => {
    expect(monitored({ exclude: [] })).toEqual(names);
  });

  test('are exactly the named ones, also when they are excluded', () => {
    expect(monitored({ interfaces: ['eth0', 'docker0'] })).toEqual(['eth0', 'docker0']);
  });

  test('may be named by globs', () => {
    expect(monitored({ interfaces: ['eth*'] })).toEqual(['eth0', 'eth1']);
  });

  test('are those of both lists', () => {
    expect(monitored({ interfaces: ['lo'], matchPatterns: ['wl*'] })).toEqual(['lo', 'wlan0']);
  });

  test('are those of the patterns alone, and exclude has no say', () => {
    expect(monitored({ matchPatterns: ['veth*'] })).toEqual(['veth1234']);
  });
});
