import { describe, expect, test } from 'bun:test';
import { selectLinks } from './link-selection.ts';

const exclude = ['lo', 'docker*', 'veth*'];
const names = ['lo', 'eth0', 'eth1', 'wlan0', 'docker0', 'veth1234'];

const monitored = (patterns: Partial<Parameters<typeof selectLinks>[0]>): readonly string[] => {
  const selection = selectLinks({ interfaces: [], matchPatterns: [], exclude, ...patterns });
  return names.filter((name) => selection.isMonitored(name));
};

describe('selectLinks', () => {
  test('without names all links except the excluded ones are monitored', () => {
    expect(monitored({})).toEqual(['eth0', 'eth1', 'wlan0']);
  });

  test('with an empty exclude list all links are monitored', () => {
    expect(monitored({ exclude: [] })).toEqual(names);
  });

  test('exactly the named links are monitored, even if exclude matches them', () => {
    expect(monitored({ interfaces: ['eth0', 'docker0'] })).toEqual(['eth0', 'docker0']);
  });

  test('the list of names may contain globs', () => {
    expect(monitored({ interfaces: ['eth*'] })).toEqual(['eth0', 'eth1']);
  });

  test('links of both lists are monitored', () => {
    expect(monitored({ interfaces: ['lo'], matchPatterns: ['wl*'] })).toEqual(['lo', 'wlan0']);
  });

  test('with patterns exclude is ignored', () => {
    expect(monitored({ matchPatterns: ['veth*'] })).toEqual(['veth1234']);
  });
});
