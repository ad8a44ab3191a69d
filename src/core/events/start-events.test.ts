import { describe, expect, test } from 'bun:test';
import {
  sampleAddress,
  sampleKernelLink,
  sampleLinkObject,
  sampleLinkStatus,
  sampleState,
} from '../../testing/sample-state.ts';
import { diff } from '../diff/diff.ts';
import type { Change, LinkRef } from '../model/change.ts';
import { emptyState } from '../model/empty-state.ts';
import { generation, ifIndex } from '../model/ids.ts';
import type { State } from '../model/state.ts';
import type { EventOptions } from './plan-events.ts';
import { type OnStart, planStartEvents } from './start-events.ts';

const options: EventOptions = {
  isMonitored: () => true,
  reportsTable: () => true,
  ownProtocol: 140,
  initial: true,
  resync: false,
};
const eth1: LinkRef = { index: ifIndex(3), generation: generation(0), name: 'eth1' };
const gone: Change = {
  kind: 'linkVanished',
  link: eth1,
  last: sampleLinkStatus({ index: ifIndex(3), name: 'eth1', operational: 'off' }),
};
const { link } = { link: { index: ifIndex(2), generation: generation(0), name: 'eth0' } };
const addressCame: Change = { kind: 'addressAppeared', link, address: sampleAddress('192.168.1.101') };
const stateCame: Change = {
  kind: 'operationalStateChanged',
  link,
  source: 'kernel',
  from: 'carrier',
  to: 'routable',
};
const told = (
  changes: readonly Change[],
  onStart: OnStart,
  isBoot: boolean,
  after: State = sampleState(),
): string[] =>
  planStartEvents(changes, after, { onStart, isBoot }, options).map(
    (draft) => `${draft.link?.name ?? 'host'} ${draft.directory}${draft.initial ? '' : ' (not marked)'}`,
  );

describe('at boot', () => {
  test('the present states are told, and nothing else of what is there', () => {
    const all = diff(emptyState('auto'), sampleState());
    for (const onStart of ['changed', 'replay'] as const) {
      expect(told(all, onStart, true)).toEqual(['eth0 carrier', 'eth0 routable', 'eth0 configured']);
    }
  });

  test('nothing is told where hooks are not wanted at the start', () => {
    expect(told(diff(emptyState('auto'), sampleState()), 'never', true)).toEqual([]);
  });
});

describe('after a restart', () => {
  const changes = [gone, stateCame, addressCame];

  test('what has changed is told, of whatever kind', () => {
    expect(told(changes, 'changed', false)).toEqual([
      'eth1 link-removed',
      'eth0 routable',
      'eth0 address-added',
    ]);
  });

  test('nothing is told where nothing has changed', () => {
    expect(told([], 'changed', false)).toEqual([]);
  });

  test('replay tells the states of every link, each once, beside what else has changed', () => {
    expect(told(changes, 'replay', false)).toEqual([
      'eth1 link-removed',
      'eth0 carrier',
      'eth0 routable',
      'eth0 configured',
      'eth0 address-added',
    ]);
    expect(told([], 'replay', false)).toEqual(['eth0 carrier', 'eth0 routable', 'eth0 configured']);
  });

  test('replay tells of a link that came that it came, before its states', () => {
    const object = sampleLinkObject({ index: ifIndex(3), name: 'eth1' });
    const status = sampleLinkStatus({ index: ifIndex(3), name: 'eth1', operational: 'carrier' });
    const { administrative: _, administrativeSource: __, ...off } = status;
    const after = sampleState({
      kernelLinks: [sampleKernelLink(), sampleKernelLink({ object })],
      statuses: [sampleLinkStatus(), off],
    });
    const [came] = diff(sampleState(), after);
    if (came === undefined) throw new Error('it did not come');
    expect(told([came], 'replay', false, after).filter((line) => line.startsWith('eth1'))).toEqual([
      'eth1 link-added',
      'eth1 carrier',
    ]);
  });

  test('never tells nothing', () => {
    expect(told(changes, 'never', false)).toEqual([]);
  });
});
