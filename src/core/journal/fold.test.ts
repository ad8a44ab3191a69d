import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { sampleEpoch } from '../../testing/collecting-engine.ts';
import { type KernelAction, KernelModel, kernelActionKinds } from '../../testing/kernel-model.ts';
import { canonical, project } from '../../testing/projection.ts';
import {
  sampleAddress,
  sampleEvent,
  sampleKernelLink,
  sampleLease,
  sampleLinkObject,
  sampleLinkStatus,
  sampleNetworkdLink,
  sampleRoute,
} from '../../testing/sample-state.ts';
import { diff } from '../diff/diff.ts';
import { emptyState } from '../model/empty-state.ts';
import type { Fact } from '../model/fact.ts';
import { generation, ifIndex, seq } from '../model/ids.ts';
import { AddressFlag } from '../model/kernel-objects.ts';
import type { State } from '../model/state.ts';
import { withFreshStatus } from '../reduce/derive-status.ts';
import { reduce } from '../reduce/reduce.ts';
import { type JournalEntry, type JournalSnapshot, journalVersion } from './entries.ts';
import { JournalFold } from './fold.ts';
import { restoreState } from './restore-state.ts';
import { diffSilentUpdate } from './silent-update.ts';

const number = fc.nat(11);
const deed: fc.Arbitrary<KernelAction> = fc.record({
  kind: fc.constantFrom(...kernelActionKinds),
  a: number,
  b: number,
  c: number,
});
const history = fc.array(deed, { minLength: 1, maxLength: 60 });

/** A state and its journal. Entries pass through JSON, as in a file. */
class Writer {
  state: State = emptyState('auto');
  readonly kept = new JournalFold();

  take(fact: Fact): this {
    const before = this.state;
    this.state = reduce(before, fact);
    const silentUpdate = diffSilentUpdate(before, this.state);
    const changes = diff(before, this.state).filter(({ kind }) => !kind.startsWith('rule'));
    this.add({
      kind: 'found',
      initial: true,
      changes,
      ...(silentUpdate && { silentUpdate }),
      events: [],
      superseded: [],
    });
    return this;
  }

  add(entry: JournalEntry): void {
    this.kept.add(JSON.parse(JSON.stringify(entry)) as JournalEntry);
  }

