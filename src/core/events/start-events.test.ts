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
const addressAppeared: Change = { kind: 'addressAppeared', link, address: sampleAddress('192.168.1.101') };
const stateChanged: Change = {
  kind: 'operationalStateChanged',
  link,
  source: 'kernel',
  from: 'carrier',
  to: 'routable',
};
const startEvents = (
  changes: readonly Change[],
  onStart: OnStart,
  isBoot: boolean,
  after: State = sampleState(),
): string[] =>
  planStartEvents(changes, after, { onStart, isBoot }, options).map(
    (draft) => `${draft.link?.name ?? 'host'} ${draft.directory}${draft.initial ? '' : ' (not marked)'}`,
  );

describe('planStartEvents at boot', () => {
  test('boot causes events for the present states only', () => {
    const all = diff(emptyState('auto'), sampleState());
    for (const onStart of ['changed', 'replay'] as const) {
      expect(startEvents(all, onStart, true)).toEqual(['eth0 carrier', 'eth0 routable', 'eth0 configured']);
    }
  });

  test('boot causes no events with on_start: never', () => {
    expect(startEvents(diff(emptyState('auto'), sampleState()), 'never', true)).toEqual([]);
  });
});

describe('planStartEvents after a restart', () => {
  const changes = [gone, stateChanged, addressAppeared];

  test('a restart causes events for all changes', () => {
    expect(startEvents(changes, 'changed', false)).toEqual([
      'eth1 link-removed',
      'eth0 routable',
      'eth0 address-added',
    ]);
  });

  test('a restart without changes causes no events', () => {
    expect(startEvents([], 'changed', false)).toEqual([]);
  });

  test('replay adds the states of every link, each once, to the other changes', () => {
    expect(startEvents(changes, 'replay', false)).toEqual([
      'eth1 link-removed',
      'eth0 carrier',
      'eth0 routable',
      'eth0 configured',
      'eth0 address-added',
    ]);
    expect(startEvents([], 'replay', false)).toEqual(['eth0 carrier', 'eth0 routable', 'eth0 configured']);
  });

  test('replay puts link-added of a new link before its states', () => {
    const object = sampleLinkObject({ index: ifIndex(3), name: 'eth1' });
    const status = sampleLinkStatus({ index: ifIndex(3), name: 'eth1', operational: 'carrier' });
    const { administrative: _, administrativeSource: __, ...off } = status;
    const after = sampleState({
      kernelLinks: [sampleKernelLink(), sampleKernelLink({ object })],
      statuses: [sampleLinkStatus(), off],
    });
    const [appeared] = diff(sampleState(), after);
    if (appeared === undefined) throw new Error('no change');
    expect(startEvents([appeared], 'replay', false, after).filter((line) => line.startsWith('eth1'))).toEqual(
      ['eth1 link-added', 'eth1 carrier'],
    );
  });

  test('a restart causes no events with on_start: never', () => {
    expect(startEvents(changes, 'never', false)).toEqual([]);
  });
});