  live(deeds: readonly KernelAction[], model: KernelModel): this {
    this.take({ kind: 'kernelRead', snapshot: model.snapshot() });
    for (const each of deeds) for (const fact of model.apply(each)) this.take(fact);
    return this.take({ kind: 'kernelRead', snapshot: model.snapshot() });
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const again = (kept: JournalFold): JournalSnapshot =>
  JSON.parse(JSON.stringify(kept.snapshot())) as JournalSnapshot;
/** Without rules, which the journal does not contain; sorted, because links and routes have no fixed order. */
const known = (state: State): string => {
  const { links, routes, leases, hosts, host } = project(state);
  const sorted = [...links]
    .sort(([a], [b]) => a - b)
    .map(([i, link]) => [i, { ...link, addresses: [...link.addresses].sort(byText) }]);
  return canonical({
    sorted,
    routes: [...routes].sort(byText),
    leases: [...leases],
    hosts: [...hosts],
    host,
  });
};

describe('JournalFold: restored state', () => {
  test('the restored state equals the state that was journaled, after any history', () => {
    fc.assert(
      fc.property(history, (deeds) => {
        const writer = new Writer().live(deeds, new KernelModel());
        expect(known(restoreState(writer.kept.snapshot(), 'auto'))).toBe(known(writer.state));
      }),
      { numRuns: 300 },
    );
  });

  test('a journal snapshot that is written and read again is unchanged', () => {
    fc.assert(
      fc.property(history, (deeds) => {
        const { kept } = new Writer().live(deeds, new KernelModel());
        const next = new JournalFold();
        next.add({
          kind: 'opened',
          version: journalVersion,
          epoch: sampleEpoch,
          context: 'y',
          file: '0:0',
          snapshot: again(kept),
        });
        expect(again(next)).toEqual(again(kept));
      }),
      { numRuns: 200 },
    );
  });

  test('the restored state has no difference to a dump of the same network', () => {
    fc.assert(
      fc.property(history, (deeds) => {
        const model = new KernelModel();
        const { kept } = new Writer().live(deeds, model);
        const before = restoreState(again(kept), 'auto');
        const after = withFreshStatus(reduce(before, { kind: 'kernelRead', snapshot: model.snapshot() }));
        expect(diff(before, after).filter(({ kind }) => !kind.startsWith('rule'))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('the restored state differs from a dump by exactly what happened since', () => {
    fc.assert(
      fc.property(history, history, (deeds, meanwhile) => {
        const model = new KernelModel();
        const writer = new Writer().live(deeds, model);
        for (const each of meanwhile) model.apply(each);
        const snapshot = model.snapshot();
        const fact = { kind: 'kernelRead', snapshot } as const;
        const kept = restoreState(again(writer.kept), 'auto');
        const restarted = diff(kept, withFreshStatus(reduce(kept, fact)));
        const followed = diff(writer.state, reduce(writer.state, fact));
        // The restored state does not know how often the index of a vanished link was used.
        const lean = (changes: typeof followed): string[] =>
          changes
            .filter(({ kind }) => !kind.startsWith('rule'))
            .map((change) => canonical(change).replaceAll(/"generation":\d+/g, ''))
            .sort(byText);
        expect(lean(restarted)).toEqual(lean(followed));
      }),
      { numRuns: 300 },
    );
  });
});

const eth0 = { index: ifIndex(2), generation: generation(0), name: 'eth0' };
const appeared: JournalEntry = {
  kind: 'found',
  initial: true,
  changes: [{ kind: 'linkAppeared', link: eth0, object: sampleLinkObject(), status: sampleLinkStatus() }],
  events: [],
  superseded: [],
};
const keptAfter = (...entries: readonly JournalEntry[]): JournalSnapshot => {
  const kept = new JournalFold();
  for (const entry of entries) kept.add(entry);
  return kept.snapshot();
};
const found = (events: readonly number[], superseded: readonly number[] = []): JournalEntry => ({
  kind: 'found',
  changes: [],
  events: events.map((n) => sampleEvent({ seq: seq(n) })),
  superseded: superseded.map((n) => sampleEvent({ seq: seq(n) }).id),
});
const id = (n: number): ReturnType<typeof sampleEvent>['id'] => sampleEvent({ seq: seq(n) }).id;
const path = '/etc/netevd/routable.d/10-x';
const pendingOf = (whole: JournalSnapshot): [number, Record<string, string>][] =>
  whole.pending.map(({ event, scripts }) => [
    event.seq,
    Object.fromEntries(Object.entries(scripts).map(([name, { progress }]) => [name, progress])),
  ]);

describe('JournalFold: pending events', () => {
  const rows: readonly [
    what: string,
    entries: readonly JournalEntry[],
    expected: ReturnType<typeof pendingOf>,
  ][] = [
    ['contains an event of a finding', [found([1])], [[1, {}]]],
    ['does not contain a superseded event', [found([1]), found([2], [1])], [[2, {}]]],
    ['does not contain an event that is done', [found([1, 2]), { kind: 'done', id: id(1) }], [[2, {}]]],
    [
      'contains a merged event in place of its parts',
      [
        found([1, 2, 3]),
        { kind: 'taken', id: id(1), covers: [id(1), id(3)], event: sampleEvent({ seq: seq(1) }) },
      ],
      [
        [2, {}],
        [1, {}],
      ],
    ],
    [
      'contains a script that was about to start',
      [found([1]), { kind: 'starting', id: id(1), path }],
      [[1, { [path]: 'starting' }]],
    ],
    [
      'contains a script that recorded its own start',
      [found([1]), { kind: 'starting', id: id(1), path }, { kind: 'launched', id: id(1), path }],
      [[1, { [path]: 'launched' }]],
    ],
    [
      'contains a script that runs',
      [
        found([1]),
        { kind: 'starting', id: id(1), path },
        { kind: 'started', id: id(1), path, pid: 7, startTime: 9 },
      ],
      [[1, { [path]: 'started' }]],
    ],
    [
      'contains a script that has ended',
      [
        found([1]),
        { kind: 'started', id: id(1), path, pid: 7, startTime: 9 },
        { kind: 'finished', id: id(1), path },
      ],
      [[1, { [path]: 'finished' }]],
    ],
    [
      'does not contain a withdrawn script',
      [found([1]), { kind: 'starting', id: id(1), path }, { kind: 'withdrawn', id: id(1), path }],
      [[1, {}]],
    ],
    ['ignores an unknown event', [{ kind: 'starting', id: id(9), path }], []],
  ];
  for (const [what, entries, expected] of rows) {
    test(`the pending list ${what}`, () => expect(pendingOf(keptAfter(...entries))).toEqual(expected));
  }

  test('the newest number includes events that are done', () => {
    expect(keptAfter(found([4, 5]), { kind: 'done', id: id(5) }).lastSeq).toBe(seq(5));
  });
});

describe('JournalFold: details', () => {
  test('a journal is complete once the kernel has been read', () => {
    expect(keptAfter(found([])).complete).toBe(false);
    expect(keptAfter(appeared, found([])).complete).toBe(true);
  });

  test('managers and their last reports are restored as stale', () => {
    const report = sampleNetworkdLink({ administrative: 'unmanaged' });
    const whole = keptAfter(appeared, {
      kind: 'found',
      changes: [
        { kind: 'hostChanged', source: 'systemd-networkd', from: {}, to: { OperationalState: 'routable' } },
      ],
      silentUpdate: { objects: [], networkd: [[ifIndex(2), report]], networkManager: [] },
      events: [],
      superseded: [],
    });
    const { networkd, networkManager } = restoreState(whole, 'auto');
    expect([networkd.freshness, networkManager.freshness]).toEqual(['stale', 'absent']);
    expect(networkd.links.get(ifIndex(2))).toEqual(report);
    expect(networkd.host).toEqual({ OperationalState: 'routable' });
  });

  test('a lease is stored until it ends', () => {
    const change = (from: ReturnType<typeof sampleLease> | undefined, to: typeof from): JournalEntry => ({
      kind: 'found',
      changes: [{ kind: 'leaseChanged', interfaceName: 'eth0', family: 4, from, to }],
      events: [],
      superseded: [],
    });
    const lease = sampleLease();
    expect(keptAfter(change(undefined, lease)).leases).toEqual([lease]);
    expect(keptAfter(change(undefined, lease), change(lease, undefined)).leases).toEqual([]);
  });

  test('the newest object of a link is stored', () => {
    const object = sampleLinkObject({ flags: 0x1003 });
    const silentUpdate = { objects: [object], networkd: [], networkManager: [] };
    const whole = keptAfter(appeared, {
      kind: 'found',
      changes: [],
      silentUpdate,
      events: [],
      superseded: [],
    });
    expect(whole.links[0]?.object.flags).toBe(0x1003);
  });

  test('the newest flags of an address are stored even without an event', () => {
    const address = sampleAddress('192.168.1.100');
    const deprecated = { ...address, flags: address.flags | AddressFlag.deprecated };
    const came: JournalEntry = {
      kind: 'found',
      changes: [{ kind: 'addressAppeared', link: eth0, address }],
      events: [],
      superseded: [],
    };
    const silentUpdate = { objects: [], addresses: [deprecated], networkd: [], networkManager: [] };
    const later: JournalEntry = { kind: 'found', changes: [], silentUpdate, events: [], superseded: [] };
    expect(keptAfter(appeared, came, later).links[0]?.addresses).toEqual([deprecated]);
  });

  test('the generation of a vanished link is stored as long as it has a pending event', () => {
    const gone: JournalEntry = {
      kind: 'found',
      changes: [{ kind: 'linkVanished', link: eth0, last: sampleLinkStatus() }],
      events: [sampleEvent({ seq: seq(1), directory: 'link-removed' })],
      superseded: [],
    };
    expect(keptAfter(appeared, gone).generations).toEqual([[ifIndex(2), generation(0)]]);
    expect(keptAfter(appeared, gone, { kind: 'done', id: id(1) }).generations).toEqual([]);
  });

  test('a change of an earlier link with the same index is ignored', () => {
    const earlier = { ...eth0, generation: generation(4) };
    const mtu: JournalEntry = {
      kind: 'found',
      changes: [{ kind: 'mtuChanged', link: earlier, from: 1500, to: 9000 }],
      events: [],
      superseded: [],
    };
    expect(keptAfter(appeared, mtu).links[0]?.status.mtu).toBe(sampleLinkStatus().mtu);
  });

  test('routes with the same key are separate', () => {
    const [one, two] = [sampleRoute(), sampleRoute({ protocol: 99 })];
    const entry = (kind: 'routeAppeared' | 'routeVanished', route: typeof one): JournalEntry => ({
      kind: 'found',
      changes: [{ kind, route }],
      events: [],
      superseded: [],
    });
    const both = [entry('routeAppeared', one), entry('routeAppeared', two)];
    expect(keptAfter(...both).routes).toEqual([one, two]);
    expect(keptAfter(...both, entry('routeVanished', one)).routes).toEqual([two]);
  });
});

describe('diffSilentUpdate', () => {
  const before = reduce(emptyState('auto'), {
    kind: 'kernelRead',
    snapshot: { links: [sampleLinkObject()], drivers: new Map(), addresses: [], routes: [], rules: [] },
  });

  test('a silent update does not report new statistics', () => {
    const { statistics } = sampleLinkObject();
    const counted = reduce(before, {
      kind: 'linkObserved',
      link: { ...sampleLinkObject(), ...(statistics && { statistics: { ...statistics, rxPackets: 99 } }) },
    });
    expect(diffSilentUpdate(before, before)).toBeUndefined();
    expect(diffSilentUpdate(before, counted)).toBeUndefined();
  });

  test('a silent update contains a changed link without statistics', () => {
    const after = reduce(before, { kind: 'linkObserved', link: sampleLinkObject({ promiscuity: 1 }) });
    expect(diffSilentUpdate(before, after)?.objects).toMatchObject([{ promiscuity: 1 }]);
    expect(diffSilentUpdate(before, after)?.objects[0]).not.toHaveProperty('statistics');
  });

  test('a silent update contains an address with new flags that is still ready, and no other', () => {
    const observed = (state: State, flags: number, validLifetime: number = 100): State =>
      reduce(state, {
        kind: 'addressObserved',
        address: sampleAddress('2001:db8::1', { flags, validLifetime }),
      });
    const { deprecated, permanent, tentative } = AddressFlag;
    const there = observed(before, permanent);
    const seen = (after: State): readonly number[] | undefined =>
      diffSilentUpdate(there, after)?.addresses?.map(({ flags }) => flags);
    expect(seen(observed(there, permanent | deprecated))).toEqual([permanent | deprecated]);
    expect(seen(observed(there, permanent, 50))).toBeUndefined();
    expect(seen(observed(there, permanent | tentative))).toBeUndefined();
    expect(diffSilentUpdate(before, there)).toBeUndefined();
  });

  test('a silent update does not contain a new link', () => {
    expect(diffSilentUpdate(emptyState('auto'), before)).toBeUndefined();
    expect(sampleKernelLink().generation).toBe(generation(0));
  });
});
